"""Front ends that were written for a larger API (rule H10)."""

import re

import pytest

from tests.support.client import error
from tests.support.routes import api_routes

COHORTS = "/v1/admissions/academy/cohort"


@pytest.fixture
def ignoring(settings):
    settings.UNKNOWN_INPUT = "ignore"


@pytest.mark.usefixtures("ignoring")
def test_what_a_route_does_not_know_is_left_alone(call, world):
    """H10: fields and query parameters, and what it knows is written and filtered by all the same."""
    who = {"as_": world.admin, "academy": world.miami}
    body = {"name": "Evening", "color": "red", "private": True}
    response = call("PUT", f"{COHORTS}/web-dev?lang=es", **who, body=body)
    assert (response.status_code, response.json()["name"]) == (200, "Evening")
    assert "color" not in response.json()
    rows = call("GET", f"{COHORTS}?stage=STARTED&distance=5&format=json", **who).json()
    assert [row["slug"] for row in rows] == ["web-dev"]


@pytest.mark.usefixtures("ignoring")
def test_no_route_refuses_what_it_does_not_know(call, world):
    """H10: every route and method."""
    for route in api_routes():
        path = re.sub(r"<[^>]+>", "1", route.path)
        for method in sorted(route.methods):
            response = call(method, f"{path}?qwertz=1", as_=world.superuser, academy=world.miami, body={"qwertz": 1})
            if response.status_code >= 400:
                assert error(response)[1] not in {"unknown-field", "unknown-parameter"}, (method, path)


@pytest.mark.usefixtures("ignoring")
@pytest.mark.parametrize("query", ["stage=OPEN", "upcoming=maybe", "limit=0", "sort=colour"])
def test_what_cannot_be_read_is_refused_all_the_same(call, world, query):
    """H10: 400 `invalid-parameter`, and `validation-error` in a body."""
    who = {"as_": world.admin, "academy": world.miami}
    assert error(call("GET", f"{COHORTS}?{query}", **who)) == (400, "invalid-parameter")
    body = {"kickoff_date": "soon", "color": "red"}
    assert error(call("PUT", f"{COHORTS}/web-dev", **who, body=body)) == (400, "validation-error")
