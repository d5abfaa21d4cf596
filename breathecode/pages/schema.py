"""The join pages in the OpenAPI schema, which no API view describes (rules J1 to J7, O1)."""

from collections.abc import Iterable
from typing import Any

from rest_framework.exceptions import MethodNotAllowed

from breathecode.authenticate.api.schema import SIGNED_IN_ERRORS
from breathecode.authenticate.errors import InvalidAcademyHeader
from breathecode.common.api.error_examples import ErrorClass, error_responses
from breathecode.common.errors import DatabaseUnavailable, LookAheadRefused
from breathecode.common.ids import MAX_ID
from breathecode.events.errors import ClassCancelled, ClassHasEnded, LiveClassNotFound, MeetingUrlNotSet

JsonSchema = dict[str, Any]

_ERRORS: tuple[ErrorClass, ...] = (
    ClassHasEnded,
    ClassCancelled,
    MeetingUrlNotSet,
    LiveClassNotFound,
    *SIGNED_IN_ERRORS,
    MethodNotAllowed,
    DatabaseUnavailable,
    LookAheadRefused,
)
_PAGE = {"text/html": {"schema": {"type": "string"}}}
_HASH = {
    "name": "hash",
    "in": "path",
    "required": True,
    "description": "The hash of the class, as returned by the lists.",
    "schema": {"type": "string", "pattern": "^[0-9a-f]{40}$"},
}
_ACADEMY = {
    "name": "Academy",
    "in": "header",
    "required": False,
    "description": "An academy's id. Defaults to the academy of the class.",
    "schema": {"type": "integer", "minimum": 1, "maximum": MAX_ID},
}
_SECURITY: list[dict[str, list[str]]] = [{"token": []}, {"token_in_address": []}, {"session": []}]
_REDIRECT = {
    "description": (
        "Redirects to the meeting (the class's own URL, or else the cohort's) once the class can be joined. "
        "A browser that is not signed in is redirected to the sign-in page and back."
    ),
    "headers": {"Location": {"schema": {"type": "string"}, "required": True}},
    "content": _PAGE,
}
_COUNTDOWN = {
    "description": "Before the start: a countdown page that continues to the class by itself.",
    "content": _PAGE,
}


def add_join_pages(result: JsonSchema, generator: Any, request: Any, public: bool) -> JsonSchema:
    """A postprocessing hook of drf-spectacular."""
    me = _join("Join a live class as a user of its cohort.", "events_me_event_liveclass_join")
    academy = _join("Join a live class as academy staff.", "events_academy_event_liveclass_join")
    academy["parameters"] = [_HASH, _ACADEMY]
    academy["responses"] |= _errors((*_ERRORS, InvalidAcademyHeader), generator.registry)
    me["responses"] |= _errors(_ERRORS, generator.registry)
    result["paths"] |= {
        "/v1/events/me/event/liveclass/join/{hash}": {"get": me},
        "/v1/events/academy/event/liveclass/join/{hash}": {"get": academy},
    }
    result["components"] = generator.registry.build({})  # built again, with the examples of these pages
    return result


def _join(summary: str, name: str) -> JsonSchema:
    return {
        "operationId": name,
        "summary": summary,
        "description": "For browsers: errors are HTML pages, or JSON for clients that do not accept HTML.",
        "tags": ["join"],
        "parameters": [_HASH],
        "security": _SECURITY,
        "responses": {"200": _COUNTDOWN, "302": _REDIRECT},
    }


def _errors(found: Iterable[ErrorClass], registry: Any) -> JsonSchema:
    responses = error_responses(found, registry)
    for response in responses.values():
        response["content"] |= _PAGE
    return responses
