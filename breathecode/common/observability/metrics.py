"""Numbers for Prometheus at `/metrics` (rule O1): requests, tasks, and gauges that the apps register."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from breathecode.common.observability.task_counts import task_counts

REQUESTS = Counter("breathecode_http_requests", "The number of requests answered.", ["method", "route", "status"])
SECONDS = Histogram("breathecode_http_request_seconds", "Response time in seconds.", ["method", "route"])

# A client can send any method, and each value of a label is kept as long as the process runs.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

# Name → (description, function). Read at each scrape from the database, so that all processes report the same.
GAUGES: dict[str, tuple[str, Callable[[], float]]] = {}


class RequestMetricsMiddleware:
    """Counts requests by route, since the number of paths is unbounded."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        route = request.resolver_match.route if request.resolver_match else ""
        method = request.method if request.method in METHODS else "OTHER"
        REQUESTS.labels(method, route, response.status_code).inc()
        SECONDS.labels(method, route).observe(time.perf_counter() - started)
        return response


class _Gauges:
    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        for name, (text, function) in GAUGES.items():
            try:
                yield GaugeMetricFamily(f"breathecode_{name}", text, value=function())
            except DatabaseError:
                continue  # /readyz reports the database; the other metrics are still useful
        with suppress(DatabaseError):
            yield from task_counts()


def metrics(request: HttpRequest) -> HttpResponse:
    """The counters of all processes of this server, and the gauges."""
    registry: Any = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library has no types here
    gauges = CollectorRegistry(auto_describe=False)
    gauges.register(_Gauges())
    return HttpResponse(generate_latest(registry) + generate_latest(gauges), content_type=CONTENT_TYPE_LATEST)
