"""No key in a log line, wherever it came from (rule O4)."""

import io
import json
import logging
import time

import pytest
from django.test import Client

from breathecode.common.observability.logs import configure
from breathecode.common.observability.masking import MaskKeys, mask_path, mask_text

KEY = "0123456789abcdef0123456789abcdef01234567"
SIGNED = "MTI:1vNc3X:9HkQ2bq0Tn_x-7lVh0Jd1dFq8mZyWQ"


@pytest.fixture
def lines():
    """What production would write, and its lines as objects."""
    root = logging.getLogger()
    before, stream = root.handlers[:], io.StringIO()
    configure({"format": "json", "level": "INFO"})
    for handler in root.handlers:
        if type(handler) is logging.StreamHandler:
            handler.setStream(stream)
    yield lambda: (stream.getvalue(), [json.loads(line) for line in stream.getvalue().splitlines()])
    root.handlers[:] = before


@pytest.mark.parametrize(
    "path",
    [
        f"/invite/{KEY}x",
        f"/invte/{KEY}",
        f"/invite{KEY}",
        f"/invite/{KEY[:-3]}",
        f"/{KEY[:24]}",
        f"/invite/{KEY}/glued-on",
        f"/password/rest/{KEY}",
        f"/reminders/of/{SIGNED}",
        f"/v1/events/ical/me%3Ftoken={KEY}",
        "/v1/events/ical/me%3Ftoken=short-and-unlike",
        f"/v1/events/ical/me?token={KEY}",
        f"/v1/nowhere/{KEY}?token={KEY}",
        f"/v1/auth/login/{KEY.upper()}",
        f"/admin/{KEY}/",
    ],
)
def test_a_mistyped_link_is_logged_without_its_key(db, lines, path):
    """O4: neither the request's line nor any of Django's own; no 20 digits in a row of the key are left."""
    Client(raise_request_exception=False).get(path)
    Client(enforce_csrf_checks=True).post(path, {"x": "y"})  # Django logs the path of a refused form
    written, events = lines()
    assert [event["event"] for event in events].count("request") == 2
    lower = written.lower()
    assert not any(KEY[start : start + 20] in lower for start in range(len(KEY) - 19))
    assert SIGNED[7:] not in written
    assert "short-and-unlike" not in written


@pytest.mark.parametrize(
    "path",
    [
        "/v1/admissions/academy/cohort/full-stack-web-development-2025-spring-evening/user/123456",
        "/v1/events/academy/event/liveclass/1234567890/attendance/history",
        "/static/admin/js/SelectFilter2.js",
        "/admin/authenticate/academymember/12/change/",
        "/v1/events/ical/cohorts/web-dev,data,12",
    ],
)
def test_what_is_no_key_stays(path):
    """O4: a log that hides the addresses themselves is of no use."""
    assert mask_path(path) == path


def test_texts_of_others_and_tracebacks(lines):
    """O4: messages, their arguments, extras and tracebacks; ids that tie lines together stay."""
    logger = logging.getLogger("somebody.else")
    try:
        raise ValueError(f"bad link {KEY}")
    except ValueError:
        logger.exception("failed at %s?token=%s", f"/x/{KEY}", "abc", extra={"link": KEY, "request_id": KEY[:32]})
    written, (event,) = lines()
    assert KEY not in written
    assert event["event"] == "failed at /x/…?token=…"
    assert (event["link"], event["request_id"]) == ("…", KEY[:32])
    assert "ValueError: bad link …" in event["exception"]


def test_a_text_of_code_stays():
    """O4: long names and ids of tasks are no keys."""
    text = "Task breathecode.notify.tasks.send_due_mails[0b5c7a86-6f0e-4b7c-9d7e-0d8f6b0f3a11] 0005_bind_tokens_V2"
    assert mask_text(text) == text


def test_the_web_servers_own_lines(caplog):
    """O4: gunicorn names the path of a request that it fails of, on a handler of its own."""
    record = logging.LogRecord("gunicorn.error", logging.ERROR, "", 0, "Error handling %s", (f"/invite/{KEY}?a",), None)
    assert MaskKeys().filter(record)
    assert record.getMessage() == "Error handling /invite/…?a"


@pytest.mark.parametrize("character", ["x", "X", "-", "é"])
def test_a_long_path_costs_little(character):
    """O4: the time grows with the length of a path, not with its square."""
    path = f"/v1/admissions/academy/cohort/{character * 100_000}"
    began = time.process_time()
    assert mask_path(path) == path
    assert time.process_time() - began < 1
