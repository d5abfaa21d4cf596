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
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

from breathecode.common.api.exception_handler import api_error
from breathecode.common.errors import LookAheadRefused
from breathecode.common.languages import choose_language, requested_language, supported_language
from breathecode.common.masking import MASK, mask_path

logger = logging.getLogger("breathecode.request")
Handler = Callable[[HttpRequest], HttpResponse]


SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class CorsMiddleware(cors.CorsMiddleware):
    """Lets the origins of `CORS_ALLOWED_ORIGINS` call the API from a browser (rule H9).

    The library answers every preflight, whoever sends it; those of other origins are requests like any other.
    """

    def check_preflight(self, request: HttpRequest) -> Any:
        response = super().check_preflight(request)
        return response if request.headers.get("Origin") in settings.CORS_ALLOWED_ORIGINS else None


# Pages that live beside the API.
PAGES_OF_V1 = ("/v1/docs", "/v1/events/me/event/liveclass/join/", "/v1/events/academy/event/liveclass/join/")


# What machines ask for beside the API: JSON and numbers, whatever they accept.
PROBES = ("/healthz", "/readyz", "/metrics")


def is_page(request: HttpRequest) -> bool:
    path = request.path_info
    if path.rstrip("/") in PROBES:
        return False
    return not path.startswith("/v1/") or path.startswith(PAGES_OF_V1)


class PagesOnlyMixin(MiddlewareMixin):
    """Mixed into what only pages need: the API knows no cookie, and its lists have no time to lose."""

    def __call__(self, request: HttpRequest) -> Any:
        return super().__call__(request) if is_page(request) else self.get_response(request)


class PageSessionMiddleware(PagesOnlyMixin, SessionMiddleware):
    pass


class PageAuthenticationMiddleware(PagesOnlyMixin, AuthenticationMiddleware):
    """Also chooses the language of who is signed in, so that an error before any view is in it too (rule V5)."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            choose_language(request, user=request.user)


class PageMessageMiddleware(PagesOnlyMixin, MessageMiddleware):
    pass


class PageCSPMiddleware(PagesOnlyMixin, CSPMiddleware):
    """What a page may load; an answer of the API, opened in a browser, nothing at all."""

    def __call__(self, request: HttpRequest) -> Any:
        response = super().__call__(request)
        if not is_page(request):
            response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        return response


class LanguageMiddleware:
    """Texts in the language of `Accept-Language`, until a view knows the reader (`choose_language`, rule V5)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with translation.override(supported_language(requested_language(request))):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language())
        patch_vary_headers(response, ["Accept-Language"])
        return response


class LookAheadMiddleware:
    """A browser's prefetch or prerender is no visit (rule J9): it is refused, on pages and on whatever writes.

    With 503, browsers drop what they asked for ahead and ask again when somebody really comes. A 2xx or a redirect
    would be shown then without our knowing: browsers keep a prefetched answer for minutes, `no-store` or not.
    """

    HEADERS = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not (self._looks_ahead(request) and (is_page(request) or request.method not in SAFE_METHODS)):
            return self.get_response(request)
        response = api_error(request, LookAheadRefused())
        response["Cache-Control"] = "no-store"
        return response

    def _looks_ahead(self, request: HttpRequest) -> bool:
        said = " ".join(request.headers.get(name, "") for name in self.HEADERS).lower()
        return "prefetch" in said or "prerender" in said


class JsonCacheMiddleware:
    """A JSON answer is for its caller alone, and kept by nobody (rule H12). Feeds are no JSON and keep their ETags."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.headers.get("Content-Type", "").startswith("application/json"):
            if response.headers.get("Cache-Control", "no-store") == "no-store":
                response.headers["Cache-Control"] = "private, no-store"
            patch_vary_headers(response, ["Authorization", "Academy"])
        return response


class OptionalTrailingSlashMiddleware:
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
    """The path, without what looks like a key, and without what a route names `key`."""
    key = request.resolver_match.kwargs.get("key") if request.resolver_match else None
    return mask_path(request.path.replace(str(key), MASK) if key else request.path)


def user_to_log(request: HttpRequest) -> int | None:
    """Who is signed in; None where nobody is, and where the database, which knows, fails."""
    try:
        return getattr(getattr(request, "user", None), "pk", None)
    except DatabaseError:
        return None


class RequestLogMiddleware:
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
                    "user_id": user_to_log(request),
                    "academy": request.headers.get("Academy"),
                },
            )
        response["X-Request-Id"] = request_id
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """What a page fails of; the API's exception handler logs its own, and Django's log would name the key."""
        if isinstance(exception, Http404 | PermissionDenied | SuspiciousOperation):
            return  # answers, not failures
        logger.error("unexpected error", exc_info=exception, extra={"path": path_to_log(request)})
