"""Turns every exception of every route into the one error shape (rule H3)."""

import logging
from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from breathecode.common.errors import ApiError, NotFound, PayloadTooLarge, ValidationFailed

logger = logging.getLogger(__name__)

_SLUGS: dict[type[exceptions.APIException], str] = {
    exceptions.NotAuthenticated: "authentication-required",
    exceptions.AuthenticationFailed: "invalid-token",
    exceptions.PermissionDenied: "permission-denied",
    exceptions.NotFound: "not-found",
    exceptions.MethodNotAllowed: "method-not-allowed",
    exceptions.NotAcceptable: "not-acceptable",
    exceptions.UnsupportedMediaType: "unsupported-media-type",
    exceptions.Throttled: "too-many-requests",
    exceptions.ParseError: "malformed-json",
}


def flatten(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """DRF's nested error detail as one list of sentences for each field; nested fields as `a.b`."""
    if isinstance(detail, dict):
        flat: dict[str, list[str]] = {}
        for key, value in detail.items():
            flat.update(flatten(value, f"{prefix}.{key}" if prefix else str(key)))
        return flat
    if isinstance(detail, list) and any(isinstance(item, dict | list) for item in detail):
        return flatten({str(index): item for index, item in enumerate(detail) if item}, prefix)
    sentences = detail if isinstance(detail, list) else [detail]
    return {prefix or "non_field_errors": [str(sentence) for sentence in sentences]}


def error_body(detail: str, slug: str, errors: dict[str, list[str]] | None = None) -> dict[str, Any]:
    body: dict[str, Any] = {"detail": detail, "slug": slug}
    return body if errors is None else {**body, "errors": errors}


def as_api_exception(exc: Exception) -> exceptions.APIException | None:
    """The API's own word for what Django or DRF raised; None for an error of ours."""
    if isinstance(exc, exceptions.ValidationError):
        return ValidationFailed(flatten(exc.detail))
    if isinstance(exc, DjangoValidationError):
        found = exc.message_dict if hasattr(exc, "error_dict") else {"non_field_errors": exc.messages}
        return ValidationFailed(found)
    if isinstance(exc, Http404 | ObjectDoesNotExist):
        return NotFound()
    if isinstance(exc, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(exc, RequestDataTooBig):
        return PayloadTooLarge(limit=settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    if isinstance(exc, SuspiciousOperation):  # what Django refuses as soon as a view looks at it: too many fields
        return ApiError(_("The request cannot be read."))
    return exc if isinstance(exc, exceptions.APIException) else None


def _headers(exc: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if header := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if (wait := getattr(exc, "wait", None)) is not None:
        headers["Retry-After"] = str(max(1, round(wait)))
    return headers


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response:
    known = as_api_exception(exc)
    set_rollback()
    if known is None:
        return _unexpected(exc, context)
    slug = known.slug if isinstance(known, ApiError) else _SLUGS.get(type(known), "bad-request")
    errors = known.errors if isinstance(known, ApiError) else None
    return Response(error_body(str(known.detail), slug, errors), status=known.status_code, headers=_headers(known))


def _unexpected(exc: Exception, context: dict[str, Any]) -> Response:
    request = context.get("request")
    logger.error("unexpected error", exc_info=exc)
    got_request_exception.send(sender=None, request=getattr(request, "_request", request))
    return Response(error_body(_("Something went wrong on our side."), "server-error"), status=500)


def plain_error(request: HttpRequest, *, status: int, detail: str, slug: str) -> HttpResponse:
    """The same shape outside of DRF: unknown routes, and what fails before a view is reached."""
    return JsonResponse(error_body(detail, slug), status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return plain_error(request, status=400, detail=_("The request cannot be read."), slug="bad-request")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return plain_error(request, status=403, detail=_("You may not do this."), slug="permission-denied")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return plain_error(request, status=404, detail=str(NotFound.default_detail), slug="not-found")


def server_error(request: HttpRequest) -> HttpResponse:
    return plain_error(request, status=500, detail=_("Something went wrong on our side."), slug="server-error")
