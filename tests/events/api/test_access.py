"""Who may do what with classes: each person, each route, each method."""

import datetime

import pytest

from breathecode.events.models import LiveClass
from tests.support.classes import NOW

pytestmark = pytest.mark.usefixtures("clock")
EVENTS = "/v1/events"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PEOPLE = (
    *("anonymous", "student", "stranger", "dropped", "teacher", "assistant", "reviewer"),
    *("reader", "staff_teacher", "coordinator", "admin", "foreign_admin", "superuser"),
)
# At class time, with the header of the class's academy. A method that a route is not listed with is 405 to everybody.
# The staff of the cohort's academy hold start_or_end_class, but for the reader.
TABLE = """
                nobody  stu str dro tea ass rev  rea tea coo adm  foreign super
GET    mine        401  200 200 200 200 200 200  200 200 200 200    200    200
GET    academy     401  403 403 403 403 403 403  403 200 200 200    403    200
POST   academy     401  403 403 403 403 403 403  403 400 400 400    403    400
GET    one         401  403 403 403 403 403 403  403 200 200 200    403    200
PUT    one         401  403 403 403 403 403 403  403 200 200 200    403    200
DELETE one         401  403 403 403 403 403 403  403 400 400 400    403    400
GET    history     401  403 403 403 403 403 403  403 200 200 200    403    200
POST   cancel      401  403 403 403 403 403 403  403 200 200 200    403    200
POST   restore     401  403 403 403 403 403 403  403 200 200 200    403    200
GET    join        401  302 404 404 302 302 302  404 302 302 302    404    302
GET    join-staff  401  404 404 404 404 404 404  404 302 302 302    404    302
"""


def expected():
    rows = [line.split() for line in TABLE.strip().splitlines()[1:]]
    return {
        (method, route, person): int(status)
        for method, route, *statuses in rows
        for person, status in zip(PEOPLE, statuses, strict=True)
    }


EXPECTED = expected()


@pytest.fixture
def routes(make_class):
    """The addresses, about classes that no allowed request of the table brings into another state."""
    generated = make_class(start=0, planned_date=datetime.date(2025, 3, 5))
    victim = make_class(start=5)
    return {
        "mine": f"{EVENTS}/me/event/liveclass",
        "academy": f"{EVENTS}/academy/event/liveclass",
        "one": f"{EVENTS}/academy/event/liveclass/{generated.pk}",
        "history": f"{EVENTS}/academy/event/liveclass/{generated.pk}/history",
        "cancel": f"{EVENTS}/academy/event/liveclass/{victim.pk}/cancel",
        "restore": f"{EVENTS}/academy/event/liveclass/{generated.pk}/restore",
        "join": f"{EVENTS}/me/event/liveclass/join/{generated.hash}",
        "join-staff": f"{EVENTS}/academy/event/liveclass/join/{generated.hash}",
    }


def status_of(method, route, person):
    if method == "HEAD":  # as GET; a look at the door of a room does not tell where it is
        status = EXPECTED.get(("GET", route, person), 405)
        return 200 if status == 302 else status
    return EXPECTED.get((method, route, person), 405)


@pytest.mark.parametrize("name", PEOPLE)
def test_who_may_do_what(call, world, routes, name):
    """H4, J2, J7, L7, W1 to W6: every method of every route, for each kind of person."""
    person = None if name == "anonymous" else getattr(world, name)
    found, wanted = {}, {}
    for route, url in routes.items():
        for method in METHODS:
            body: dict[str, str] | None = {} if method in {"POST", "PUT", "PATCH"} else None
            json = {"Accept": "application/json"}
            response = call(method, url, as_=person, academy=world.miami, body=body, headers=json)
            found[method, route] = response.status_code
            wanted[method, route] = status_of(method, route, name)
            if response.status_code >= 400 and method != "HEAD":
                assert {"detail", "slug"} <= set(response.json())
    assert found == wanted


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_what_is_asked_first(call, world, routes, method):
    """H4: who you are, then for which academy, then what you may do there, then whether the class exists."""
    url = routes["one"]
    answers = [
        call(method, url, academy=world.miami),
        call(method, url, as_=world.admin),
        call(method, url, as_=world.admin, academy="x"),
        call(method, url, as_=world.admin, academy=10**9),
        call(method, url, as_=world.admin, academy=world.madrid),
        call(method, url, as_=world.reader, academy=world.miami),
        call(method, url, as_=world.foreign_admin, academy=world.madrid),
        call(method, url, as_=world.superuser, academy=world.madrid),
    ]
    assert [(answer.status_code, answer.json()["slug"]) for answer in answers] == [
        (401, "authentication-required"),
        (400, "academy-header-required"),
        (400, "invalid-academy-header"),
        (403, "not-academy-member"),
        (403, "not-academy-member"),
        (403, "missing-capability"),
        (404, "not-found"),
        (404, "not-found"),
    ]
    assert "start_or_end_class" in answers[5].json()["detail"]
    assert LiveClass.objects.filter(starting_at=NOW).exists()
