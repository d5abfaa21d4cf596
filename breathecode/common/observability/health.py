"""`/healthz`: the process is alive. `/readyz`: the state of the services that it depends on (rules O1, O6)."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse

from breathecode.common.observability import beat

logger = logging.getLogger(__name__)


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _cache() -> None:
    cache.set("readyz", "1", 5)
    if cache.get("readyz") != "1":
        raise ConnectionError("the cache did not return the value just written")


def _broker() -> None:
    from breathecode.celery import app

    with app.connection_for_write(connect_timeout=1) as link:
        link.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=2)


class ComponentState(Exception):
    """Raised by a check to report a state other than `failing`."""


def _beat() -> None:
    age = beat.seconds_since_run()
    if age == float("inf"):
        raise ComponentState("never-ran")
    if age > beat.max_seconds():
        raise ComponentState("silent")


CHECKS: dict[str, Callable[[], None]] = {"database": _database, "cache": _cache, "broker": _broker, "beat": _beat}
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
    """The state of each component by name. If the database fails, the beat is `unknown`, which saves a second wait."""
    states: dict[str, str] = {}
    for name, check in CHECKS.items():
        unknown = name == "beat" and states.get("database") != "ok"
        states[name] = "unknown" if unknown else component_state(name, check)
    return states


def readyz(request: HttpRequest) -> JsonResponse:
    parts = component_states()
    failing = sorted(name for name, state in parts.items() if state not in ("ok", "unknown"))
    if not REQUIRED.intersection(failing):
        return JsonResponse({"status": "degraded" if failing else "ok", "parts": parts, **_zone_data()})
    body = {"detail": f"Not ready: {', '.join(failing)}.", "slug": "not-ready", "parts": parts, **_zone_data()}
    return JsonResponse(body, status=503)


def _zone_data() -> dict[str, str]:
    return {"time_zone_data": settings.TIME_ZONE_DATA_VERSION}  # rule G16
