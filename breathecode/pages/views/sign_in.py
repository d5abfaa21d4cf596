"""Signing in and out in a browser. The API has `auth/login` for it; both count wrong passwords alike."""

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from breathecode.authenticate.domain.sign_in import verify_credentials
from breathecode.authenticate.errors import InvalidCredentials, TooManySignIns
from breathecode.common.api.exception_handler import api_error
from breathecode.common.errors import ApiError
from breathecode.events.domain.lists.own_classes import languages_of_class
from breathecode.pages import http
from breathecode.pages.demo import offers_demo

JOIN_LINKS = {"join", "academy-join"}


def safe_next(request: HttpRequest) -> str:
    """Where to go on: an address of this site, or the root."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return "/"


def field(request: HttpRequest, name: str, longest: int) -> str:
    """A form field, without the NUL that no database takes, cut to its longest length."""
    return request.POST.get(name, "").replace("\x00", "")[:longest]


def languages_of_next(path: str) -> tuple[str, ...]:
    """The languages of the class that a join link leads to: its cohort's, then its academy's (rule V5)."""
    try:
        match = resolve(path.partition("?")[0])
    except Resolver404:
        return ()
    return languages_of_class(match.kwargs["hash_"]) if match.url_name in JOIN_LINKS else ()


@method_decorator([never_cache, sensitive_post_parameters("password")], name="dispatch")
class SignInView(http.Page):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self._form(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        email, password = field(request, "email", 254), field(request, "password", 1000)
        try:
            user = verify_credentials(request, email=email, password=password)
        except (InvalidCredentials, TooManySignIns) as problem:
            return self._form(request, problem)
        login(request, user)
        return HttpResponseRedirect(safe_next(request))

    def _form(self, request: HttpRequest, problem: ApiError | None = None) -> HttpResponse:
        next_path = safe_next(request)
        http.activate_language(http.session_user(request), request, *languages_of_next(next_path))
        if problem and not http.takes_html(request):
            return api_error(request, problem)
        context = {
            "next": next_path,
            "email": field(request, "email", 254),
            "problem": problem and problem.detail,
            "slug": problem and problem.slug,
            "offers_demo": offers_demo(request),
        }
        status = problem.status_code if problem else 200
        response = render(request, "pages/sign_in.html", context, status=status)
        if isinstance(problem, TooManySignIns):
            response["Retry-After"] = str(problem.wait)
        return response


@method_decorator(never_cache, name="dispatch")
class SignOutView(http.Page):
    """Opening it changes nothing: the button does (rule V3)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "pages/sign_out.html")

    def post(self, request: HttpRequest) -> HttpResponse:
        logout(request)
        return HttpResponseRedirect("/sign-in")
