"""The test run's settings: the same program, with cheap passwords and a database file of its own."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("SECRET_KEY", "test-only-secret-key-test-only-secret-key")
os.environ.setdefault("PUBLIC_URL", "http://testserver")
os.environ.setdefault("ALLOWED_HOSTS", "testserver,localhost,127.0.0.1")

from breathecode.settings.base import *  # noqa: F403
from breathecode.settings.base import DATABASES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Static files straight from the packages: collectstatic is not run in tests.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: threads and worker processes of the tests must see the same rows.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(tempfile.mkdtemp(prefix="live-classes-")) / "test.sqlite3")}
else:
    # A pool would keep connections open that DROP DATABASE then trips over.
    DATABASES["default"]["OPTIONS"].pop("pool", None)
STATIC_ROOT = Path(tempfile.mkdtemp(prefix="live-classes-static-"))
