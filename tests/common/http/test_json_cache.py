"""What a cache between the product and its caller may do with an answer."""

import re

import pytest

from tests.support.routes import api_routes


def test_every_json_answer_is_its_callers_alone(call, world):
    """H12: every route and method, answers and errors; `Vary` names the headers that the answer depends on."""
    for route in api_routes():
        path = re.sub(r"<[^>]+>", "1", route.path)
        for method in (*sorted(route.methods), "PATCH"):
            for person in (None, world.superuser):
                response = call(method, path, as_=person, academy=world.miami, body={})
                if response.headers.get("Content-Type") != "application/json":
                    assert response.status_code < 400, (method, path)
                    continue
                assert response["Cache-Control"] == "private, no-store", (method, path, response.status_code)
                assert {"Authorization", "Academy"} <= set(re.split(", *", response["Vary"])), (method, path)


@pytest.mark.parametrize("path", ["/v1/nothing", "/healthz", "/nothing"])
def test_json_outside_of_the_views(call, path):
    """H12: unknown routes and probes too."""
    assert call("GET", path)["Cache-Control"] == "private, no-store"
