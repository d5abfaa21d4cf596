"""What the pages of one cohort share: the cohort of the address, its tabs, and changes in two steps."""

import datetime
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.serializers import Serializer

from breathecode.admissions.domain.queries import cohorts_of_academy
from breathecode.admissions.models import Cohort
from breathecode.common.errors import ApiError, ValidationFailed
from breathecode.common.models import lock
from breathecode.history.domain.queries import last_change_by
from breathecode.history.domain.undo import can_be_undone
from breathecode.history.models import Change
from breathecode.pages import http
from breathecode.pages.forms import PageForm
from breathecode.pages.plans import VERSION, Step, take_step
from breathecode.schedules.domain.schedules import Scope

TABS = (
    ("cohort", _("Overview")),
    ("cohort-slots", _("Time slots")),
    ("cohort-people", _("People")),
    ("cohort-attendance", _("Attendance")),
    ("cohort-surveys", _("Surveys")),
    ("cohort-history", _("History")),
)
UNDO_OFFERED = datetime.timedelta(minutes=15)  # since the reader's last change
_NOT_FIELDS = frozenset({"csrfmiddlewaretoken", "step", VERSION})


class CohortPage(http.AcademyPage):
    """A page of one cohort of the academy. Sets `self.cohort`."""

    section = "cohorts"
    tab = ""
    cohort: Cohort

    def find(self, **kwargs: Any) -> None:
        found = cohorts_of_academy(self.academy.pk).filter(slug=kwargs.pop("cohort_slug")).first()
        if found is None:
            raise Http404
        self.cohort = found
        self.find_in_cohort(**kwargs)

    def find_in_cohort(self, **kwargs: Any) -> None:
        """Finds what the rest of the address names, within `self.cohort`. Raises Http404."""

    def address(self, name: str, *arguments: Any) -> str:
        return reverse(name, args=[self.academy.slug, self.cohort.slug, *arguments])

    def locked_cohort(self) -> Cohort:
        """Held until the transaction ends, and read after that."""
        lock(Cohort, self.cohort.pk)
        return cohorts_of_academy(self.academy.pk).get(pk=self.cohort.pk)

    def page(self, template: str, context: dict[str, Any] | None = None, *, status: int = 200) -> HttpResponse:
        shared = {
            "cohort": self.cohort,
            "zone_of_classes": self.cohort.effective_timezone,
            "tabs": [(self.address(name), label, name == self.tab) for name, label in TABS],
            "may_write": self.write_capability in self.capabilities,
        }
        return super().page(template, {**shared, **(context or {})}, status=status)

    def undoable(self) -> Change | None:
        """The reader's last change of this cohort's schedule, as long as it is recent and there is a way back."""
        if self.write_capability not in self.capabilities:
            return None
        change = last_change_by(self.user, cohort=self.cohort, since=timezone.now() - UNDO_OFFERED)
        return change if change is not None and can_be_undone(change) else None

    def step(self, change: Callable[[], Any], *, scope: Scope, **options: Any) -> Step:
        return take_step(self.request, change, scope=scope, **options)

    def plan_page(self, step: Step, *, heading: object, button: object, back: str, **more: Any) -> HttpResponse:
        context = {"step": step, "heading": heading, "button": button, "back": back, "fields": fields_of(self.request)}
        status = 412 if step.outdated else 200
        return self.page("pages/academy/cohorts/plan.html", {**context, **more}, status=status)

    def done(self, sentence: object, to: str) -> HttpResponse:
        messages.success(self.request, str(sentence))
        return HttpResponseRedirect(to, status=303)


def fields_of(request: HttpRequest) -> list[tuple[str, str]]:
    """What was typed, to be sent again with the plan's version."""
    lists = ((name, values) for name, values in request.POST.lists() if name not in _NOT_FIELDS)
    return [(name, str(value)) for name, values in lists for value in values]


def checked(serializer: Serializer[Any]) -> dict[str, Any]:
    """The fields as the API reads them. Raises `validation-error`."""
    if not serializer.is_valid():
        raise ValidationFailed({str(name): [str(text) for text in texts] for name, texts in serializer.errors.items()})
    return dict(serializer.validated_data)


def refuse(form: PageForm, problem: ApiError) -> int:
    """Shows the problem in the form; returns the status of the answer."""
    form.refuse(problem)
    form.focus()
    return problem.status_code
