"""Garbage at the doors of classes: an error in the one shape, and never a 500 (rules H3, H5, H7)."""

import itertools
from typing import Any

import pytest

from breathecode.events.models import LiveClass
from tests.support.client import error

LIST = "/v1/events/academy/event/liveclass"
MINE = "/v1/events/me/event/liveclass"
VALUES: list[Any] = [
    None, True, False, 0, -1, 2**31, 2**63, 10**18, 1e308, 0.1, "", " ", "\0", "a\0b", "x" * 10_000,
    "é" * 10_000, "\u202e\u2066", "\U0001f3f3\ufe0f\u200d", "'; DROP TABLE x; --", "{{7*7}}", "%s%n", "../..",
    "0000-00-00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00", "2025-02-30", "2025-10-28T25:00:00Z", "1e999", "NaN", "Infinity",
    "javascript:alert(1)", "http://", "https://[::1", "https://ex ample.org", "file:///etc/passwd",
    [], [[]], {}, {"a": {"b": []}}, [None], ["x"] * 1000,
]  # fmt: skip
FIELDS = (
    *("cohort_time_slot", "starting_at", "ending_at", "started_at", "ended_at"),
    *("remote_meeting_url", "title", "log", "reason", "id", "hash", "cohort", "nope", "\0", "é" * 500),
)
DEEP = b"[" * 100_000 + b"]" * 100_000
RAW = [
    b"", b" ", b"\0", b"{", b"}", b"null", b"[]", b'"x"', b"1", b"{}}", b"{'a': 1}", b"\xff\xfe\x00", b"\xef\xbb\xbf{}",
    b'{"title": "\\ud800"}', b'{"title": "\\udc00\\ud800"}', b'{"title": "\xed\xa0\x80"}', b'{"starting_at": NaN}',
    b'{"starting_at": Infinity}', b'{"starting_at": -Infinity}', b'{"cohort_time_slot": 1e999}',
    b'{"cohort_time_slot": ' + b"9" * 5000 + b"}", b'{"title": "a", "title": "b"}', b'{"log": {"a": 1, "a": 2}}',
    b'{"log": ' + DEEP + b"}", DEEP, b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    b'{"title": "' + b"x" * 3_000_000 + b'"}',
]  # fmt: skip
TYPES = [
    *("application/json", "application/json; charset=utf-16", "application/json; charset=nope", "text/plain"),
    *("application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x", "", "x", "/", ";"),
    *("application/xml", "application/json\x0b", "application/json; boundary=\xff"),
]


@pytest.fixture
def doors(make_class):
    live_class = make_class()
    return [
        ("POST", LIST),
        ("PUT", f"{LIST}/{live_class.pk}"),
        ("POST", f"{LIST}/{live_class.pk}/cancel"),
        ("POST", f"{LIST}/{live_class.pk}/restore"),
    ]


def is_answer(response) -> bool:
    """An answer, or an error in the one shape; fails where it is neither."""
    return response.status_code < 400 or error(response)[0] < 500


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: repr(field[:20]))
def test_values_of_fields(call, world, doors, field):
    """H5, W1, W3: whatever stands in a field, the answer says what is wrong with it, or takes it."""
    right = {
        "cohort_time_slot": LiveClass.objects.get().cohort_time_slot_id,
        "starting_at": "2025-10-28T18:00:00Z",
        "ending_at": "2025-10-28T20:00:00Z",
        "remote_meeting_url": "https://zoom.us/j/1",
    }
    asked = doors[2:] if field == "reason" else doors[:2]
    for (method, url), value in itertools.product(asked, VALUES):
        body: dict[str, Any] = {**(right if url == LIST else {}), field: value}
        response = call(method, url, as_=world.staff_teacher, academy=world.miami, body=body)
        assert is_answer(response), (url, value)
    for live_class in LiveClass.objects.all():  # what was taken can be read
        url = f"{LIST}/{live_class.pk}"
        assert call("GET", url, as_=world.staff_teacher, academy=world.miami).status_code == 200
    assert call("GET", LIST, as_=world.staff_teacher, academy=world.miami).status_code == 200


@pytest.mark.parametrize("content_type", TYPES)
def test_bodies(call, world, doors, content_type):
    """H5: a body that is no JSON object, or not said to be one, is refused by name."""
    bodies = RAW if content_type == "application/json" else RAW[:12]
    for (method, url), body in itertools.product(doors, bodies):
        response = call.raw(method, url, body, content_type, as_=world.staff_teacher, academy=world.miami)
        assert is_answer(response), (url, body[:40])
    assert LiveClass.objects.count() == 1


QUERY_VALUES = (
    *("", "%00", "a%00b", "x" * 10_000, "%ff%fe", "%ed%a0%80", "%F0%9F%8F%B3", "%2e%2e/", "'%20OR%201=1--", "[]", "{}"),
    *(
        "0001-01-01",
        "9999-12-31",
        "0001-01-01T00:00:00%2B14:00",
        "9999-12-31T23:59:59-14:00",
        "0000-01-01",
        "10000-01-01",
    ),
    *("1e999", "NaN", "inf", "-1", "9" * 400, "٣", "²", "null", "true", ",", ",,,", "1,2,%00", "-" * 200, "=", "%"),
)


def names():
    from breathecode.events.api.filters import AcademyLiveClassFilter

    return [*AcademyLiveClassFilter.base_filters, "limit", "offset", "envelope", "nope", "%00", "a[b]", ""]


@pytest.mark.parametrize("name", names())
def test_queries(call, world, doors, name):
    """H7: whatever stands in a parameter, also twice."""
    for value in QUERY_VALUES:
        query = f"{name}={value}&{name}={value}"
        response = call("GET", f"{LIST}?{query}", as_=world.staff_teacher, academy=world.miami)
        assert is_answer(response), query
    response = call("GET", f"{MINE}?{name}=%00", as_=world.student)
    assert is_answer(response)


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", [LIST, "/v1/events/me/event/liveclass/join", "/v1/events/academy/event/liveclass/join"]
)
def test_paths(call, world, doors, path):
    """H3, J2: whatever stands in an address."""
    for value in (
        "0",
        "-1",
        "9" * 400,
        "%00",
        "a%00b",
        "x" * 10_000,
        "%ff",
        "%ed%a0%80",
        "..%2f",
        "é",
        "%0d%0aX:1",
        "٣",
        "²",
    ):
        for method, end in itertools.product(("GET", "PUT", "DELETE", "POST"), ("", "/", "/cancel", "/restore/")):
            json = {"Accept": "application/json"}
            response = call(method, f"{path}/{value}{end}", as_=world.admin, academy=world.miami, headers=json)
            assert is_answer(response)
            assert response.status_code in {404, 405}


@pytest.mark.parametrize(
    "value", ["\x80\xff", "Token", "Token ", "Token a b", "Bearer x", "Token \x00", "Token " + "x" * 10_000, "token ñ"]
)
def test_authorization_headers(client, make_class, value):
    """H4: a header that is no token is 401."""
    response = client.get(MINE, headers={"Authorization": value})
    assert error(response)[0] == 401


@pytest.mark.parametrize(
    "value", ["0", "-1", "1.0", "9" * 19, "9" * 400, "٣", "²", "1,1", "0x1", "\x00", "\xff", "1 1", "+1"]
)
def test_academy_headers(call, world, value):
    """H4: a header that names no academy."""
    response = call("GET", LIST, as_=world.admin, academy=value)
    assert error(response) in {(400, "invalid-academy-header"), (403, "not-academy-member")}


@pytest.mark.parametrize(
    "accept", ["", "x", "*/*;q=", "text/html", "application/json;q=0", "\xff", "a" * 10_000, "application/xml"]
)
def test_accept_headers(call, world, accept):
    """H3: what cannot be accepted is 406, in the one shape."""
    response = call("GET", LIST, as_=world.staff_teacher, academy=world.miami, headers={"Accept": accept})
    assert is_answer(response)
    assert response["Content-Type"] == "application/json"
