import logging
import time
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from corsheaders import middleware as cors
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

logger = logging.getLogger("breathecode.request")
Handler = Callable[[HttpRequest], HttpResponse]


class CorsMiddleware(cors.CorsMiddleware):
    """Lets the origins of `CORS_ALLOWED_ORIGINS` call the API from a browser (rule H9).

    The library answers every preflight, whoever sends it; those of other origins are requests like any other.
    """

    def check_preflight(self, request: HttpRequest) -> Any:
        response = super().check_preflight(request)
        return response if request.headers.get("Origin") in settings.CORS_ALLOWED_ORIGINS else None


# Pages that live beside the API.
PAGES_OF_V1 = ("/v1/docs", "/v1/events/me/event/liveclass/join/", "/v1/events/academy/event/liveclass/join/")


def is_page(request: HttpRequest) -> bool:
    path = request.path_info
    return not path.startswith("/v1/") or path.startswith(PAGES_OF_V1)


class PagesAlone(MiddlewareMixin):
    """Mixed into what only pages need: the API knows no cookie, and its lists have no time to lose."""

    def __call__(self, request: HttpRequest) -> Any:
        return super().__call__(request) if is_page(request) else self.get_response(request)


class PageSessions(PagesAlone, SessionMiddleware):
    pass


class PageVisitors(PagesAlone, AuthenticationMiddleware):
    pass


class PageMessages(PagesAlone, MessageMiddleware):
    pass


class PagePolicy(PagesAlone, CSPMiddleware):
    """What a page may load; an answer of the API, opened in a browser, nothing at all."""

    def __call__(self, request: HttpRequest) -> Any:
        response = super().__call__(request)
        if not is_page(request):
            response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        return response


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
