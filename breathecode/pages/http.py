"""What the pages share: who opens them, in which language, and errors as pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import render
from django.utils import translation

from breathecode.authenticate.api.authentication import TokenAuthentication
from breathecode.authenticate.errors import AuthenticationRequired, Unauthenticated
from breathecode.authenticate.models import User
from breathecode.common.api.exception_handler import error_body
from breathecode.common.errors import ApiError
from breathecode.common.languages import supported_language


def takes_html(request: HttpRequest) -> bool:
    return request.accepts("text/html")


def visitor(request: HttpRequest) -> User:
    """Who opens a page: the token of the address or of the header, else the session (rules H2, J1).

    Raises `authentication-required`, `invalid-token`, `expired-token`.
    """
    session_user = request.user if isinstance(request.user, User) else None
    try:
        return _by_token(request) or session_user or _nobody()
    except Unauthenticated:
        # A link saved long ago, opened by somebody who is signed in: the session knows them.
        if session_user is None:
            raise
        return session_user


def _by_token(request: HttpRequest) -> User | None:
    found = TokenOfAddress().authenticate(cast("Any", request))
    return found[0] if found else None


def _nobody() -> User:
    raise AuthenticationRequired


class TokenOfAddress(TokenAuthentication):
    """`?token=<key>`, or the header: only where a browser opens the address (rule H2)."""

    def get_key(self, request: Any) -> str | None:
        return request.GET.get("token") or super().get_key(request)


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page and back to the address after it, without the token that did not do."""
    query = QueryDict(mutable=True)
    query.update(request.GET)
    query.pop("token", None)
    back = f"{request.path}?{query.urlencode()}" if query else request.path
    return HttpResponseRedirect(f"{settings.LOGIN_URL}?{urlencode({'next': back})}")


@contextmanager
def language(wanted: str | None, request: HttpRequest) -> Iterator[None]:
    """Texts in this language where we have it, in the browser's where nothing is wanted, else in English."""
    with translation.override(supported_language(wanted or translation.get_language_from_request(request))):
        yield


def problem_page(request: HttpRequest, problem: ApiError, *, context: dict[str, Any] | None = None) -> HttpResponse:
    """An error as a page that says what is wrong and what to do; as JSON for a client that takes no HTML (rule J1)."""
    if not takes_html(request):
        return JsonResponse(error_body(str(problem.detail), problem.slug), status=problem.status_code)
    page = {"problem": problem, "slug": problem.slug, **(context or {})}
    return private(render(request, "pages/problem.html", page, status=problem.status_code))


def private(response: HttpResponse) -> HttpResponse:
    """Nobody keeps it, and nobody learns from a Referer what stood in its address."""
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response
