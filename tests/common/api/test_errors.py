"""The one error shape, whatever goes wrong (rules H3, H4)."""

import json
import re

import pytest
from django.test import Client

from breathecode.authenticate.api.views import RoleListView
from breathecode.authenticate.errors import NotAcademyMember
from breathecode.common.api.exception_handler import forbidden
from tests.support.client import error
from tests.support.routes import api_routes

ROLES = "/v1/auth/role"
MEMBERS = "/v1/auth/academy/member"
LOGIN = "/v1/auth/login"


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/auth/nothing/", "/v1/", "/v1/auth/roles/5"])
def test_unknown_routes_answer_404_in_the_one_shape(call, settings, path, debug):
    """H3: an unknown route is a 404 of ours, with DEBUG on and off."""
    settings.DEBUG = debug
    response = call("GET", path)
    assert error(response) == (404, "not-found")
    assert response["Content-Type"] == "application/json"


def test_outside_the_api_an_unknown_route_is_404_in_the_one_shape(call):
    """H3: also where no API route begins."""
    assert error(call("GET", "/nothing")) == (404, "not-found")


def test_an_unexpected_error_is_500_in_the_one_shape(call, world, monkeypatch, caplog):
    """H3: a view that raises answers 500, says nothing of what was wrong, and leaves it in the log."""

    def broken(self, request):
        raise RuntimeError("the secret reason")

    monkeypatch.setattr(RoleListView, "get", broken)
    response = call("GET", ROLES, as_=world.student)
    assert error(response) == (500, "server-error")
    assert b"secret reason" not in response.content
    assert "the secret reason" in caplog.text


def test_an_error_outside_of_the_api_is_500_in_the_one_shape(db, monkeypatch):
    """H3: what fails where no exception handler of the API reaches."""

    def broken(request):
        raise RuntimeError("the secret reason")

    monkeypatch.setattr(
        "breathecode.common.observability.request_log.RequestLogMiddleware.__call__",
        lambda self, request: broken(request),
    )
    response = Client(raise_request_exception=False).get("/healthz")
    assert error(response) == (500, "server-error")
    assert b"secret reason" not in response.content


def test_a_refusal_by_django_itself_is_403_in_the_one_shape(rf):
    """H3: Django asks this handler for its answer to a PermissionDenied outside of the API."""
    response = forbidden(rf.get("/"))
    assert (response.status_code, json.loads(response.content)["slug"]) == (403, "permission-denied")


def test_a_host_of_somebody_else_is_400_in_the_one_shape(db, settings):
    """H3: what Django refuses before any view."""
    response = Client(headers={"host": "evil.example"}).get("/v1/auth/role")
    assert error(response) == (400, "bad-request")


@pytest.mark.parametrize("method", ["PATCH", "OPTIONS", "TRACE", "DELETE"])
def test_other_methods_are_405(call, world, method):
    """H3: a method that a route does not know, before anything else about the request."""
    assert error(call.client.generic(method, ROLES)) == (405, "method-not-allowed")
    assert error(call.client.generic(method, LOGIN)) == (405, "method-not-allowed")


def test_every_route_refuses_patch_with_405(call, world):
    """H3: on every route there is."""
    answers = {route.path: error(call.client.generic("PATCH", _filled(route.path))) for route in api_routes()}
    assert set(answers.values()) == {(405, "method-not-allowed")}, answers


def _filled(path):
    return re.sub(r"<[^>]+>", "1", path)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "x"])
def test_a_body_that_is_no_json_is_415(call, world, content_type):
    """H3: only JSON is taken."""
    content = b"email=student@example.org&password=pass-word-9"
    assert error(call.raw("POST", LOGIN, content, content_type)) == (415, "unsupported-media-type")


def test_a_caller_who_takes_no_json_is_406(call, world):
    """H3: only JSON is given."""
    response = call("GET", ROLES, as_=world.student, headers={"Accept": "text/html"})
    assert error(response) == (406, "not-acceptable")


def test_a_body_over_one_mebibyte_is_413(call, world):
    """H3: and one of exactly that size is read."""
    limit = 1024 * 1024
    assert error(call.raw("POST", LOGIN, b"[" + b" " * limit, "application/json")) == (413, "payload-too-large")
    assert error(call.raw("POST", LOGIN, b"[" + b" " * (limit - 1), "application/json")) == (400, "malformed-json")


def test_without_a_token(call, world):
    """H4: no Authorization header, or another scheme: authentication-required, with the way in."""
    response = call("GET", ROLES)
    assert error(response) == (401, "authentication-required")
    assert response["WWW-Authenticate"] == "Token"
    for header in ("Bearer abc", "Basic c3R1ZGVudDpwYXNz", "Tokenabc"):
        response = call("GET", ROLES, headers={"Authorization": header})
        assert error(response) == (401, "authentication-required"), header


@pytest.mark.parametrize("key", ["", "nonsense", "a" * 10_000, "'; DROP TABLE x; --", "\u00e9\u00ff"])
def test_with_a_token_that_nobody_has(call, world, key):
    """H4: invalid-token."""
    response = call("GET", ROLES, headers={"Authorization": f"Token {key}"})
    assert error(response) == (401, "invalid-token")


def test_a_token_in_the_address_opens_no_json(call, world):
    """H2: `?token=` is never taken on the JSON API."""
    response = call("GET", f"{ROLES}?token={call.key(world.student)}")
    assert error(response) == (401, "authentication-required")


def test_the_scheme_is_read_in_any_case(call, world):
    """H2: as HTTP has it for authentication schemes."""
    assert call("GET", ROLES, headers={"Authorization": f"tOkEn  {call.key(world.student)} "}).status_code == 200


@pytest.mark.parametrize("header", ["", "  "])
def test_without_the_academy_header(call, world, header):
    """H4: academy-header-required."""
    assert error(call("GET", MEMBERS, as_=world.admin)) == (400, "academy-header-required")
    assert error(call("GET", MEMBERS, as_=world.admin, academy=header)) == (400, "academy-header-required")


@pytest.mark.parametrize("header", ["downtown-miami", "1.0", "-1", "1,2", "0x1", "\u00b2", "' OR 1=1"])
def test_an_academy_header_that_is_no_number(call, world, header):
    """H4: invalid-academy-header."""
    assert error(call("GET", MEMBERS, as_=world.admin, academy=header)) == (400, "invalid-academy-header")


def test_an_unknown_academy_and_one_of_others_answer_alike(call, world):
    """H4: not-academy-member, in the same words, for an academy that is not there and for one that is."""
    foreign = call("GET", MEMBERS, as_=world.admin, academy=world.madrid)
    for unknown in (0, 999_999, 2**63, "9" * 400):
        answer = call("GET", MEMBERS, as_=world.admin, academy=unknown)
        assert error(answer) == error(foreign) == (403, "not-academy-member")
        assert answer.content == foreign.content
    assert foreign.json()["detail"] == str(NotAcademyMember.default_detail)


def test_a_student_is_no_member(call, world):
    """H4: whoever has only a part in a cohort is no member of its academy."""
    for person in (world.student, world.teacher, world.assistant, world.reviewer):
        assert error(call("GET", MEMBERS, as_=person, academy=world.miami)) == (403, "not-academy-member")


def test_a_member_without_the_capability(call, world):
    """H4: missing-capability, and the detail names it."""
    response = call("POST", MEMBERS, as_=world.coordinator, academy=world.miami, body={})
    assert error(response) == (403, "missing-capability")
    assert "crud_member" in response.json()["detail"]


def test_a_superuser_is_everywhere_but_in_no_academy_that_is_not(call, world):
    """H4, R5: every academy is open, an unknown one is unknown to superusers too."""
    for academy in (world.miami, world.madrid):
        assert call("GET", MEMBERS, as_=world.superuser, academy=academy).status_code == 200
    assert error(call("GET", MEMBERS, as_=world.superuser, academy=999_999)) == (403, "not-academy-member")


def test_field_errors_say_which_field(call, world):
    """H3: 400 `validation-error`, with sentences by field."""
    body = {"email": "no address", "role": "emperor", "first_name": ["x"]}
    response = call("POST", MEMBERS, as_=world.admin, academy=world.miami, body=body)
    assert error(response) == (400, "validation-error")
    errors = response.json()["errors"]
    assert set(errors) == {"email", "role", "first_name"}
    assert all(isinstance(text, str) and text for texts in errors.values() for text in texts)
    assert response.json()["detail"] == "Some fields are missing or invalid: email, first_name, role."
