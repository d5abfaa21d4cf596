"""What the pages share: who opens them, in which language, and errors as pages."""

from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views import View

from breathecode.authenticate.api.authentication import TokenAuthentication
from breathecode.authenticate.errors import AuthenticationRequired, Unauthenticated
from breathecode.authenticate.models import User
from breathecode.common.api.exception_handler import api_error, method_not_allowed
from breathecode.common.errors import ApiError
from breathecode.common.i18n.languages import choose_language


class Page(View):
    """Base of the pages. A method that a page does not know is 405, as a page or as JSON (rule H3)."""

    http_method_names = ["get", "head", "post"]

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        allowed = [name.upper() for name in self.http_method_names if hasattr(self, name)]
        return method_not_allowed(request, allowed)


def takes_html(request: HttpRequest) -> bool:
    return request.accepts("text/html")


def session_user(request: HttpRequest) -> User | None:
    """Who is signed in on this browser."""
    return request.user if isinstance(request.user, User) else None


def current_user(request: HttpRequest) -> User:
    """The user who opens a page: by the token in URL or header, else by the session (rules H2, J1).

    Raises `authentication-required`, `invalid-token`, `expired-token`.
    """
    signed_in = session_user(request)
    try:
        return _by_token(request) or signed_in or _raise_not_signed_in()
    except Unauthenticated:
        # An old link opened in a signed-in browser: the session identifies the user.
        if signed_in is None:
            raise
        return signed_in


def _by_token(request: HttpRequest) -> User | None:
    found = TokenOfAddress().authenticate(cast("Any", request))
    return found[0] if found else None


def _raise_not_signed_in() -> User:
    raise AuthenticationRequired


class TokenOfAddress(TokenAuthentication):
    """`?token=<key>`, or the header: only where a browser opens the address (rule H2)."""

    def get_key(self, request: Any) -> str | None:
        return request.GET.get("token") or super().get_key(request)


def redirect_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Redirects to the sign-in page, which leads back to this URL without its rejected token."""
    query = QueryDict(mutable=True)
    query.update(request.GET)
    query.pop("token", None)
    back = f"{request.path}?{query.urlencode()}" if query else request.path
    return HttpResponseRedirect(f"{settings.LOGIN_URL}?{urlencode({'next': back})}")


def activate_language(user: User | None, request: HttpRequest, *fallbacks: str) -> None:
    """Activates the user's language, else the browser's, else the first of `fallbacks` (rule V5)."""
    choose_language(request, user=user, fallbacks=fallbacks)


def problem_page(request: HttpRequest, problem: ApiError, *, context: dict[str, Any] | None = None) -> HttpResponse:
    """An error as a page that says what is wrong and what to do; as JSON for a client that takes no HTML (rule J1)."""
    if not takes_html(request):
        return api_error(request, problem)
    page = {"problem": problem, "slug": problem.slug, **(context or {})}
    return no_store(request, render(request, "pages/problem.html", page, status=problem.status_code))


def no_store(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Forbids caching, and keeps the URL out of the Referer sent to other sites.

    For a signed-in user the page has a sign-out form: with `no-referrer`, browsers would send
    `Origin: null` with it, which the CSRF check must refuse.
    """
    has_form = session_user(request) is not None and not response.has_header("Location")
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "same-origin" if has_form else "no-referrer"
    return response
