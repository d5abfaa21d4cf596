"""Turns every exception of every route into an error body (rule H3)."""

import logging
import sys
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from breathecode.common.api.renderers import dumps
from breathecode.common.errors import (
    NON_FIELD_ERRORS,
    ApiError,
    DatabaseUnavailable,
    NotFound,
    PayloadTooLarge,
    ValidationFailed,
)
from breathecode.common.http.database_retry import note_if_cut

logger = logging.getLogger(__name__)

SLUGS: dict[type[exceptions.APIException], str] = {
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
    return {prefix or NON_FIELD_ERRORS: [str(sentence) for sentence in sentences]}


def error_body(detail: str, slug: str, errors: dict[str, list[str]] | None = None) -> dict[str, Any]:
    body: dict[str, Any] = {"detail": detail, "slug": slug}
    return body if errors is None else {**body, "errors": errors}


def as_api_exception(exc: Exception) -> exceptions.APIException | None:
    """The API's exception for one of Django's or DRF's; None for an unexpected error."""
    if isinstance(exc, exceptions.ValidationError):
        return ValidationFailed(flatten(exc.detail))
    if isinstance(exc, DjangoValidationError):
        found = exc.message_dict if hasattr(exc, "error_dict") else {NON_FIELD_ERRORS: exc.messages}
        return ValidationFailed(found)
    if isinstance(exc, Http404 | ObjectDoesNotExist):
        return NotFound()
    if isinstance(exc, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(exc, RequestDataTooBig):
        return PayloadTooLarge(limit=settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    if isinstance(exc, SuspiciousOperation):  # Django raises it when a view reads the request: too many fields
        return ApiError(_("The request could not be parsed."))
    if isinstance(exc, OperationalError | InterfaceError):
        return DatabaseUnavailable()
    return exc if isinstance(exc, exceptions.APIException) else None


def _headers(exc: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if header := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if (wait := getattr(exc, "wait", None)) is not None:
        headers["Retry-After"] = str(max(1, round(wait)))
    return headers


class ErrorResponse(Response):
    """An error body as JSON, also for views that render YAML, HTML or a calendar (rule H3)."""

    @property
    def rendered_content(self) -> bytes:  # type: ignore[override]  # as DRF's own, which renders bytes
        self.headers["Content-Type"] = "application/json"
        return dumps(self.data)


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response:
    known = as_api_exception(exc)
    set_rollback()
    if known is None:
        return _unexpected(exc, context)
    if isinstance(known, DatabaseUnavailable):
        logger.error("database unavailable", exc_info=exc)
        note_if_cut(_django_request(context), exc)
    slug = known.slug if isinstance(known, ApiError) else SLUGS.get(type(known), "bad-request")
    errors = known.errors if isinstance(known, ApiError) else None
    body = {**error_body(str(known.detail), slug, errors), **getattr(known, "extra", {})}
    return ErrorResponse(body, status=known.status_code, headers=_headers(known))


def _unexpected(exc: Exception, context: dict[str, Any]) -> Response:
    logger.error("unexpected error", exc_info=exc)
    got_request_exception.send(sender=None, request=_django_request(context))
    return ErrorResponse(
        error_body(_("Something went wrong on our side. Try again later."), "server-error"), status=500
    )


def _django_request(context: dict[str, Any]) -> Any:
    request = context.get("request")
    return getattr(request, "_request", request)


def plain_error(request: HttpRequest, *, status: int, detail: str, slug: str) -> HttpResponse:
    """The same body outside of DRF: for unknown routes, and for errors before a view is reached.

    `pages.middleware.ErrorPageMiddleware` turns it into a page for clients that ask for HTML.
    """
    return HttpResponse(dumps(error_body(detail, slug)), status=status, content_type="application/json")


def api_error(request: HttpRequest, error: ApiError) -> HttpResponse:
    """The JSON answer to an error that was raised outside of DRF."""
    response = plain_error(request, status=error.status_code, detail=str(error.detail), slug=error.slug)
    for name, value in _headers(error).items():
        response[name] = value
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return plain_error(request, status=400, detail=_("The request could not be parsed."), slug="bad-request")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return plain_error(
        request, status=403, detail=_("You do not have permission to do this."), slug="permission-denied"
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW: the form was open too long, cookies are refused, or another site sent it."""
    detail = _("The form could not be verified. Allow cookies, go back, reload the page and send the form again.")
    return plain_error(request, status=403, detail=detail, slug="csrf-failed")


@csrf_exempt  # else an unknown route would answer a POST with an error about cookies
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return plain_error(request, status=404, detail=str(NotFound.default_detail), slug="not-found")


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 if the database failed (rule O6)."""
    if isinstance(error := sys.exception(), OperationalError | InterfaceError):
        note_if_cut(request, error)
        return api_error(request, DatabaseUnavailable())
    return plain_error(
        request, status=500, detail=_("Something went wrong on our side. Try again later."), slug="server-error"
    )


def method_not_allowed(request: HttpRequest, allowed: Iterable[str] = ()) -> HttpResponse:
    detail = str(exceptions.MethodNotAllowed(request.method or "").detail)
    response = plain_error(request, status=405, detail=detail, slug="method-not-allowed")
    if allowed:
        response["Allow"] = ", ".join(allowed)
    return response


def read_only(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Limits a probe to GET and HEAD. Other methods get a 405 error body, without needing a CSRF token."""

    @csrf_exempt
    def checked(request: HttpRequest) -> HttpResponse:
        if request.method in {"GET", "HEAD"}:
            return view(request)
        return method_not_allowed(request, ("GET", "HEAD"))

    return checked
