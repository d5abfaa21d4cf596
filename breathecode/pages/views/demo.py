"""`/demo`: what the demo has, and one click to be any of its people; the 404 page where that is not safe (rule O5)."""

from typing import Any

from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from breathecode.authenticate.domain.sign_in import verify_credentials
from breathecode.authenticate.errors import InvalidCredentials, TooManySignIns
from breathecode.common.errors import ApiError
from breathecode.demo.data import PASSWORD
from breathecode.demo.people import OPERATOR, DemoPlace, demo_places, is_demo_person
from breathecode.events.domain.board import running_classes_by_academy
from breathecode.pages import http
from breathecode.pages.demo import offers_demo
from breathecode.pages.views.sign_in import field


@method_decorator(never_cache, name="dispatch")
class DemoView(http.Page):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not offers_demo(request):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        """As the sign-in form with the published password: a changed one, or a locked account, is refused."""
        email = field(request, "email", 254)
        if not is_demo_person(email):
            raise Http404
        try:
            user = verify_credentials(request, email=email, password=PASSWORD)
        except (InvalidCredentials, TooManySignIns) as problem:
            return self._show(request, problem)
        login(request, user)
        works_somewhere = not user.is_superuser and user.memberships.filter(role__in=_OFFICE).exists()
        return HttpResponseRedirect(reverse("academies" if works_somewhere else "home"), status=303)

    def _show(self, request: HttpRequest, problem: ApiError | None = None) -> HttpResponse:
        http.activate_language(http.session_user(request), request)
        running = running_classes_by_academy(now=timezone.now())
        context = {
            "places": [_as_shown(place, running.get(place.academy.slug, 0)) for place in demo_places()],
            "operator": OPERATOR,
            "password": PASSWORD,
            "problem": problem and problem.detail,
        }
        return render(request, "pages/demo.html", context, status=problem.status_code if problem else 200)


def _as_shown(place: DemoPlace, running: int) -> dict[str, Any]:
    first, *others = [(person, _("student")) for person in place.students]
    staff = [(person, _ROLES[person.role]) for person in place.staff]
    return {"academy": place.academy, "running": running, "first": [*staff, first], "others": others}


_ROLES = {
    "admin": _("academy admin"),
    "academy_coordinator": _("coordinator"),
    "teacher": _("teacher"),
    "assistant": _("assistant"),
    "staff": _("staff"),
}
_OFFICE = ("admin", "academy_coordinator", "staff")  # those whose work begins on the board
