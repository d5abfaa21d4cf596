"""What the pages of one cohort share: the cohort of the address and its tabs."""

import datetime
from typing import Any

from django.http import Http404, HttpResponse
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
from breathecode.pages.academy.changing import ChangingPage
from breathecode.pages.forms import PageForm

TABS = (
    ("cohort", _("Overview")),
    ("cohort-slots", _("Time slots")),
    ("cohort-holidays", _("Holidays")),
    ("cohort-people", _("People")),
    ("cohort-attendance", _("Attendance")),
    ("cohort-surveys", _("Surveys")),
    ("cohort-history", _("History")),
)
UNDO_OFFERED = datetime.timedelta(minutes=15)  # since the reader's last change


class CohortPage(ChangingPage):
    """A page of one cohort of the academy. Sets `self.cohort`."""

    section = "cohorts"
    base = "pages/academy/cohorts/base.html"
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
        }
        return super().page(template, {**shared, **(context or {})}, status=status)

    def undoable(self) -> Change | None:
        """The reader's last change of this cohort's schedule, as long as it is recent and there is a way back."""
        if self.write_capability not in self.capabilities:
            return None
        change = last_change_by(self.user, cohort=self.cohort, since=timezone.now() - UNDO_OFFERED)
        return change if change is not None and can_be_undone(change) else None


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
