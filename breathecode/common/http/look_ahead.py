"""Prefetches and prerenders of browsers (rule J9)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from breathecode.common.api.exception_handler import api_error
from breathecode.common.errors import LookAheadRefused
from breathecode.common.http.pages import is_page

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class LookAheadMiddleware:
    """Refuses prefetches and prerenders of pages, and those that would write (rule J9): they are not visits.

    After a 503, browsers request the page again when the user opens it. A 2xx or a redirect would be shown to the user
    without another request: browsers keep a prefetched response for minutes, even with `no-store`.
    """

    HEADERS = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not (self._looks_ahead(request) and (is_page(request) or request.method not in SAFE_METHODS)):
            return self.get_response(request)
        response = api_error(request, LookAheadRefused())
        response["Cache-Control"] = "no-store"
        return response

    def _looks_ahead(self, request: HttpRequest) -> bool:
        purpose = " ".join(request.headers.get(name, "") for name in self.HEADERS).lower()
        return "prefetch" in purpose or "prerender" in purpose
