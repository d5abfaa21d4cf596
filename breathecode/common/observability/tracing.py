"""Traces by OpenTelemetry, from a request to the tasks that it queues (rule O10). Needs the extra `otel`.

Only imported where `TRACES_ENABLED` is set. What a span may say is a list of names: its instrumentations also record
URLs, headers and errors, which hold tokens, links that sign in, and e-mail addresses.
"""

import os
import re
from collections.abc import Mapping, Sequence

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import SpanContext, Status
from opentelemetry.util.types import Attributes, AttributeValue

from breathecode.common.observability.masking import MASK, mask_path, mask_text

# No URL, path, header, or address of a client; the older and the newer names of OpenTelemetry.
_KEPT = frozenset({
    "http.method", "http.request.method", "http.route", "http.status_code", "http.response.status_code",
    "db.system", "db.system.name", "db.name", "db.namespace", "db.operation", "db.operation.name",
    "celery.action", "celery.state", "celery.task_name", "messaging.message.id", "messaging.message_id",
    "exception.type", "error.type",
})  # fmt: skip
_STATEMENTS = frozenset({"db.statement", "db.query.text"})
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_EMAIL = re.compile(r"[^\s'\"<>=(]+@[^\s'\">,)]+")
# For a batch with all its tries, which a process that ends waits for; OpenTelemetry's own 10 seconds are too long.
_SECONDS = 2
_NOT_TRACED = "/healthz,/readyz,/metrics"


class MaskingExporter(SpanExporter):
    """Passes spans on without what must not leave the process."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._exporter.export([_masked(span) for span in spans])

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)


def _masked(span: ReadableSpan) -> ReadableSpan:
    """The same span without links; of an error only its type is left, and of a client's trace state nothing."""
    return ReadableSpan(
        name=_EMAIL.sub(MASK, mask_path(span.name)),
        context=_without_state(span.context),
        parent=_without_state(span.parent),
        resource=span.resource,
        attributes=_kept(span.attributes),
        events=[Event(event.name, _kept(event.attributes), event.timestamp) for event in span.events],
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _without_state(context: SpanContext | None) -> SpanContext | None:
    return context and SpanContext(context.trace_id, context.span_id, context.is_remote, context.trace_flags)


def _kept(attributes: Attributes) -> Mapping[str, AttributeValue]:
    found = attributes or {}
    kept = {name: value for name, value in found.items() if name in _KEPT}
    return kept | {name: _mask_statement(str(found[name])) for name in _STATEMENTS & found.keys()}


def _mask_statement(statement: str) -> str:
    """SQL whose parameters are placeholders, with the literals that the code wrote into it masked too."""
    return _EMAIL.sub(MASK, mask_text(_LITERAL.sub(f"'{MASK}'", statement)))


def start_tracing() -> TracerProvider:
    """Traces requests, tasks and statements on PostgreSQL from here on, once in each process.

    Before Django loads its middleware and before the first connection; in a process that forks no other.
    """
    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        return provider
    provider = TracerProvider(resource=_resource())
    provider.add_span_processor(BatchSpanProcessor(MaskingExporter(_exporter())))
    trace.set_tracer_provider(provider)
    DjangoInstrumentor().instrument(excluded_urls=os.environ.get("OTEL_PYTHON_DJANGO_EXCLUDED_URLS") or _NOT_TRACED)
    CeleryInstrumentor().instrument()  # type: ignore[no-untyped-call]
    PsycopgInstrumentor().instrument()
    return provider


def _exporter() -> OTLPSpanExporter:
    named = any(os.environ.get(f"OTEL_EXPORTER_OTLP_{name}") for name in ("TIMEOUT", "TRACES_TIMEOUT"))
    return OTLPSpanExporter(timeout=None if named else _SECONDS)


def stop_tracing() -> None:
    """Sends the spans that wait."""
    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        provider.shutdown()


def _resource() -> Resource:
    """What the operator named it, else `live-classes`."""
    named = "OTEL_SERVICE_NAME" in os.environ or f"{SERVICE_NAME}=" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    return Resource.create({} if named else {SERVICE_NAME: "live-classes"})
