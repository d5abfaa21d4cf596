"""Every route there is, with every method and as every kind of client: errors have the form that their reader needs."""

import re

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import URLResolver, get_resolver

from breathecode.common.observability import health
from breathecode.pages.views.home import HomeView

pytestmark = pytest.mark.slow

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ACCEPTS = (BROWSER, "application/json", "*/*", "image/png")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
PAGES_OF_V1 = ("/v1/docs", "/v1/events/me/event/liveclass/join/", "/v1/events/academy/event/liveclass/join/")
PROBES = ("/healthz", "/readyz", "/metrics")


def _paths(patterns, prefix="/"):
    for pattern in patterns:
        path = prefix + re.sub(r"<[^>]+>", "1", str(pattern.pattern)).removeprefix("^")
        if isinstance(pattern, URLResolver):
            yield from _paths(pattern.url_patterns, path)
        elif "(" not in path:
            yield path.removesuffix("$")


def paths():
    found = {path for path in _paths(get_resolver().url_patterns) if not path.startswith("/admin/")}
    assert {"/", "/sign-in", "/v1/schema", "/healthz", "/survey/1", "/v1/auth/login"} <= found
    return sorted(found | {"/nothing", "/v1/nothing", "/admin/nothing", "/admin/logout/", "/reminders/off/1"})


def is_for_people(path):
    return path not in PROBES and (not path.startswith("/v1/") or path.startswith(PAGES_OF_V1))


def is_page(response):
    content = response.content.decode()
    whole = content.count("<h1") == 1 and "<main" in content and '<html lang="' in content
    return response["Content-Type"].startswith("text/html") and whole


def is_json(response):
    if response["Content-Type"] != "application/json":
        return False
    body = response.json()
    return bool(body["detail"] and body["slug"])


def is_cut_off(response):
    """A server sends `Content-Length` as it is, and a client reads no further; Django's test client reads on."""
    return int(response.get("Content-Length", len(response.content))) != len(response.content)


def right(path, accept, response):
    if response.status_code < 400 or response.request["REQUEST_METHOD"] == "HEAD":
        return True
    if is_cut_off(response):
        return False
    if not is_for_people(path) or accept == "application/json":
        return is_json(response)
    return is_page(response) if accept == BROWSER else is_page(response) or is_json(response)


@pytest.mark.parametrize("person", [None, "superuser"])
@pytest.mark.parametrize("method", METHODS)
def test_every_error_has_its_form(world, method, person):
    """H3: the JSON body on the JSON API, whatever is accepted; a page for a person elsewhere; never neither."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    if person:
        client.force_login(getattr(world, person))
    wrong, errors = [], 0
    for path in paths():
        for accept in ACCEPTS:
            response = client.generic(method, path, headers={"Accept": accept})
            errors += response.status_code >= 400
            if not right(path, accept, response):
                wrong.append((path, accept, response.status_code, response["Content-Type"], response.content[:60]))
    assert wrong == []
    assert errors > 50


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [
        ("POST", "/healthz", 405, "method-not-allowed"),
        ("POST", "/metrics", 405, "method-not-allowed"),
        ("POST", "/v1/schema", 405, "method-not-allowed"),
        ("GET", "/v1/docs", 406, "not-acceptable"),
        ("PUT", "/survey/1", 405, "method-not-allowed"),
        ("OPTIONS", "/survey/1", 405, "method-not-allowed"),
        ("POST", "/sign-in", 403, "csrf-failed"),
        ("POST", "/admin/login/", 403, "csrf-failed"),
        ("GET", "/nothing", 404, "not-found"),
        ("GET", "/admin/logout/", 405, "method-not-allowed"),
    ],
)
def test_what_used_to_have_no_body_or_the_wrong_one(world, method, path, status, slug):
    """H3: the corners, for a client that takes JSON; what is allowed is still in `Allow`."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(world.superuser)
    response = client.generic(method, path, headers={"Accept": "application/json"})
    assert (response.status_code, response.json()["slug"]) == (status, slug)
    assert "Allow" in response or status != 405


@pytest.mark.parametrize(
    ("error", "status", "heading"),
    [
        (RuntimeError("the secret reason"), 500, "Something went wrong"),
        (OperationalError("the secret reason"), 503, "Not available right now"),
    ],
)
def test_a_page_that_fails(world, monkeypatch, error, status, heading):
    """H3, O6: a small page in the reader's language; 503 says when to come back; nothing of the reason is shown."""

    def broken(self, request):
        raise error

    monkeypatch.setattr(HomeView, "get", broken)
    client = Client(raise_request_exception=False)
    client.force_login(world.student)
    response = client.get("/", headers={"Accept": BROWSER})
    page = response.content.decode()
    assert response.status_code == status
    assert is_page(response)
    assert heading in page
    assert "secret reason" not in page
    assert response.headers.get("Retry-After") == ("5" if status == 503 else None)
    assert "unsafe" not in response["Content-Security-Policy"]
    spanish = client.get("/", headers={"Accept": BROWSER, "Accept-Language": "es-MX"}).content.decode()
    assert '<html lang="es">' in spanish
    assert heading not in spanish


def test_an_api_view_without_its_database(call, world, monkeypatch):
    """H3, O6: 503 `database-unavailable` with Retry-After."""

    def broken(self, request):
        raise OperationalError("gone")

    monkeypatch.setattr("breathecode.authenticate.api.views.RoleListView.get", broken)
    response = call("GET", "/v1/auth/role", as_=world.student)
    assert (response.status_code, response.json()["slug"]) == (503, "database-unavailable")
    assert response["Retry-After"] == "5"


def test_the_page_of_an_error_when_the_session_cannot_be_read(world, monkeypatch):
    """H3, V6: with the database gone, the page names nobody instead of failing too."""
    client = Client(raise_request_exception=False)
    client.force_login(world.student)

    def gone(self, session_data=None):
        raise OperationalError("gone")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore._get_session_from_db", gone)
    response = client.get("/", headers={"Accept": BROWSER})
    assert (response.status_code, is_page(response)) == (503, True)
    assert b"student@example.org" not in response.content


def test_probes_are_not_pages(db, monkeypatch):
    """H3, O1: a browser that opens /readyz sees the JSON that names what fails."""

    def failing():
        raise ConnectionError("down")

    monkeypatch.setitem(health.REMOTE_CHECKS, "broker", failing)
    response = Client().get("/readyz", headers={"Accept": BROWSER})
    assert response.json()["parts"]["broker"] == "failing"


def test_a_form_that_is_refused_says_so(world):
    """H3: the page of a failed CSRF check speaks of the form, and not of a page that cannot be opened."""
    response = Client(enforce_csrf_checks=True).post("/sign-in", headers={"Accept": BROWSER})
    assert (response.status_code, "<title>The form was not sent</title>" in response.content.decode()) == (403, True)
