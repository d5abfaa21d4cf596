"""`/healthz`: the process answers. `/readyz`: what it leans on answers, and which part does not (rule O1)."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse

logger = logging.getLogger(__name__)


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _cache() -> None:
    cache.set("readyz", "1", 5)
    if cache.get("readyz") != "1":
        raise ConnectionError("the cache forgot what it was told")


def _broker() -> None:
    from breathecode.celery import app

    with app.connection_for_write(connect_timeout=1) as link:
        link.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=2)


CHECKS: dict[str, Callable[[], None]] = {"database": _database, "cache": _cache, "broker": _broker}


def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def part_state(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as error:  # noqa: BLE001  (any failure of a part is the answer, whatever its class)
        logger.warning("readyz: %s does not answer (%s)", name, error)
        return "failing"
    return "ok"


def readyz(request: HttpRequest) -> JsonResponse:
    parts = {name: part_state(name, check) for name, check in CHECKS.items()}
    failing = sorted(name for name, state in parts.items() if state != "ok")
    if not failing:
        return JsonResponse({"status": "ok", "parts": parts, **_zone_data()})
    body = {"detail": f"Not ready: {', '.join(failing)}.", "slug": "not-ready", "parts": parts, **_zone_data()}
    return JsonResponse(body, status=503)


def _zone_data() -> dict[str, str]:
    return {"time_zone_data": settings.TIME_ZONE_DATA_VERSION}  # rule G16
