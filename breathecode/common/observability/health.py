"""`/healthz`: the process is alive. `/readyz`: the state of the services that it depends on (rules O1, O6)."""

import logging
import time
from collections.abc import Callable
from contextvars import copy_context
from functools import cache
from threading import Thread

from django.conf import settings
from django.core.cache import cache as django_cache
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse

from breathecode.common.observability import beat

logger = logging.getLogger(__name__)


Check = Callable[[], None]
# /readyz answers within 2 seconds (rule O6). The database has limits of its own, below this one.
MAX_SECONDS = 1.5


class ComponentState(Exception):
    """Raised by a check to report a state other than `failing`."""


@cache
def _last_migrations() -> frozenset[tuple[str, str]]:
    """The last migration of each app, as (app, name), by this process's code."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


def _database() -> None:
    # Newer ones than this code knows are no obstacle: they are made to run beside the previous release.
    applied = MigrationRecorder(connection).applied_migrations()
    if not _last_migrations() <= applied.keys():
        raise ComponentState("not-migrated")


def _cache() -> None:
    django_cache.set("readyz", "1", 5)
    if django_cache.get("readyz") != "1":
        raise ConnectionError("the cache did not return the value just written")


def _broker() -> None:
    from breathecode.celery import app

    options = settings.QUEUE_PUBLISH_TRANSPORT_OPTIONS
    with app.connection_for_write(connect_timeout=1, transport_options=options) as link:
        link.ensure_connection(max_retries=0, timeout=1)


def _beat() -> None:
    age = beat.seconds_since_run()
    if age == float("inf"):
        raise ComponentState("never-ran")
    if age > beat.max_seconds():
        raise ComponentState("silent")


# Checked on threads of their own, since they may hang in the network; the others ask the database, in the request's.
REMOTE_CHECKS: dict[str, Check] = {"cache": _cache, "broker": _broker}
# Apps may add checks that read the database.
CHECKS: dict[str, Check] = {"database": _database, "beat": _beat}
# Without the others, requests are still answered, as well as by any other server (rule O6).
REQUIRED = frozenset({"database"})


def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def component_state(name: str, check: Callable[[], None]) -> str:
    """`ok`, `failing`, or the state that the check raises."""
    try:
        check()
    except ComponentState as state:
        logger.warning("readyz: %s is %s", name, state)
        return str(state)
    except Exception as error:  # noqa: BLE001  (any exception means that the component fails)
        logger.warning("readyz: %s does not answer (%s)", name, error)
        return "failing"
    return "ok"


def component_states() -> dict[str, str]:
    """The state of each component by name.

    If the database fails, what it would answer is `unknown`, which saves a second wait.
    """
    deadline = time.monotonic() + MAX_SECONDS
    remote = {name: _Checking(name, check) for name, check in REMOTE_CHECKS.items()}
    states: dict[str, str] = {}
    for name, check in CHECKS.items():
        unknown = name != "database" and states.get("database") != "ok"
        states[name] = "unknown" if unknown else component_state(name, check)
    return states | {name: checking.state_by(deadline) for name, checking in remote.items()}


class _Checking(Thread):
    """One check on a thread of its own, which nobody waits for when it hangs."""

    def __init__(self, name: str, check: Check) -> None:
        super().__init__(name=f"readyz-{name}", daemon=True)
        self._part, self._check = name, check
        self._context = copy_context()  # with the request's id, for the log
        self._state = "failing"
        self.start()

    def run(self) -> None:
        self._state = self._context.run(component_state, self._part, self._check)

    def state_by(self, deadline: float) -> str:
        self.join(max(0.05, deadline - time.monotonic()))
        if self.is_alive():
            logger.warning("readyz: %s does not answer in time", self._part)
        return self._state


def readyz(request: HttpRequest) -> JsonResponse:
    parts = component_states()
    failing = sorted(name for name, state in parts.items() if state not in ("ok", "unknown"))
    if not REQUIRED.intersection(failing):
        return JsonResponse({"status": "degraded" if failing else "ok", "parts": parts, **_zone_data()})
    body = {"detail": f"Not ready: {', '.join(failing)}.", "slug": "not-ready", "parts": parts, **_zone_data()}
    return JsonResponse(body, status=503)


def _zone_data() -> dict[str, str]:
    return {"time_zone_data": settings.TIME_ZONE_DATA_VERSION}  # rule G16
