"""`/classes/<id>/end`: asks before it ends a class, which cannot be taken back (rules W3, A3, S1)."""

import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from breathecode.common.errors import ApiError
from breathecode.events.domain import lifecycle, writing
from breathecode.events.domain.queries import classes_of_academy
from breathecode.events.errors import EndedAtBeforeStartedAt, EndedAtTooSoon
from breathecode.events.models import LiveClass
from breathecode.pages.views.classes import ClassPage


class EndClassView(ClassPage):
    """GET shows what ending does, or what speaks against it; POST ends the class now."""

    def prepare(self, **kwargs: Any) -> None:
        super().prepare(**kwargs)
        if "start_or_end_class" not in self.capabilities:
            raise Http404

    def get(self, request: HttpRequest, live_class_id: int) -> HttpResponse:
        return self._show(what_prevents_end(self.live_class, now=timezone.now()))

    def post(self, request: HttpRequest, live_class_id: int) -> HttpResponse:
        now = timezone.now()
        within = classes_of_academy(self.live_class.academy_id)
        try:
            writing.change_class(live_class_id, fields={"ended_at": now}, now=now, within=within)
        except ApiError as problem:
            return self._show(problem, status=problem.status_code)
        messages.success(request, _("{title} has ended.").format(title=self._title()))
        return HttpResponseRedirect(reverse("class", args=[live_class_id]), status=303)

    def _title(self) -> str:
        return self.live_class.title or self.live_class.cohort.name

    def _show(self, problem: ApiError | None, *, status: int = 200) -> HttpResponse:
        context = {
            "class": self.live_class,
            "title": self._title(),
            "class_zone": self.live_class.cohort_time_slot.timezone,
            # Which of the two it is depends on seconds; the first speaks of fields of the API.
            "problem": EndedAtTooSoon() if isinstance(problem, EndedAtBeforeStartedAt) else problem,
        }
        return self.page("pages/class_end.html", context, status=status)


def what_prevents_end(live_class: LiveClass, *, now: datetime.datetime) -> ApiError | None:
    """The error that ending the class now would raise; None where it can be ended (rule W3)."""
    try:
        lifecycle.check_end(live_class, at=now, now=now)
    except ApiError as problem:
        return problem
    return None
