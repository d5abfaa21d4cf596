"""Error responses as a page for browsers and as JSON for API clients (rules H3, V5)."""

from collections.abc import Callable

import orjson
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from breathecode.common.api import exception_handler as errors
from breathecode.common.http.pages import is_page

Handler = Callable[[HttpRequest], HttpResponse]


class ErrorPageMiddleware:
    """Gives the errors that have no body, or the wrong one, theirs.

    Views, handlers and middleware answer with the JSON body, or with none (as Django's own views do for 405). If the
    client asked for a page, the middleware renders one. A page that a view rendered itself is sent to clients that
    accept HTML.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < 400 or response.streaming:
            return response
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if kind == "text/html" and response.content and is_page(request) and request.accepts("text/html"):
            return response
        if kind != "application/json" or not response.content:
            _write(response, _general_error(request, response.status_code))
        if wants_page(request):
            _write(response, error_page(request, orjson.loads(response.content), status=response.status_code))
            response.headers["Cache-Control"] = "no-store"
        if is_page(request):
            patch_vary_headers(response, ["Accept", "Cookie"])
        return response


def wants_page(request: HttpRequest) -> bool:
    """Whether to answer with a page: the URL belongs to a page and the client prefers HTML."""
    return is_page(request) and request.get_preferred_type(["application/json", "text/html"]) == "text/html"


def error_page(request: HttpRequest, body: dict[str, str], *, status: int) -> HttpResponse:
    """The page of `{"detail", "slug"}`. Without the name of the user while the database fails."""
    heading = heading_of(status, body["slug"])
    context = {"heading": heading, "detail": body["detail"], "slug": body["slug"], "status": status}
    if status < 500:
        try:
            return render(request, "pages/error.html", context, status=status)
        except DatabaseError:
            pass
    return render(request, "pages/error.html", {**context, "unknown_reader": True}, status=status)


def heading_of(status: int, slug: str) -> str:
    if slug == "csrf-failed":  # what failed is a form, on a page that the reader could open
        return _("The form was not sent")
    headings = {
        403: _("You cannot open this page"),
        404: _("Page not found"),
        405: _("This page does not allow that"),
        503: _("Not available right now"),
    }
    return headings.get(status, _("Something went wrong"))


def _general_error(request: HttpRequest, status: int) -> HttpResponse:
    if status == 403:
        return errors.forbidden(request)
    if status == 404:
        return errors.not_found(request)
    if status == 405:
        return errors.method_not_allowed(request)
    return errors.server_error(request) if status >= 500 else errors.bad_request(request)


def _write(response: HttpResponse, source: HttpResponse) -> None:
    """Keeps status and headers of the response (`Allow`, `Retry-After`, what other middleware set), not its length."""
    response.content = source.content
    if response.has_header("Content-Length"):
        response.headers["Content-Length"] = str(len(response.content))
    response.headers["Content-Type"] = source.headers["Content-Type"]
