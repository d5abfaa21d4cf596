"""Signing in and out in a browser. The API has its own door (`auth/login`); both count wrong passwords alike."""

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from breathecode.authenticate.domain.sign_in import person_of
from breathecode.authenticate.errors import InvalidCredentials, TooManySignIns
from breathecode.common.errors import ApiError


def safe_next(request: HttpRequest) -> str:
    """Where to go on: an address of this site, or the root."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return "/"


def field(request: HttpRequest, name: str, longest: int) -> str:
    """A form field, without the NUL that no database takes, cut to its longest length."""
    return request.POST.get(name, "").replace("\x00", "")[:longest]


@method_decorator([never_cache, sensitive_post_parameters("password")], name="dispatch")
class SignInView(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self._form(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        email, password = field(request, "email", 254), field(request, "password", 1000)
        try:
            user = person_of(request, email=email, password=password)
        except (InvalidCredentials, TooManySignIns) as problem:
            return self._form(request, problem)
        login(request, user)
        return HttpResponseRedirect(safe_next(request))

    def _form(self, request: HttpRequest, problem: ApiError | None = None) -> HttpResponse:
        context = {
            "next": safe_next(request),
            "email": field(request, "email", 254),
            "problem": problem and problem.detail,
            "slug": problem and problem.slug,
        }
        status = problem.status_code if problem else 200
        response = render(request, "pages/sign_in.html", context, status=status)
        if isinstance(problem, TooManySignIns):
            response["Retry-After"] = str(problem.wait)
        return response


class SignOutView(View):
    def post(self, request: HttpRequest) -> HttpResponse:
        logout(request)
        return HttpResponseRedirect("/sign-in")
