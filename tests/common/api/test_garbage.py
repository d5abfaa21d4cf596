"""No garbage gives a 500 (rules H3, H5, H7): random bodies at every POST and PUT, odd addresses at every route."""

import json
import re

import pytest
from django.conf import settings
from django.test import TestCase
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from breathecode.admissions.models import Holiday, Syllabus
from tests.support.client import error
from tests.support.routes import api_routes

WRITES = sorted((method, route.path) for route in api_routes() for method in route.methods & {"POST", "PUT"})
WORDS = [
    "web-dev",
    "STARTED",
    "STUDENT",
    "admin",
    "2025-01-01",
    "2025-01-01T00:00:00Z",
    "Europe/Madrid",
    "MO",
    "a@b.org",
]
NASTY = ["", " ", "\x00", "x" * 10_000, "'; DROP TABLE x; --", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"]
NUMBERS = [0, -1, 1400, 2**31, 2**63 - 1, 2**63, 2**64, 10**400, 1e308, 5e-324]

scalars = (
    st.none()
    | st.booleans()
    | st.sampled_from(NUMBERS)
    | st.sampled_from(WORDS + NASTY)
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
    return re.sub(r"<str:cohort>", "web-dev", re.sub(r"<int:\w+>", str(pk), path)).replace(
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
    ids = {"<int:user_id>": world.student.pk, "<int:member_id>": world.miami.members.get(user=world.admin).pk}
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


TAILS = [
    "?a=%00",
    "?limit=%ff",
    "?like=%ed%a0%80",
    "?like=" + "x" * 10_000,
    "?offset=" + "9" * 30,
    "?stage=%00&stage=1",
    "?syllabus=" + ",".join(["9" * 18] * 50),
    "?" + "&".join(f"p{number}=1" for number in range(50)),
    "?limit=1e999",
    "?envelope=\u2028",
    "?upcoming=' OR 1=1 --",
]


@pytest.mark.parametrize("tail", TAILS, ids=lambda tail: tail[:20])
def test_odd_query_parameters(call, world, who, tail):
    """H7: on every GET of the API."""
    for route in api_routes():
        if "GET" in route.methods:
            response = call("GET", address(route.path, 1) + tail, **who)
            assert response.status_code < 500, route.path
            if response.status_code >= 400:
                error(response)


@pytest.mark.parametrize(
    "piece",
    [
        "%00",
        "%ff",
        "%ed%a0%80",
        "9" * 19,
        "9" * 5000,
        "-1",
        "1.5",
        "\u0663",
        "x" * 5000,
        "..%2f..",
        "'%20OR%201=1",
        "%0a",
    ],
    ids=lambda piece: piece[:12],
)
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
