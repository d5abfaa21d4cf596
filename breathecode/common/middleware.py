import logging
import time
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

logger = logging.getLogger("breathecode.request")
Handler = Callable[[HttpRequest], HttpResponse]


class OptionalTrailingSlash:
    """Every API route answers with and without a trailing slash (rule H1), and so do the probes.

    `/v1/` itself keeps its own: without it, CommonMiddleware would send the caller back here for ever.
    """

    WITHOUT_SLASH = ("/healthz/", "/readyz/")

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if path in self.WITHOUT_SLASH or (path.startswith("/v1/") and path.endswith("/") and path != "/v1/"):
            request.path_info = path[:-1]
        return self.get_response(request)


def path_to_log(request: HttpRequest) -> str:
    """The path, without the one-time key that a link to a page may hold (routes name it `key`)."""
    key = request.resolver_match.kwargs.get("key") if request.resolver_match else None
    return request.path.replace(str(key), "…") if key else request.path


class RequestLog:
    """One line a request (rule O4): the path without its query, which may hold a token."""

    def __init__(self, get_response: Handler) -> None:
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
                    "user_id": getattr(getattr(request, "user", None), "pk", None),
                    "academy": request.headers.get("Academy"),
                },
            )
        response["X-Request-Id"] = request_id
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """What a page fails of; the API's exception handler logs its own, and Django's log would name the key."""
        logger.error("unexpected error", exc_info=exception, extra={"path": path_to_log(request)})
