"""One log line for each request (rule O4)."""

import logging
import time
import uuid
from collections.abc import Callable

import structlog
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse

from breathecode.common.observability.masking import MASK, mask_path

logger = logging.getLogger("breathecode.request")


def path_to_log(request: HttpRequest) -> str:
    """The path, with everything that looks like a key masked, and the argument that a route names `key`."""
    key = request.resolver_match.kwargs.get("key") if request.resolver_match else None
    return mask_path(request.path.replace(str(key), MASK) if key else request.path)


def user_to_log(request: HttpRequest) -> int | None:
    """The id of the signed-in user; None for anonymous requests, and if the database fails."""
    try:
        return getattr(getattr(request, "user", None), "pk", None)
    except DatabaseError:
        return None


class RequestLogMiddleware:
    """Logs one line for each request (rule O4): the path without its query, which may contain a token."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            milliseconds = round((time.perf_counter() - started) * 1000, 1)
            logger.info(
                "request",
                extra={
                    "method": request.method,
                    "path": path_to_log(request),
                    "status": response.status_code,
                    "milliseconds": milliseconds,
                    "user_id": user_to_log(request),
                    "academy": request.headers.get("Academy"),
                },
            )
        response["X-Request-Id"] = request_id
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Logs exceptions of pages. The API's exception handler logs its own; Django's log would contain the key."""
        if isinstance(exception, Http404 | PermissionDenied | SuspiciousOperation):
            return  # these become 4xx responses
        logger.error("unexpected error", exc_info=exception, extra={"path": path_to_log(request)})
