"""The errors in the API's schema: one example for each error class, by slug (rules H3, O1)."""

from collections.abc import Iterable
from typing import Any

from drf_spectacular.plumbing import ResolvedComponent
from rest_framework import exceptions

from breathecode.common import errors
from breathecode.common.api.exception_handler import SLUGS, error_body
from breathecode.common.errors import ApiError

ErrorClass = type[exceptions.APIException]

# Any route may answer these.
EVERYWHERE: tuple[ErrorClass, ...] = (
    errors.UnknownParameter,
    exceptions.MethodNotAllowed,
    exceptions.NotAcceptable,
    errors.DatabaseUnavailable,
)
WITH_PARAMETERS: tuple[ErrorClass, ...] = (errors.InvalidParameter,)
WITH_PATH: tuple[ErrorClass, ...] = (errors.NotFound,)
WITH_BODY: tuple[ErrorClass, ...] = (
    errors.ValidationFailed,
    errors.UnknownField,
    errors.PayloadTooLarge,
    exceptions.UnsupportedMediaType,
)

DESCRIPTIONS = {
    400: "Invalid request.",
    401: "Authentication is missing or invalid.",
    403: "The caller does not have permission.",
    404: "Not found, or not visible to the caller.",
    405: "This route does not support this method.",
    406: "The response is JSON, which the Accept header does not allow.",
    409: "Conflict with the current state of the resource.",
    412: "The request was made for an earlier state of the resource. Nothing was saved.",
    413: "The request body is too large.",
    415: "The content type of the request is not supported.",
    429: "Too many requests. The Retry-After header gives the number of seconds to wait.",
    503: "The service is temporarily unavailable. The Retry-After header gives the number of seconds to wait.",
}

_ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "The format of every error.",
    "required": ["detail", "slug"],
    "properties": {
        "detail": {"type": "string", "description": "A human-readable message."},
        "slug": {"type": "string", "description": "A stable error code.", "pattern": "^[a-z]+(-[a-z]+)*$"},
        "errors": {
            "type": "object",
            "description": "Only with the slug validation-error: the messages by field.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "plan": {"type": "object", "description": "Only with the slug plan-outdated: the new plan."},
    },
    "additionalProperties": False,
}
_ERROR_HEADERS = {
    401: {"WWW-Authenticate": {"schema": {"type": "string", "enum": ["Token"]}, "required": True}},
    429: {
        "Retry-After": {
            "schema": {"type": "integer", "minimum": 1},
            "description": "Seconds to wait.",
            "required": True,
        }
    },
}
# Values for the placeholders of the sentences.
_SAMPLES = {
    "capability": "start_or_end_class",
    "count": "51",
    "day": "2025-10-28",
    "email": "ana@example.org",
    "fields": "starting_at",
    "hint": " Did you mean starting_at__gte?",
    "ids": "456",
    "limit": "1048576",
    "media_type": "text/plain",
    "method": "PATCH",
    "maximum": "50",
    "name": "starting_at_gte",
    "names": "startng_at",
    "reason": "expected a date like 2025-10-28 or a datetime like 2025-10-28T18:00:00Z.",
    "role": "STUDENT",
    "value": "web-dev-ft-2025",
    "wait": "120",
}


class _Samples(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "…"


def slug_of(error: ErrorClass) -> str:
    return error.slug if issubclass(error, ApiError) else SLUGS[error]


def example_of(error: ErrorClass) -> dict[str, Any]:
    """The body of such an error, with sample values for its placeholders."""
    samples = {**_SAMPLES, **getattr(error, "samples", {})}
    detail = str(error.default_detail).format_map(_Samples(samples))
    fields = {"starting_at": ["This field is required."]} if issubclass(error, errors.ValidationFailed) else None
    return error_body(detail, slug_of(error), fields)


def by_status(found: Iterable[ErrorClass]) -> dict[int, list[ErrorClass]]:
    """The errors of each status, in the given order. Of two with the same slug, the later and more specific one."""
    kept = {(error.status_code, slug_of(error)): error for error in found}
    statuses: dict[int, list[ErrorClass]] = {}
    for (status, _slug), error in sorted(kept.items(), key=lambda item: item[0][0]):
        statuses.setdefault(status, []).append(error)
    return statuses


def error_responses(found: Iterable[ErrorClass], registry: Any) -> dict[str, dict[str, Any]]:
    """The OpenAPI responses for these errors, by status; their examples become components of the schema."""
    return {str(status): _error_response(status, errors, registry) for status, errors in by_status(found).items()}


def _error_response(status: int, found: list[ErrorClass], registry: Any) -> dict[str, Any]:
    examples = {
        slug_of(error): _component(registry, error.__name__, ResolvedComponent.EXAMPLE, {"value": example_of(error)})
        for error in found
    }
    schema = _component(registry, "Error", ResolvedComponent.SCHEMA, _ERROR_SCHEMA)
    headers = {"headers": _ERROR_HEADERS[status]} if status in _ERROR_HEADERS else {}
    content = {"application/json": {"schema": schema, "examples": examples}}
    return {"description": DESCRIPTIONS[status], **headers, "content": content}


def _component(registry: Any, name: str, kind: str, content: dict[str, Any]) -> dict[str, Any]:
    component = ResolvedComponent(name=name, type=kind, schema=content, object=name)  # type: ignore[no-untyped-call]
    registry.register_on_missing(component)
    reference: dict[str, Any] = component.ref
    return reference
