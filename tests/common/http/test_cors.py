"""Web front ends of other origins (rule H9)."""

import pytest

from tests.support.client import error
from tests.support.queries import assert_num_queries
from tests.support.routes import api_routes

APP = "https://app.example.org"
LIST = "/v1/events/me/event/liveclass"
ALLOWED = "Access-Control-Allow-Origin"


@pytest.fixture
def _app(settings):
    settings.CORS_ALLOWED_ORIGINS = [APP]


def preflight(call, path, origin=APP, method="PUT", headers="authorization,academy,content-type,if-match"):
    asked = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
    return call("OPTIONS", path, headers=asked)


@pytest.mark.usefixtures("_app")
def test_a_preflight_is_answered(call, world):
    """H9: without a token and without a query, for every method and header of the API."""
    with assert_num_queries(0):
        response = preflight(call, LIST)
    assert (response.status_code, response.content) == (200, b"")
    assert response[ALLOWED] == APP
    assert "Access-Control-Allow-Credentials" not in response
    methods = set(response["Access-Control-Allow-Methods"].split(", "))
    assert {method for route in api_routes() for method in route.methods} <= methods
    headers = set(response["Access-Control-Allow-Headers"].split(", "))
    assert {"authorization", "academy", "content-type", "if-match", "if-none-match"} <= headers
    assert int(response["Access-Control-Max-Age"]) > 0


@pytest.mark.usefixtures("_app")
@pytest.mark.parametrize("origin", ["https://evil.example", "https://app.example.org.evil.example", "null", ""])
def test_other_origins_get_what_they_got_before(call, world, origin):
    """H9, H3: OPTIONS is a method like any other, and no answer lets such a page read it."""
    response = preflight(call, LIST, origin=origin)
    assert error(response) == (405, "method-not-allowed")
    assert ALLOWED not in response
    response = call("GET", LIST, as_=world.student, headers={"Origin": origin})
    assert response.status_code == 200
    assert ALLOWED not in response
    assert "origin" in response["Vary"].lower()


def test_without_the_setting_there_are_none(call, world):
    """H9: the default."""
    response = preflight(call, LIST)
    assert error(response) == (405, "method-not-allowed")
    assert ALLOWED not in response


@pytest.mark.usefixtures("_app")
def test_answers_and_errors_can_be_read(call, world, settings, monkeypatch):
    """H9: 200, 401, 404, 429 and 500 alike, with the headers that tell pages and waits."""
    origin = {"Origin": APP}
    settings.LOGIN_FAILURES_PER_ACCOUNT = 1
    wrong = {"email": "student@example.org", "password": "x"}
    call("POST", "/v1/auth/login", body=wrong)
    answers = [
        call("GET", LIST, as_=world.student, headers=origin),
        call("GET", LIST, headers=origin),
        call("GET", "/v1/nowhere", headers=origin),
        call("POST", "/v1/auth/login", body=wrong, headers=origin),
    ]
    monkeypatch.setattr("breathecode.events.api.views.MyLiveClassListView.get", lambda *_args, **_kwargs: 1 / 0)
    answers.append(call("GET", LIST, as_=world.student, headers=origin))
    assert [answer.status_code for answer in answers] == [200, 401, 404, 429, 500]
    for answer in answers:
        assert answer[ALLOWED] == APP
        exposed = set(answer["Access-Control-Expose-Headers"].split(", "))
        assert {"Link", "X-Total-Count", "X-Per-Page", "Retry-After", "ETag"} <= exposed


@pytest.mark.usefixtures("_app")
@pytest.mark.parametrize("path", ["/sign-in", "/admin/login/", "/healthz", "/metrics"])
def test_pages_are_not_for_other_origins(call, world, path):
    """H9: only what begins with /v1/."""
    assert ALLOWED not in call("GET", path, headers={"Origin": APP})
