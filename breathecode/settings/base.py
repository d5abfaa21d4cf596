"""Every setting, read from the environment in one place. docs/configuration.md holds the same table."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from breathecode.common.i18n.zone_data import use_newest_zone_data
from breathecode.settings import environment as read

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = BASE_DIR / "var"

# --- Web -----------------------------------------------------------------------------------------
DEBUG = read.boolean("DEBUG", default=False)
SECRET_KEY = read.secret_key(VAR_DIR / "secret_key", development_default=read.DEVELOPMENT_KEY if DEBUG else None)
if not DEBUG and len(SECRET_KEY) < 32:
    raise ImproperlyConfigured("SECRET_KEY is too short: at least 32 random characters are needed.")
# Former keys: what they signed is still accepted, so that links in mails outlive a change of the key.
SECRET_KEY_FALLBACKS = read.keys("SECRET_KEY_FALLBACKS")
PORT = read.integer("PORT", 8000, maximum=65535)
WEB_THREADS = read.integer("WEB_THREADS", 4, maximum=100)  # of each process of the web server
PUBLIC_URL = read.url(
    "PUBLIC_URL", f"http://localhost:{PORT}", schemes=("http", "https"), example="https://classes.example.org"
)
read.refuse_published_key(SECRET_KEY, public_url=PUBLIC_URL)
ALLOWED_HOSTS = read.comma_list(
    "ALLOWED_HOSTS",
    ",".join(["localhost", "127.0.0.1", "[::1]", urlsplit(PUBLIC_URL).hostname or "localhost"]),
)
CSRF_TRUSTED_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(PUBLIC_URL))]
# The number of reverse proxies that append to X-Forwarded-For; 0: use the socket's address.
TRUSTED_PROXY_COUNT = read.integer("TRUSTED_PROXY_COUNT", 0, minimum=0, maximum=10)
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# An https address means: only over https. This program speaks plain HTTP, so a proxy in front ends TLS and says so
# with X-Forwarded-Proto. Probes come past it; for them there is nothing to protect and nowhere to be sent.
_HTTPS = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SECURE_SSL_REDIRECT = read.boolean("SECURE_SSL_REDIRECT", default=_HTTPS)
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)/?$"]
SECURE_HSTS_SECONDS = read.integer("SECURE_HSTS_SECONDS", 30 * 24 * 3600 if _HTTPS else 0, minimum=0)
# HSTS for subdomains and preload lists is decided for the whole domain, in the proxy.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Everything comes from this origin, and nothing is inline. No form-action: browsers apply it to redirects too, and the
# sign-in form redirects to the meeting, on any host.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "https:"],  # an academy's logo
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

ROOT_URLCONF = "breathecode.urls"
WSGI_APPLICATION = "breathecode.wsgi.application"
APPEND_SLASH = True
CSRF_FAILURE_VIEW = "breathecode.common.api.exception_handler.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # bytes of a request body

# --- Apps ----------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "breathecode.authenticate.apps.LimitedAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "corsheaders",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "lucide",
    "template_partials",
    "breathecode.common",
    "breathecode.notify",
    "breathecode.authenticate",
    "breathecode.jobs",
    "breathecode.admissions",
    "breathecode.events",
    "breathecode.schedules",
    "breathecode.attendance",
    "breathecode.calendars",
    "breathecode.reminders",
    "breathecode.history",
    "breathecode.feedback",
    "breathecode.demo",
    "breathecode.pages",
]
MIDDLEWARE = [
    "breathecode.common.observability.request_log.RequestLogMiddleware",
    "breathecode.common.observability.metrics.RequestMetricsMiddleware",
    "breathecode.common.http.cors.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "breathecode.common.http.pages.PageCSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "breathecode.common.http.trailing_slash.OptionalTrailingSlashMiddleware",
    "breathecode.common.http.language.LanguageMiddleware",
    "breathecode.common.http.actor.ActorMiddleware",
    "breathecode.common.http.json_cache.JsonCacheMiddleware",
    "breathecode.pages.middleware.ErrorPageMiddleware",
    "breathecode.common.http.database_retry.DatabaseRetryMiddleware",
    "breathecode.common.http.body_limit.BodyLimitMiddleware",
    "breathecode.common.http.look_ahead.LookAheadMiddleware",
    "breathecode.common.http.pages.PageSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "breathecode.common.http.pages.PageAuthenticationMiddleware",
    "breathecode.common.http.pages.PageMessageMiddleware",
    "breathecode.common.http.pages.PageHtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Data ----------------------------------------------------------------------------------------
DATABASES = {"default": read.database(f"sqlite:///{VAR_DIR / 'live-classes.sqlite3'}", web_threads=WEB_THREADS)}
# Whether PostgreSQL keeps the statements of lists and joins (common/db/postgresql/prepared_cursor.py).
DATABASE_PREPARED_STATEMENTS = read.boolean("DATABASE_PREPARED_STATEMENTS", default=True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# "requests" counts what users ask for in a minute: beside the lists, since a full cache in memory drops old entries.
CACHES = {"default": read.cache("breathecode"), "requests": read.cache("breathecode-requests", entries=10_000)}

# --- Language and time ---------------------------------------------------------------------------
LANGUAGE_CODE = "en"
# Before the catalogues of the apps and of Django: what Django says otherwise than this product.
LOCALE_PATHS = [BASE_DIR / "breathecode" / "locale"]
USE_I18N = True
LANGUAGES = [("en", "English"), ("es", "español")]
LOGIN_URL = "/sign-in"
USE_TZ = True
TIME_ZONE = "UTC"
# The version that every zone has here (rule G16). Settings are what each process reads before it converts a time.
TIME_ZONE_DATA_VERSION = use_newest_zone_data()

# --- Accounts ------------------------------------------------------------------------------------
AUTH_USER_MODEL = "authenticate.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
TOKEN_LIFETIME_HOURS = read.integer("TOKEN_LIFETIME_HOURS", 24 * 14, maximum=24 * 3660)
INVITATION_LIFETIME_HOURS = read.integer("INVITATION_LIFETIME_HOURS", 24 * 7, maximum=24 * 90)
PASSWORD_RESET_LIFETIME_HOURS = read.integer("PASSWORD_RESET_LIFETIME_HOURS", 2, maximum=24 * 7)
# Requests for a new password within an hour.
PASSWORD_RESETS_PER_ACCOUNT = read.integer("PASSWORD_RESETS_PER_ACCOUNT", 5)
PASSWORD_RESETS_PER_ADDRESS = read.integer("PASSWORD_RESETS_PER_ADDRESS", 50)
# Longer than a course: a feed whose token expires leaves a calendar silently out of date.
CALENDAR_TOKEN_LIFETIME_DAYS = read.integer("CALENDAR_TOKEN_LIFETIME_DAYS", 365 * 3)
# Wrong passwords within one window; a right one is never counted.
LOGIN_FAILURES_PER_ACCOUNT = read.integer("LOGIN_FAILURES_PER_ACCOUNT", 10)
LOGIN_FAILURES_PER_ADDRESS = read.integer("LOGIN_FAILURES_PER_ADDRESS", 50)
LOGIN_FAILURE_WINDOW_SECONDS = read.integer("LOGIN_FAILURE_WINDOW_SECONDS", 300)
# Requests by one user within a minute; 0: any number.
JOINS_PER_MINUTE = read.integer("JOINS_PER_MINUTE", 60, minimum=0)
FEEDS_PER_MINUTE = read.integer("FEEDS_PER_MINUTE", 300, minimum=0)

# --- API -----------------------------------------------------------------------------------------
LIST_DEFAULT_LIMIT = read.integer("LIST_DEFAULT_LIMIT", 100, maximum=1000)
OWN_LIST_DEFAULT_LIMIT = read.integer("OWN_LIST_DEFAULT_LIMIT", 1000, maximum=1000)
# A field or a query parameter that a route does not know: refused by name, or left alone.
UNKNOWN_INPUT = read.choice("UNKNOWN_INPUT", "refuse", ("refuse", "ignore"))
# Web front ends of other origins. They send a token and no cookie, so credentials stay off.
CORS_ALLOWED_ORIGINS = read.origins("CORS_ALLOWED_ORIGINS")
CORS_URLS_REGEX = r"^/v1/"
CORS_ALLOW_METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE"]
CORS_ALLOW_HEADERS = [
    "accept",
    "accept-language",
    "academy",
    "authorization",
    "content-type",
    "if-match",
    "if-none-match",
]
CORS_EXPOSE_HEADERS = ["Link", "X-Total-Count", "X-Per-Page", "Retry-After", "ETag", "X-Request-Id"]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["breathecode.authenticate.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["breathecode.authenticate.api.permissions.DenyAll"],
    "DEFAULT_RENDERER_CLASSES": ["breathecode.common.api.renderers.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["breathecode.common.api.parsers.OrjsonParser"],
    "DEFAULT_PAGINATION_CLASS": "breathecode.common.api.pagination.Pagination",
    "DEFAULT_SCHEMA_CLASS": "breathecode.common.api.schema.Schema",
    "DEFAULT_METADATA_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,  # ?format= is an unknown parameter like any other (rule H7)
    "DEFAULT_FILTER_BACKENDS": ["breathecode.common.api.filters.FilterBackend"],
    "EXCEPTION_HANDLER": "breathecode.common.api.exception_handler.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Live Classes",
    "VERSION": "1",
    "DESCRIPTION": "Generates live classes from the time slots of cohorts. See docs/api.md for the workflows.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "SCHEMA_PATH_PREFIX": "/v1",
    "PATH_CONVERTER_OVERRIDES": {"id": {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}},  # common.ids
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "breathecode.pages.schema.add_join_pages",
        "breathecode.authenticate.api.schema.add_security_schemes",
    ],
    "ENUM_NAME_OVERRIDES": {
        "AttendanceMark": "breathecode.attendance.models.Mark",
        "AcademyRole": "breathecode.authenticate.roles.ROLE_CHOICES",
        "PersonStatus": "breathecode.authenticate.api.filters.ACCOUNT_STATUSES",
        "CohortRole": "breathecode.admissions.models.CohortUser.Role",
        "LiveClassStatus": "breathecode.events.models.LiveClass.Status",
        "JobState": "breathecode.jobs.models.Job.State",
        "SyllabusVersionStatus": "breathecode.admissions.models.SyllabusVersion.Status",
    },
}

# --- Schedule ------------------------------------------------------------------------------------
GENERATION_HORIZON_DAYS = read.integer("GENERATION_HORIZON_DAYS", 180, maximum=3660)

# --- Tasks ---------------------------------------------------------------------------------------
CELERY_BROKER_URL = read.url(
    "CELERY_BROKER_URL",
    "memory://localhost",
    schemes=("redis", "rediss", "amqp", "amqps", "memory"),
    example="redis://host:6379/0",
)
# Without a broker, tasks run in this process: at once in a command or a shell, and on a worker thread
# of its own in the web server (breathecode.celery.start_embedded_worker turns this off there).
CELERY_TASK_ALWAYS_EAGER = CELERY_BROKER_URL.startswith("memory:")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
# A task whose process is killed is not queued again: one that kills each process would be queued without end. The
# sweeps find its work, as that of any lost message; a task without a sweep sets it for itself.
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Celery closes the connections after each task, and with them the process's pool: one more connection for each task.
# With this it does so after as many tasks; in between they go back to the pool (`breathecode.celery`).
CELERY_DB_REUSE_MAX = 1000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A request never waits for a broker that is down: the sweep finds what the queue lost.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_TIMEOUT = 0.5  # seconds
# A worker notices a broker that vanished without a word, and connects again within a minute: it pauses for up to 30
# seconds between its tries.
CELERY_BROKER_HEARTBEAT = 10  # seconds, of AMQP
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, float] = {"max_retries": 0}
QUEUE_PUBLISH_TRANSPORT_OPTIONS: dict[str, float] = {}
if CELERY_BROKER_URL.startswith("redis"):
    CELERY_BROKER_TRANSPORT_OPTIONS |= {"socket_connect_timeout": 0.5, "visibility_timeout": 600}  # seconds
    # For an answer. A worker that waits for work sends a command that Redis answers after a second.
    CELERY_BROKER_TRANSPORT_OPTIONS |= {"socket_timeout": 10, "health_check_interval": 5}
    QUEUE_PUBLISH_TRANSPORT_OPTIONS |= {"socket_timeout": 0.3}  # seconds for an answer; AMQP waits for none
SWEEP_INTERVAL_SECONDS = read.integer("SWEEP_INTERVAL_SECONDS", 60, maximum=300)

# --- Mail ----------------------------------------------------------------------------------------
_email = read.email(development=DEBUG)
EMAIL_BACKEND: str = _email["EMAIL_BACKEND"]
EMAIL_HOST: str = _email.get("EMAIL_HOST", "localhost")
EMAIL_PORT: int | None = _email.get("EMAIL_PORT", 25)
EMAIL_HOST_USER: str = _email.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD: str = _email.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS: bool = _email.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL: bool = _email.get("EMAIL_USE_SSL", False)
# No request waits for the mail server, and one that gives up too early sends a slow server the same mail twice.
EMAIL_TIMEOUT = read.integer("EMAIL_TIMEOUT_SECONDS", 30, maximum=120)
DEFAULT_FROM_EMAIL = read.email_address("DEFAULT_FROM_EMAIL", f"no-reply@{urlsplit(PUBLIC_URL).hostname}")

# --- Files and logs ------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "breathecode.common.http.static_files.ManifestOrPlainStaticFilesStorage"},
}
LOG_FORMAT = read.choice("LOG_FORMAT", "console" if DEBUG else "json", ("json", "console"))
LOG_LEVEL = read.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING_CONFIG = "breathecode.common.observability.logs.configure"
LOGGING = {"format": LOG_FORMAT, "level": LOG_LEVEL}
TRACES_ENABLED = read.traces_enabled("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
os.environ.setdefault("PROMETHEUS_DISABLE_CREATED_SERIES", "true")  # half the lines of /metrics, of no use
