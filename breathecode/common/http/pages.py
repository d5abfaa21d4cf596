"""Middleware that runs for pages alone: sessions, messages and the content security policy.

The API does not use cookies, and lists are faster without these middlewares.
"""

from typing import Any

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin
from django_htmx.middleware import HtmxMiddleware

from breathecode.common.i18n.languages import choose_language

# Pages whose paths are below /v1, which is the API's otherwise.
PAGES_OF_V1 = ("/v1/docs", "/v1/events/me/event/liveclass/join/", "/v1/events/academy/event/liveclass/join/")
# Probes answer JSON or numbers, whatever the request accepts.
PROBES = ("/healthz", "/readyz", "/metrics")


def is_page(request: HttpRequest) -> bool:
    path = request.path_info
    if path.rstrip("/") in PROBES:
        return False
    return not path.startswith("/v1/") or path.startswith(PAGES_OF_V1)


class PagesOnlyMixin(MiddlewareMixin):
    """Skips the middleware for every request that is not for a page."""

    def __call__(self, request: HttpRequest) -> Any:
        return super().__call__(request) if is_page(request) else self.get_response(request)


class PageSessionMiddleware(PagesOnlyMixin, SessionMiddleware):
    pass


class PageAuthenticationMiddleware(PagesOnlyMixin, AuthenticationMiddleware):
    """Also activates the signed-in user's language, so that errors raised before the view use it too (rule V5)."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            choose_language(request, user=request.user)


class PageMessageMiddleware(PagesOnlyMixin, MessageMiddleware):
    pass


class PageHtmxMiddleware(HtmxMiddleware):
    """Sets `request.htmx`, on pages."""

    def __call__(self, request: HttpRequest) -> Any:
        return super().__call__(request) if is_page(request) else self.get_response(request)


class PageCSPMiddleware(PagesOnlyMixin, CSPMiddleware):
    """The content security policy of pages. A response of the API that is opened in a browser may load nothing."""

    def __call__(self, request: HttpRequest) -> Any:
        response = super().__call__(request)
        if not is_page(request):
            response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        return response
