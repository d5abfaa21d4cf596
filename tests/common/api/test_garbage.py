"""No garbage gives a 500 (rules H3, H4, H5, H7).

Random bodies at every POST and PUT, odd addresses and query strings at every route; and every value of
`tests.support.garbage` in every field, parameter and header of the routes of classes.
"""

import itertools
import json
import re
from typing import Any

import pytest
from django.conf import settings
from django.test import TestCase
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from breathecode.admissions.models import Holiday, Syllabus
from breathecode.events.api.filters import AcademyLiveClassFilter
from breathecode.events.models import LiveClass
from tests.support.client import error
from tests.support.garbage import (
    ACADEMIES,
    ACCEPTS,
    AUTHORIZATIONS,
    NASTY,
    NUMBERS,
    PIECES,
    QUERY_VALUES,
    RAW,
    TAILS,
    TYPES,
    VALUES,
    WORDS,
)
from tests.support.routes import api_routes

pytestmark = pytest.mark.timeout(600)  # many requests a test, on a machine that may be busy
WRITES = sorted((method, route.path) for route in api_routes() for method in route.methods & {"POST", "PUT"})
LIST = "/v1/events/academy/event/liveclass"
MINE = "/v1/events/me/event/liveclass"
JOIN = [f"{MINE}/join", f"{LIST}/join"]
FIELDS = (
    *("cohort_time_slot", "starting_at", "ending_at", "started_at", "ended_at"),
    *("remote_meeting_url", "title", "log", "reason", "id", "hash", "cohort", "nope", "\0", "é" * 500),
)

scalars = (
    st.none()
    | st.booleans()
    | st.sampled_from(NUMBERS)
    | st.sampled_from(WORDS + NASTY)
    | st.sampled_from(VALUES)
    | st.text(max_size=30)
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)


def fields_of(path):
    """The field names that a route's serializer declares: random names alone would end at `unknown-field`."""
    view = next(route.view for route in api_routes() if route.path == path)
    serializer = view.serializer_class
    return (sorted(serializer().fields) if serializer else []) or ["anything"]


def address(path, pk):
    return re.sub(r"<str:cohort>", "web-dev", re.sub(r"<id:\w+>", str(pk), path)).replace(
        "<str:syllabus>", "full-stack"
    )


@pytest.fixture
def who(world):
    Syllabus.objects.create(academy=world.miami, slug="full-stack", name="Full Stack")
    Holiday.objects.create(academy=world.miami, name="Easter", starts_on="2025-04-20", ends_on="2025-04-21")
    world.time_slot()
    return {"as_": world.superuser, "academy": world.miami}


@pytest.mark.parametrize(("method", "path"), WRITES, ids=[f"{m} {p}" for m, p in WRITES])
def test_random_bodies(call, world, who, method, path):
    """H3, H5: below 500 always, and an error is always in the one shape."""
    names = fields_of(path)
    ids = {"<id:user_id>": world.student.pk, "<id:member_id>": world.miami.members.get(user=world.admin).pk}
    pk = next((pk for name, pk in ids.items() if name in path), world.cohort.time_slots.get().pk)
    key = call.key(world.superuser)
    bodies = st.dictionaries(st.sampled_from(names), anything, max_size=len(names)) | anything

    @hypothesis_settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(body=bodies)
    def attack(body):
        with TestCase.captureOnCommitCallbacks():  # what is queued is not asked here
            headers = {"Authorization": f"Token {key}", "Academy": str(world.miami.pk)}
            content = json.dumps(body)
            response = call.client.generic(
                method, address(path, pk), content, content_type="application/json", headers=headers
            )
        assert response.status_code < 500, (body, response.content)
        if response.status_code >= 400:
            error(response)
        if path == "/v1/auth/logout":
            world.superuser.tokens.all().delete()
            call.keys.clear()

    attack()


@pytest.mark.parametrize("tail", TAILS, ids=lambda tail: tail[:20])
def test_odd_query_parameters(call, world, who, tail):
    """H7: on every GET of the API."""
    for route in api_routes():
        if "GET" in route.methods:
            response = call("GET", address(route.path, 1) + tail, **who)
            assert response.status_code < 500, route.path
            if response.status_code >= 400:
                error(response)


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece[:12])
def test_odd_addresses(call, world, who, piece):
    """H4: in the place of every id and slug of every route: 404."""
    for route in api_routes():
        if "<" in route.path:
            path = re.sub(r"<\w+:\w+>", lambda _match: piece, route.path)
            for method in sorted(route.methods):
                assert error(call(method, path, **who, body={})) == (404, "not-found"), path


def test_too_many_parameters(call, world, who):
    """H3: beyond Django's own limit of fields, still the one shape."""
    query = "&".join(f"p{number}=1" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1))
    assert error(call("GET", f"/v1/auth/role?{query}", **who)) == (400, "bad-request")


# --- Classes: every value in every place ---


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
def test_values_of_the_fields_of_classes(call, world, doors, field):
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
def test_raw_bodies(call, world, doors, content_type):
    """H5: a body that is no JSON object, or not said to be one, is refused by name."""
    bodies = RAW if content_type == "application/json" else RAW[:12]
    for (method, url), body in itertools.product(doors, bodies):
        response = call.raw(method, url, body, content_type, as_=world.staff_teacher, academy=world.miami)
        assert is_answer(response), (url, body[:40])
    assert LiveClass.objects.count() == 1


def names():
    return [*AcademyLiveClassFilter.base_filters, "limit", "offset", "envelope", "nope", "%00", "a[b]", ""]


@pytest.mark.parametrize("name", names())
def test_query_parameters_of_class_lists(call, world, doors, name):
    """H7: whatever stands in a parameter, also twice."""
    for value in QUERY_VALUES:
        query = f"{name}={value}&{name}={value}"
        response = call("GET", f"{LIST}?{query}", as_=world.staff_teacher, academy=world.miami)
        assert is_answer(response), query
    response = call("GET", f"{MINE}?{name}=%00", as_=world.student)
    assert is_answer(response)


@pytest.mark.parametrize("path", [LIST, *JOIN])
def test_odd_addresses_of_classes(call, world, doors, path):
    """H3, J2: the join links too, which are pages, and methods and endings that no route has."""
    for piece in PIECES:
        for method, end in itertools.product(("GET", "PUT", "DELETE", "POST"), ("", "/", "/cancel", "/restore/")):
            json = {"Accept": "application/json"}
            response = call(method, f"{path}/{piece}{end}", as_=world.admin, academy=world.miami, headers=json)
            assert is_answer(response)
            assert response.status_code in {404, 405}


@pytest.mark.parametrize("value", AUTHORIZATIONS, ids=lambda value: repr(value[:12]))
def test_authorization_headers(client, make_class, value):
    """H4: a header that is no token is 401."""
    response = client.get(MINE, headers={"Authorization": value})
    assert error(response)[0] == 401


@pytest.mark.parametrize("value", ACADEMIES, ids=lambda value: repr(value[:12]))
def test_academy_headers(call, world, value):
    """H4: a header that names no academy."""
    response = call("GET", LIST, as_=world.admin, academy=value)
    assert error(response) in {(400, "invalid-academy-header"), (403, "not-academy-member")}


@pytest.mark.parametrize("accept", ACCEPTS, ids=lambda accept: repr(accept[:12]))
def test_accept_headers(call, world, accept):
    """H3: what cannot be accepted is 406, in the one shape."""
    response = call("GET", LIST, as_=world.staff_teacher, academy=world.miami, headers={"Accept": accept})
    assert is_answer(response)
    assert response["Content-Type"] == "application/json"
