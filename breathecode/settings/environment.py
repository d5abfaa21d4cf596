"""Reads environment variables strictly: a wrong value stops the start with a sentence (rule O3)."""

import ipaddress
import os
from collections.abc import Callable
from email.utils import parseaddr
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")
DEVELOPMENT_KEY = "insecure-development-key"
_SQLITE = "django.db.backends.sqlite3"
# A request without a database is answered within 2 seconds (rule O6), and a database that is back is found soon: the
# pool would try again after pauses that grow to minutes. The backend itself checks what lies in the pool.
_POSTGRESQL: dict[str, Any] = {
    "pool": {"min_size": 0, "timeout": 1.5, "reconnect_timeout": 1},  # seconds
    "connect_timeout": 2,  # seconds, the least that libpq takes
    # A query that waits for a machine that is gone ends after half a minute.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # milliseconds
}


def _read(name: str, default: str | None, parse: Callable[[str], T], expected: str) -> T:
    # A secret must never be printed, so the message shows the value only where it names no credentials.
    raw = os.environ.get(name, "").strip() or default
    if raw is None:
        raise ImproperlyConfigured(f"Set the environment variable {name}: {expected}.")
    try:
        return parse(raw)
    except (ValueError, KeyError, ImproperlyConfigured):
        shown = "" if "URL" in name or "KEY" in name else f" ({raw!r})"
        # `from None`: the error behind it quotes the value, and a traceback would print that.
        raise ImproperlyConfigured(
            f"The environment variable {name}{shown} is not valid. Expected {expected}."
        ) from None


def text(name: str, default: str) -> str:
    return _read(name, default, str, "a string")


def secret_key(file: Path, *, development_default: str | None) -> str:
    """SECRET_KEY, else the key that `make run` made, so that all commands of the checkout share it."""
    made = file.read_text().strip() if file.exists() else None
    expected = "at least 32 random characters (not required with DEBUG=true)"
    return _read("SECRET_KEY", made or development_default, str, expected)


def keys(name: str) -> list[str]:
    """Former secret keys, as long as the current one must be; none where it is not set."""

    def parse(raw: str) -> list[str]:
        parts = raw.split(",") if raw else []
        if any(len(part.strip()) < 32 for part in parts):
            raise ValueError(raw)
        return [part.strip() for part in parts]

    return _read(name, "", parse, "keys of at least 32 characters, separated by commas")


def boolean(name: str, default: bool) -> bool:
    return _read(name, str(default).lower(), lambda raw: {"true": True, "false": False}[raw], "true or false")


def integer(name: str, default: int, *, minimum: int = 1, maximum: int = 2**31 - 1) -> int:
    def parse(raw: str) -> int:
        number = int(raw)
        if not minimum <= number <= maximum:
            raise ValueError(raw)
        return number

    return _read(name, str(default), parse, f"a whole number from {minimum} to {maximum}")


def choice(name: str, default: str, options: tuple[str, ...]) -> str:
    return _read(name, default, lambda raw: {o: o for o in options}[raw], "one of " + ", ".join(options))


def comma_list(name: str, default: str) -> list[str]:
    def parse(raw: str) -> list[str]:
        if not (parts := [part.strip() for part in raw.split(",") if part.strip()]):
            raise ValueError(raw)
        return parts

    return _read(name, default, parse, "one or more values, separated by commas")


def origins(name: str) -> list[str]:
    """Origins as browsers send them (RFC 6454): scheme, host and, where it is not the scheme's own, port."""

    def parse(raw: str) -> list[str]:
        return [_origin(part.strip()) for part in raw.split(",") if part.strip()]

    return _read(name, "", parse, "origins like https://app.example.org, separated by commas")


def _origin(text: str) -> str:
    parts = urlsplit(text.lower())
    port = f":{parts.port}" if parts.port and parts.port != {"http": 80, "https": 443}.get(parts.scheme) else ""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    # What a browser sends is compared with this, so a path, a wildcard or a name would never match.
    if parts.scheme not in ("http", "https") or not host or "*" in host or any(parts[2:]) or "@" in parts.netloc:
        raise ValueError(text)
    return f"{parts.scheme}://{host}{port}"


def email_address(name: str, default: str) -> str:
    """`someone@example.org` or `Somebody <someone@example.org>`."""

    def parse(raw: str) -> str:
        if "@" not in parseaddr(raw)[1]:
            raise ValueError(raw)
        return raw

    return _read(name, default, parse, "an e-mail address")


def url(name: str, default: str | None, *, schemes: tuple[str, ...], example: str) -> str:
    """The address without a trailing slash; its scheme must be one of `schemes`."""

    def parse(raw: str) -> str:
        parts = urlsplit(raw)
        if parts.scheme not in schemes or not (parts.netloc or parts.scheme in {"sqlite", "memory"}):
            raise ValueError(raw)
        parts.port  # noqa: B018  (raises ValueError if the port is not a number)
        return raw.rstrip("/") if parts.scheme.startswith("http") else raw

    return _read(name, default, parse, f"a URL like {example}")


def database(default: str, *, web_threads: int) -> dict[str, Any]:
    """DATABASES["default"], with what each server needs to be safe under several writers."""
    address = url(
        "DATABASE_URL",
        default,
        schemes=("sqlite", "postgres", "postgresql"),
        example="postgres://user@host/name",
    )

    def parse(raw: str) -> dict[str, Any]:
        found = dict(environ.Env.db_url_config(raw))
        # In memory, each thread and process would see a database of its own.
        if found["NAME"] in ("", ":memory:"):
            raise ValueError(raw)
        return found

    config = _read("DATABASE_URL", address, parse, "a URL with a database name, like postgres://user@host/name")
    if config["ENGINE"] == _SQLITE:
        # IMMEDIATE takes the write lock at BEGIN and waits for it; the default takes it at the first
        # write and then fails at once with "database is locked" if another connection wrote in between.
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    else:
        config["ENGINE"] = "breathecode.common.db.postgresql"
        # A connection for each thread of the web server, and for the worker that it may hold.
        pool = {**_POSTGRESQL["pool"], "max_size": max(10, web_threads + 2)}
        config["OPTIONS"] = {**_POSTGRESQL, "pool": pool, **config.get("OPTIONS", {})}
    return config


def cache(name: str, *, entries: int = 300) -> dict[str, Any]:
    """One of CACHES: Redis where CACHE_URL names one, else `entries` in this process's own memory."""
    if not os.environ.get("CACHE_URL", "").strip():
        return {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": name,
            "KEY_PREFIX": name,
            "OPTIONS": {"MAX_ENTRIES": entries},
        }
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": url("CACHE_URL", None, schemes=("redis", "rediss"), example="redis://127.0.0.1:6379/1"),
        "KEY_PREFIX": name,
        # A cache that does not answer must cost a request a moment, not a minute.
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 1},
    }


def email(*, development: bool) -> dict[str, Any]:
    """The EMAIL_* settings out of EMAIL_URL.

    Without it, mails are written to standard output in development and wait in the outbox anywhere else: a log is
    read by many, and a mail may hold a link that sets a password.
    """
    if not os.environ.get("EMAIL_URL", "").strip() and not development:
        return {"EMAIL_BACKEND": "breathecode.notify.backends.NoMailServer"}
    schemes = ("smtp", "smtps", "smtp+tls", "smtp+ssl", "consolemail", "dummymail", "memorymail")
    address = url("EMAIL_URL", "consolemail://console", schemes=schemes, example="smtp://user:password@host:587")
    return dict(_read("EMAIL_URL", address, environ.Env.email_url_config, "the URL of a mail server"))


def traces_enabled(*endpoints: str) -> bool:
    """Whether OpenTelemetry's variables ask for traces (rule O10): they name an endpoint, and switch nothing off.

    Raises ImproperlyConfigured where its packages are not installed.
    """
    named = [name for name in endpoints if os.environ.get(name, "").strip()]
    disabled = os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    if not named or disabled or choice("OTEL_TRACES_EXPORTER", "otlp", ("otlp", "none")) == "none":
        return False
    for name in named:
        url(name, None, schemes=("http", "https"), example="http://127.0.0.1:4318")
    choice("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf", ("http/protobuf",))
    try:
        version("opentelemetry-exporter-otlp-proto-http")
    except PackageNotFoundError:
        raise ImproperlyConfigured(
            f"{named[0]} asks for traces, and their packages are not installed: install requirements-otel.lock too."
        ) from None
    return True


def refuse_published_key(key: str, *, public_url: str) -> None:
    """The key signs sessions and links, so the development key is accepted for local addresses only."""
    host = urlsplit(public_url).hostname or ""
    if key == DEVELOPMENT_KEY and not _is_in_house(host):
        raise ImproperlyConfigured(
            f"PUBLIC_URL contains the public host {host}, but the default SECRET_KEY of DEBUG=true is publicly known. "
            "Set SECRET_KEY to at least 32 random characters, or remove DEBUG."
        )


def _is_in_house(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal", ".test"))
