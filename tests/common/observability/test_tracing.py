"""Traces by OpenTelemetry (rule O10): the real programs, and a collector that takes what they send."""

import json
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Status, StatusCode

from breathecode.common.observability.tracing import MaskingExporter
from breathecode.settings import environment
from tests.support import servers
from tests.support.processes import ROOT
from tests.support.product import until
from tests.support.traces import attributes, trace_sink

pytestmark = pytest.mark.timeout(600)
SOON = 100  # seconds
KEY = "0123456789abcdef0123456789abcdef01234567"
COOKIE = "a-session-that-nobody-may-see"
PASSWORD = "a-pass-word-that-nobody-may-see"
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
# All that the instrumentations can be asked for: the older and the newer names, and every header.
EVERYTHING = {
    "OTEL_SEMCONV_STABILITY_OPT_IN": "http/dup,database/dup",
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST": ".*",
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE": ".*",
    "OTEL_PYTHON_DJANGO_TRACED_REQUEST_ATTRS": "path,COOKIES,META",
}


@pytest.fixture
def sink():
    with trace_sink() as started:
        yield started


def get(url, data=None):
    headers = {"Cookie": f"sessionid={COOKIE}", "tracestate": f"vendor={COOKIE}", "baggage": f"seen={COOKIE}"}
    request = urllib.request.Request(url, data=data, headers={**headers, "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.mark.slow
def test_a_task_belongs_to_the_trace_of_its_request(product, sink):
    """O10: through a real broker, from one process to another; nothing private is in any span."""
    product.env |= sink.env | EVERYTHING
    with servers.web_server(product.env) as web, servers.celery_worker(product.env, "--concurrency=1"):
        member = {"email": "someone.new@example.org", "role": "staff"}
        assert product.call(web.url, "POST", "/v1/auth/academy/member", member)[0] == 201
        for path in (f"/v1/events/ical/me?token={KEY}", f"/invite/{KEY}", f"/nowhere/{KEY}?token={KEY}"):
            assert get(web.url + path) in (401, 404)
        credentials = {"email": "someone.new@example.org", "password": PASSWORD}
        assert get(f"{web.url}/v1/auth/login", json.dumps(credentials).encode()) in (400, 401, 403)
        until(lambda: bool(sink.named("run/breathecode.notify.tasks.send_outgoing_mail")), seconds=SOON)
        until(lambda: bool(sink.named("POST v1/auth/academy/member")), seconds=SOON)
        until(lambda: bool(sink.named("POST v1/auth/login")), seconds=SOON)
    task, request = sink.named("run/breathecode.notify.tasks.send_outgoing_mail")[0], sink.named("academy/member")[0]
    queued = next(span for span in sink.named("apply_async/") if span.span_id == task.parent_span_id)
    assert task.trace_id == queued.trace_id == request.trace_id
    assert attributes(request)["http.route"] == "v1/auth/academy/member"
    assert attributes(request)["http.status_code"] == 201
    assert sink.services == {"live-classes"}
    assert sink.named("GET invite/")
    assert not sink.named("healthz")
    if connection.vendor == "postgresql":
        assert any("%s" in str(attributes(span).get("db.statement")) for span in sink.named("INSERT"))
    sent = b"".join(sink.bodies)
    for private in (KEY[:20], COOKIE, PASSWORD, "@example.org", product.token, "token=", "sessionid", "127.0.0.1"):
        assert private.encode() not in sent, private


@pytest.mark.slow
def test_the_embedded_worker_is_traced_too(template, databases, sink):
    """O10: without a broker the same process takes the task, in the trace of the request."""
    product = template.copy(databases(template.database_url), CELERY_BROKER_URL="", **sink.env)
    with servers.web_server(product.env) as web:
        member = {"email": "someone.new@example.org", "role": "staff"}
        assert product.call(web.url, "POST", "/v1/auth/academy/member", member)[0] == 201
        until(lambda: bool(sink.named("run/breathecode.notify.tasks.send_outgoing_mail")), seconds=SOON)
        until(lambda: bool(sink.named("POST v1/auth/academy/member")), seconds=SOON)
    task, request = sink.named("run/breathecode.notify.tasks.send_outgoing_mail")[0], sink.named("academy/member")[0]
    assert task.trace_id == request.trace_id


@pytest.mark.slow
def test_a_collector_that_is_down_holds_up_no_request(template, databases):
    """O10: nobody listens at the endpoint; requests are answered all the same."""
    endpoint = f"http://127.0.0.1:{servers.free_port()}"
    product = template.copy(databases(template.database_url), CELERY_BROKER_URL="")
    product.env |= {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_BSP_SCHEDULE_DELAY": "100"}
    with servers.web_server(product.env) as web:
        assert [product.add_slot(web.url)[0] for _ in range(3)] == [201] * 3


def test_errors_and_statements_lose_what_is_private():
    """O10: of an error the type is left, and of a statement no literal."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(MaskingExporter(exporter)))
    tracer = provider.get_tracer("test")
    statement = "SELECT a FROM b WHERE c = %s AND email = 'ana''s@example.org'"
    with tracer.start_as_current_span(f"GET /invite/{KEY}", attributes={"db.statement": statement}) as span:
        span.set_attributes({"http.target": f"/invite/{KEY}", "url.query": "token=1", "celery.retry.reason": "ana@x.y"})
        span.record_exception(ValueError("Key (email)=(ana@example.org) already exists."))
        span.set_status(Status(StatusCode.ERROR, "ana@example.org"))
    (sent,) = exporter.get_finished_spans()
    assert isinstance(sent, ReadableSpan)
    assert sent.name == "GET /invite/…"
    assert sent.attributes == {"db.statement": "SELECT a FROM b WHERE c = %s AND email = '…'"}
    assert [dict(event.attributes or {}) for event in sent.events] == [{"exception.type": "ValueError"}]
    assert (sent.status.status_code, sent.status.description) == (StatusCode.ERROR, None)


def test_nothing_is_imported_without_an_endpoint(tmp_path):
    """O10: web server and worker start where OpenTelemetry cannot be imported, as in the base installation."""
    source = (
        "import sys; sys.modules['opentelemetry'] = None\n"  # an import of it raises ModuleNotFoundError
        "import breathecode.wsgi, breathecode.celery as celery\n"
        "celery.start_tracing_in_worker_process(); celery.send_last_spans()\n"
        "print('breathecode.common.observability.tracing' in sys.modules)"
    )
    env = {"SECRET_KEY": KEY, "DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3"}
    command = [sys.executable, "-c", source]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=100)
    assert done.stdout == "False\n", done.stderr


def test_missing_packages_are_named(monkeypatch):
    """O10, O3: an endpoint without the packages stops the start, with the file that has them."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    monkeypatch.setattr(sys, "path", [str(ROOT)])  # where packages are looked for
    with pytest.raises(ImproperlyConfigured, match=r"requirements-otel\.lock"):
        environment.traces_enabled(*ENDPOINTS)


@pytest.mark.parametrize(
    ("env", "enabled"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://collector/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_SDK_DISABLED": "TRUE"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_what_switches_traces_on(monkeypatch, env, enabled):
    """O10: an endpoint does, unless they are switched off."""
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert environment.traces_enabled(*ENDPOINTS) is enabled


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "127.0.0.1:4318"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_TRACES_EXPORTER", "jaeger"),
    ],
)
def test_what_cannot_be_used_is_refused(monkeypatch, name, value):
    """O10, O3: a sentence that names the variable."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        environment.traces_enabled(*ENDPOINTS)
