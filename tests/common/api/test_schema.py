"""The description of the API: whole, valid, and with an example of every error."""

import inspect
from collections import Counter
from importlib import import_module

import pytest
from django.core.management import call_command
from django.urls import URLPattern, get_resolver
from drf_spectacular.generators import SchemaGenerator

from breathecode.common.errors import ApiError

ERROR_MODULES = ("common", "authenticate", "admissions", "events", "feedback", "history")
# Bases, which nothing raises as they are.
BASES = {"ApiError", "Unauthenticated"}
# Of pages that are no part of the API: links in mails.
OF_PAGES = {"LinkNotValid", "LinkExpired", "SurveyLinkNotValid"}
# Served for the schema itself; not part of it.
OWN = {"/v1/schema", "/v1/docs"}


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(request=None, public=True)


@pytest.fixture(scope="module")
def operations(schema):
    return {
        (method.upper(), path): operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


def test_it_is_valid_and_names_are_clear(tmp_path):
    """O1: drf-spectacular finds neither an error nor anything that it had to guess."""
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))


def test_operations_have_names_of_their_own(operations):
    """O1: client generators make a function of each operationId."""
    names = Counter(operation["operationId"] for operation in operations.values())
    assert [name for name, count in names.items() if count > 1] == []
    assert [key for key, operation in operations.items() if not operation.get("summary")] == []


def routes(patterns=None, prefix=""):
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield path, pattern.callback
        else:
            yield from routes(pattern.url_patterns, path)


def test_every_route_and_method_is_described(operations):
    """O1: what answers under /v1 stands in the schema, method by method, and nothing else does."""
    found = set()
    for path, view in routes():
        kind = getattr(view, "cls", None) or getattr(view, "view_class", None)
        if not path.startswith("v1/") or kind is None:
            continue
        plain = "/" + path.replace("<id:", "{").replace("<str:", "{").replace(">", "}").replace("hash_}", "hash}")
        found |= {(method, plain) for method in ("GET", "POST", "PUT", "DELETE") if hasattr(kind, method.lower())}
    assert {key for key in found if key[1] not in OWN} == set(operations)


def test_every_error_has_an_example(schema):
    """O1: each slug of each app is shown, with a whole sentence and the status that it comes with."""
    shown = schema["components"]["examples"]
    for module in ERROR_MODULES:
        for name, kind in inspect.getmembers(import_module(f"breathecode.{module}.errors"), inspect.isclass):
            if not issubclass(kind, ApiError) or name in BASES | OF_PAGES:
                continue
            assert shown[name]["value"]["slug"] == kind.slug
            assert "{" not in shown[name]["value"]["detail"]
            assert "…" not in shown[name]["value"]["detail"]


def responses_of(operations, method, path):
    responses = operations[method, path]["responses"]
    return {
        int(code): sorted(content["content"]["application/json"].get("examples", {}))
        for code, content in responses.items()
        if int(code) >= 400
    }


def test_the_errors_of_a_change(operations):
    """O1, W3: PUT of a class names each of its errors."""
    assert responses_of(operations, "PUT", "/v1/events/academy/event/liveclass/{live_class_id}") == {
        400: [
            "academy-header-required", "class-already-started", "class-cancelled", "class-has-ended",
            "class-too-long", "ended-at-already-set", "ended-at-before-started-at", "ended-at-in-the-future",
            "ended-at-too-old", "ended-at-too-soon", "ending-at-before-starting-at", "invalid-academy-header",
            "malformed-json", "not-a-teacher", "only-started-at", "reason-without-move",
            "started-at-already-set", "started-at-not-now", "started-at-not-set", "unknown-field",
            "unknown-parameter", "validation-error",
        ],
        401: ["authentication-required", "expired-token", "invalid-token"],
        403: ["missing-capability", "not-academy-member"],
        404: ["not-found"],
        405: ["method-not-allowed"],
        406: ["not-acceptable"],
        409: ["live-class-already-exists"],
        413: ["payload-too-large"],
        415: ["unsupported-media-type"],
        503: ["database-unavailable"],
    }  # fmt: skip


def test_who_may_call_is_described(operations):
    """O1, H2, H4: the token, the Academy header, and a token in the address where a browser opens it."""
    staff = operations["GET", "/v1/events/academy/event/liveclass"]
    assert staff["security"] == [{"token": []}]
    assert [p["name"] for p in staff["parameters"] if p["in"] == "header" and p["required"]] == ["Academy"]
    mine = operations["GET", "/v1/events/me/event/liveclass"]
    assert [p["name"] for p in mine["parameters"] if p["in"] == "header"] == []
    join = operations["GET", "/v1/events/me/event/liveclass/join/{hash}"]
    assert join["security"] == [{"token": []}, {"token_in_address": []}, {"session": []}]
    assert operations["POST", "/v1/auth/login"].get("security", []) == []


def test_pages_of_lists_are_described(schema, operations):
    """O1, H8: limit, offset and envelope, and the headers that tell the page."""
    for path in ("/v1/events/me/event/liveclass", "/v1/admissions/academy/cohort"):
        listing = operations["GET", path]
        assert {"limit", "offset", "envelope"} <= {parameter["name"] for parameter in listing["parameters"]}
        assert set(listing["responses"]["200"]["headers"]) == {"X-Total-Count", "X-Per-Page", "Link"}
    roles = operations["GET", "/v1/auth/role"]
    assert "parameters" not in roles
    assert roles["responses"]["200"]["content"]["application/json"]["schema"]["type"] == "array"


def test_swagger_needs_no_other_site(client):
    """O1: the page of the schema takes its files from here."""
    page = client.get("/v1/docs").content.decode()
    assert client.get("/v1/docs/").status_code == 200
    assert "https://" not in page
    assert "http://" not in page
