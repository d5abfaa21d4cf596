"""What the pages share: who opens them, in which language, and errors as pages."""

from typing import Any, cast
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.cache import add_never_cache_headers
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View
from django_htmx.middleware import HtmxDetails

from breathecode.authenticate.api.authentication import TokenAuthentication
from breathecode.authenticate.domain.members import academies_of, membership_in
from breathecode.authenticate.errors import AuthenticationRequired, Unauthenticated
from breathecode.authenticate.models import Academy, User
from breathecode.common.api.exception_handler import api_error, method_not_allowed
from breathecode.common.errors import ApiError
from breathecode.common.i18n.languages import choose_language
from breathecode.pages.navigation import sections_for
from breathecode.pages.times import reader_zone


class HtmxRequest(HttpRequest):
    """For types: a request to a page, after `PageHtmxMiddleware`."""

    htmx: HtmxDetails


class Page(View):
    """Base of the pages. A method that a page does not know is 405, as a page or as JSON (rule H3)."""

    http_method_names = ["get", "head", "post"]

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        allowed = [name.upper() for name in self.http_method_names if hasattr(self, name)]
        return method_not_allowed(request, allowed)


class SignedInPage(Page):
    """A page of the person who is signed in; anybody else is sent to sign in and back (rule V1).

    Sets `self.user`, and `self.zone`: the reader's IANA zone, empty where it is not known (rule V4).
    """

    user: User
    zone: str

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = session_user(request)
        if user is None:
            return redirect_to_sign_in(request)
        self.user, self.zone = user, reader_zone(request, user)
        self.prepare(**kwargs)
        response = cast("HttpResponse", super().dispatch(request, *args, **kwargs))
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response

    def prepare(self, **kwargs: Any) -> None:
        """Finds what the address names, before the method runs. Raises Http404."""

    def page(self, template: str, context: dict[str, Any] | None = None, *, status: int = 200) -> HttpResponse:
        """The template, or one fragment of it (`template#fragment`), with what every page shows."""
        shared = {"zone": self.zone, "academies": SimpleLazyObject(lambda: academies_of(self.user))}
        return render(self.request, template, {**shared, **(context or {})}, status=status)


class AcademyPage(SignedInPage):
    """A page below `/academy/<academy_slug>`, for members whose role has `capability` there.

    An academy that does not exist and one where the reader is not such a member give the same 404 page (rule V1).
    Sets `self.academy` and `self.capabilities`. POST needs `write_capability` too: without it, 403.
    """

    capability = "read_all_cohort"
    write_capability = "crud_cohort"
    section = ""  # of the academy's navigation
    academy: Academy
    capabilities: frozenset[str]

    def prepare(self, **kwargs: Any) -> None:
        found = membership_in(kwargs.pop("academy_slug"), user=self.user)
        if found is None or self.capability not in found[1]:
            raise Http404
        self.academy, self.capabilities = found
        if self.request.method == "POST" and self.write_capability not in self.capabilities:
            raise PermissionDenied
        self.find(**kwargs)

    def find(self, **kwargs: Any) -> None:
        """Finds what the rest of the address names, within `self.academy`. Raises Http404."""

    def page(self, template: str, context: dict[str, Any] | None = None, *, status: int = 200) -> HttpResponse:
        shared = {
            "academy": self.academy,
            "capabilities": self.capabilities,
            "section": self.section,
            "sections": sections_for(self.academy.slug, self.capabilities),
        }
        return super().page(template, {**shared, **(context or {})}, status=status)


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
    """Redirects to the sign-in page, which leads back to where the reader was (rule V1).

    htmx would follow a redirect and put the sign-in page into a part of the page: it gets 401 and `HX-Redirect`,
    with which it opens the sign-in page as a whole.
    """
    address = f"{settings.LOGIN_URL}?{urlencode({'next': _without_token(_address_after_sign_in(request))})}"
    if not cast("HtmxRequest", request).htmx:
        return HttpResponseRedirect(address)
    response = api_error(request, AuthenticationRequired())
    response["HX-Redirect"] = address
    return response


def _address_after_sign_in(request: HttpRequest) -> str:
    """This address; for htmx and for a form, the page that they were sent from, or `/`."""
    if htmx_page := cast("HtmxRequest", request).htmx.current_url:
        return _own_page(request, htmx_page)
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    return _own_page(request, request.headers.get("Referer", ""))


def _own_page(request: HttpRequest, url: str) -> str:
    """Path and query of a page of this site that a browser can open; `/` for any other URL."""
    if not url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure()):
        return "/"
    parts = urlsplit(url)
    return urlunsplit(("", "", parts.path, parts.query, "")) if _can_be_opened(parts.path) else "/"


def _can_be_opened(path: str) -> bool:
    """Not an address that takes forms alone, which a browser is at where the answer to a form is a page."""
    try:
        page = getattr(resolve(path).func, "view_class", None)
    except Resolver404:
        return False
    return page is None or (hasattr(page, "get") and "get" in page.http_method_names)


def _without_token(address: str) -> str:
    path, _sep, query = address.partition("?")
    fields = QueryDict(query, mutable=True)
    fields.pop("token", None)
    return f"{path}?{fields.urlencode()}" if fields else path


def activate_language(user: User | None, request: HttpRequest, *fallbacks: str) -> None:
    """Activates the user's language, else the browser's, else the first of `fallbacks` (rule V5)."""
    choose_language(request, user=user, fallbacks=fallbacks)


def problem_page(request: HttpRequest, problem: ApiError, *, context: dict[str, Any] | None = None) -> HttpResponse:
    """An error as a page that says what is wrong and what to do; as JSON for a client that takes no HTML (rule J1)."""
    if not takes_html(request):
        return api_error(request, problem)
    page = {"problem": problem, "slug": problem.slug, **(context or {})}
    response = render(request, "pages/problem.html", page, status=problem.status_code)
    if (wait := getattr(problem, "wait", None)) is not None:
        response["Retry-After"] = str(wait)
    return no_store(request, response)


def no_store(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Forbids caching, and keeps the URL out of the Referer sent to other sites.

    For a signed-in user the page has a sign-out form: with `no-referrer`, browsers would send
    `Origin: null` with it, which the CSRF check must refuse.
    """
    has_form = session_user(request) is not None and not response.has_header("Location")
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "same-origin" if has_form else "no-referrer"
    return response
