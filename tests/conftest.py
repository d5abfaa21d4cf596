"""What every test may use."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, TypeVar

import pytest

from tests.support import servers

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

    from tests.support.client import Call
    from tests.support.world import World

# It compares plans of PostgreSQL, so it is part of the run on PostgreSQL (`make test-postgres`) and of no other.
collect_ignore = [] if os.environ.get("DATABASE_URL", "").startswith("postgres") else ["test_flat.py"]
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def _failed_if_skipped(report: Report) -> Report:
    """In CI a skipped test is a failed one: a check that did not run has proved nothing."""
    if os.environ.get("CI") and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"CI skips no test. {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _failed_if_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _failed_if_skipped((yield))


@pytest.fixture(scope="session")
def _valkey_server() -> Iterator[servers.Valkey]:
    with servers.valkey() as server:
        yield server


@pytest.fixture
def valkey(_valkey_server: servers.Valkey) -> servers.Valkey:
    """An empty Valkey server; a test may stop and start it."""
    _valkey_server.stop()  # what it held is gone with it, and so is what an earlier test did to it
    _valkey_server.start()
    return _valkey_server


@pytest.fixture
def smtp_sink() -> Iterator[servers.SmtpSink]:
    """A mail server that keeps what it is sent."""
    with servers.smtp_sink() as sink:
        yield sink


@pytest.fixture
def mail_server(smtp_sink: servers.SmtpSink, settings: Settings) -> servers.SmtpSink:
    """The product sends to a real server, through the backend that production uses."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = smtp_sink.port
    settings.EMAIL_TIMEOUT = 10  # a busy machine answers late; tests of slowness ask for less
    return smtp_sink


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """What an earlier test cached, and the pauses after its outages, do not reach this one."""
    from django.core.cache import caches

    from breathecode.common.cache_outages import CacheOutage
    from breathecode.notify.domain.conversation import Rest

    for cache in caches.all(initialized_only=True):
        cache.clear()
    CacheOutage.paused_until = Rest.until = 0.0


@pytest.fixture
def call(db: None) -> Call:
    """Calls the API as somebody: `call("GET", "/v1/…", as_=person, academy=academy, body={…})`."""
    from tests.support.client import Call

    return Call()


@pytest.fixture
def world(db: None) -> World:
    """Two academies with a cohort each, and the people whom the tests name (see tests.support.world)."""
    from tests.support.world import World

    return World.make()


pytest_plugins = [
    "tests.support.classes",
    "tests.support.invitations",
    "tests.support.product_fixtures",
    "tests.support.queries",
    "tests.support.quick",
    "tests.support.rules",
]
