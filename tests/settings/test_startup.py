"""A wrong setting stops the start with a sentence (rule O3)."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.support.processes import ROOT

pytestmark = pytest.mark.any_database

KEY = "only-for-this-test-0123456789-0123456789-0123456789"
SECRET = "hunter2"
NAMES = [
    "SECRET_KEY",
    "DEBUG",
    "ALLOWED_HOSTS",
    "PUBLIC_URL",
    "DATABASE_URL",
    "CACHE_URL",
    "CELERY_BROKER_URL",
    "EMAIL_URL",
    "DEFAULT_FROM_EMAIL",
    "LOG_FORMAT",
    "PORT",
    "DJANGO_SETTINGS_MODULE",
    "TRUSTED_PROXY_COUNT",
    "TOKEN_LIFETIME_HOURS",
]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of the program without the `var/` of this one, whose secret key would stand in for a missing one."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "breathecode", folder / "breathecode", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("manage.py", "gunicorn.conf.py"):
        shutil.copy(ROOT / name, folder)
    return folder


def run(checkout, *command, **variables):
    environment = {name: value for name, value in os.environ.items() if name not in NAMES}
    return subprocess.run(
        [sys.executable, *command],
        cwd=checkout,
        env={**environment, "PYTHONWARNINGS": "ignore", **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DEBUG", "yes", "('yes') is not valid. Expected true or false."),
        ("DEBUG", "1", "('1') is not valid. Expected true or false."),
        ("PORT", "abc", "('abc') is not valid. Expected a whole number from 1 to 65535."),
        ("PORT", "70000", "('70000') is not valid. Expected a whole number from 1 to 65535."),
        ("WEB_THREADS", "0", "('0') is not valid. Expected a whole number from 1 to 100."),
        ("WEB_THREADS", "many", "('many') is not valid. Expected a whole number from 1 to 100."),
        ("DATABASE_URL", "foo", "Expected a URL like postgres://user@host/name."),
        ("DATABASE_URL", f"mysql://me:{SECRET}@host/name", "Expected a URL like postgres://user@host/name."),
        ("DATABASE_URL", f"postgres://me:{SECRET}@host:port/name", "Expected a URL like"),
        ("DATABASE_URL", f"postgres://me:{SECRET}@host", "a database name"),
        ("DATABASE_URL", "sqlite://:memory:", "is not valid"),
        ("CELERY_BROKER_URL", f"http://{SECRET}", "Expected a URL like redis://host:6379/0."),
        ("CACHE_URL", f"memcached://{SECRET}", "Expected a URL like redis://127.0.0.1:6379/1."),
        ("EMAIL_URL", f"pop3://me:{SECRET}@host", "Expected a URL like smtp://user:password@host:587."),
        ("PUBLIC_URL", "classes.example.org", "Expected a URL like https://classes.example.org."),
        ("ALLOWED_HOSTS", " , ", "Expected one or more values, separated by commas."),
        ("DEFAULT_FROM_EMAIL", "nobody", "Expected an e-mail address."),
        ("CORS_ALLOWED_ORIGINS", "https://a.org/app", "Expected origins like https://app.example.org"),
        ("CORS_ALLOWED_ORIGINS", "https://a.org,*", "Expected origins like https://app.example.org"),
        ("CORS_ALLOWED_ORIGINS", "https://*.a.org", "Expected origins like https://app.example.org"),
        ("CORS_ALLOWED_ORIGINS", "app.example.org", "Expected origins like https://app.example.org"),
        ("CORS_ALLOWED_ORIGINS", "https://a.org:port", "Expected origins like https://app.example.org"),
        ("UNKNOWN_INPUT", "allow", "('allow') is not valid. Expected one of refuse, ignore."),
        ("LOG_FORMAT", "xml", "('xml') is not valid. Expected one of json, console."),
        ("TRUSTED_PROXY_COUNT", "-1", "Expected a whole number from 0 to 10."),
        ("TOKEN_LIFETIME_HOURS", "99999999", "Expected a whole number from 1 to 87840."),
    ],
)
def test_a_wrong_value(checkout, name, value, expected):
    """O3: any command ends with one line that names the variable and what is expected, and no secret."""
    ended = run(checkout, "manage.py", "check", **{"SECRET_KEY": KEY, name: value})
    assert (ended.returncode, ended.stdout) == (1, "")
    (sentence,) = ended.stderr.splitlines()
    assert sentence.startswith(f"Cannot start: The environment variable {name}")
    assert expected in sentence
    assert SECRET not in sentence


@pytest.mark.parametrize("key", ["", "short"])
def test_no_secret_has_a_default(checkout, key):
    """O3: without DEBUG there is no start without a key, nor with one that can be guessed."""
    ended = run(checkout, "manage.py", "check", SECRET_KEY=key)
    assert ended.returncode == 1
    (sentence,) = ended.stderr.splitlines()
    assert sentence.startswith("Cannot start:")
    assert "SECRET_KEY" in sentence
    assert "at least 32 random characters" in sentence
    assert run(checkout, "manage.py", "check", DEBUG="true").returncode == 0


@pytest.mark.parametrize(
    "command",
    [
        ("-m", "celery", "-A", "breathecode.celery", "worker", "-l", "info"),
        ("-m", "gunicorn", "-c", "gunicorn.conf.py", "breathecode.asgi"),
        ("manage.py", "build_live_classes"),
    ],
    ids=["worker", "web", "command"],
)
def test_every_door_says_so_once_and_gives_up(checkout, command):
    """O3: the documented commands too, without a traceback."""
    ended = run(checkout, *command, SECRET_KEY=KEY, DATABASE_URL=f"foo://{SECRET}")
    assert ended.returncode == 1
    written = ended.stdout + ended.stderr
    assert written.count("Cannot start: The environment variable DATABASE_URL is not valid.") == 1
    assert "Traceback" not in written
    assert SECRET not in written


def test_another_wsgi_server_hears_it_too(checkout):
    """O3: with the exit code on which gunicorn's master gives up instead of trying for ever."""
    ended = run(checkout, "-c", "import breathecode.wsgi", SECRET_KEY=KEY, PUBLIC_URL="x")
    assert ended.returncode == 3
    assert ended.stderr.startswith("Cannot start: The environment variable PUBLIC_URL")


def test_a_traceback_shows_no_secret(checkout):
    """O3: where somebody loads Django by hand and does get one."""
    script = "import django; django.setup()"
    variables = {"SECRET_KEY": KEY, "DJANGO_SETTINGS_MODULE": "breathecode.settings.base"}
    ended = run(checkout, "-c", script, **variables, DATABASE_URL=f"postgres://me:{SECRET}@host:port/name")
    assert ended.returncode == 1
    assert "DATABASE_URL is not valid" in ended.stderr
    assert SECRET not in ended.stderr


@pytest.mark.parametrize("address", ["https://classes.example.org", "http://classes.example.org", "https://8.8.8.8"])
def test_the_published_key_serves_no_public_address(checkout, address):
    """O3: DEBUG=true without a key of one's own starts at home alone; with one, anywhere."""
    ended = run(checkout, "manage.py", "check", DEBUG="true", PUBLIC_URL=address)
    assert ended.returncode == 1
    (sentence,) = ended.stderr.splitlines()
    assert sentence.startswith("Cannot start: PUBLIC_URL contains the public host")
    assert "SECRET_KEY" in sentence
    assert run(checkout, "manage.py", "check", DEBUG="true", PUBLIC_URL=address, SECRET_KEY=KEY).returncode == 0


@pytest.mark.parametrize(
    "address", ["https://localhost:8443", "http://192.168.1.5:8000", "https://web", "http://127.0.0.1:1"]
)
def test_the_published_key_serves_at_home(checkout, address):
    """O3: on this machine and in this house."""
    assert run(checkout, "manage.py", "check", DEBUG="true", PUBLIC_URL=address).returncode == 0


BACKEND = "from django.conf import settings; print(settings.EMAIL_BACKEND)"


@pytest.mark.parametrize(
    ("variables", "backend", "warned"),
    [
        ({}, "breathecode.notify.backends.NoMailServer", True),
        ({"DEBUG": "true"}, "django.core.mail.backends.console.EmailBackend", False),
        ({"EMAIL_URL": "consolemail://console"}, "django.core.mail.backends.console.EmailBackend", False),
        ({"EMAIL_URL": "smtp://127.0.0.1:25"}, "django.core.mail.backends.smtp.EmailBackend", False),
    ],
)
def test_where_mails_go(checkout, variables, backend, warned):
    """O3, U4: to the log only in development, or where somebody asks for it; else they wait, and the start says so."""
    given = {"SECRET_KEY": KEY, "DJANGO_SETTINGS_MODULE": "breathecode.settings.base", **variables}
    assert run(checkout, "-c", BACKEND, **given).stdout.strip() == backend
    checked = run(checkout, "manage.py", "check", **given)
    assert ("EMAIL_URL is not set: mails wait in the outbox" in checked.stderr) == warned
    assert checked.returncode == 0
