"""`/academy/<slug>/cohorts/<slug>`: its next weeks, what it lacks, and its dates (rules V1 to V6, P1, P2, P7)."""

import datetime
from collections.abc import Iterable
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from breathecode.admissions.api.serializers import CohortSerializer
from breathecode.admissions.domain.cohorts import save_cohort
from breathecode.admissions.models import Cohort
from breathecode.common.errors import ApiError
from breathecode.events.domain.queries import classes_of_academy
from breathecode.events.models import LiveClass
from breathecode.pages.academy.cohorts.base import CohortPage, checked, refuse
from breathecode.pages.academy.cohorts.findings import FindingInWords, in_words
from breathecode.pages.academy.cohorts.forms import CohortForm, cohort_initial
from breathecode.schedules.domain.diagnosis import diagnose_cohort
from breathecode.schedules.domain.findings import Finding
from breathecode.schedules.domain.schedules import Scope

WEEKS = 4
MAX_CLASSES = 100


class CohortView(CohortPage):
    http_method_names = ["get", "head"]
    tab = "cohort"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        now = timezone.now()
        classes = self._next_classes(now)
        context = {
            "weeks": by_week(classes, zone=self.cohort.effective_timezone),
            "findings": [self._finding(found) for found in diagnose_cohort(self.cohort, now=now)],
            "undoable": self.undoable(),
        }
        return self.page("pages/academy/cohorts/overview.html", context)

    def _finding(self, found: Finding) -> tuple[FindingInWords, str]:
        """With the address where it is mended, for those who may."""
        words = in_words(found, cohort=self.cohort)
        if not words.page or self.write_capability not in self.capabilities:
            return words, ""
        return words, self.address(words.page, *([words.slot_id] if words.slot_id else []))

    def _next_classes(self, now: datetime.datetime) -> list[LiveClass]:
        until = now + datetime.timedelta(weeks=WEEKS)
        classes = classes_of_academy(self.academy.pk).filter(cohort=self.cohort, ending_at__gte=now)
        coming = classes.filter(starting_at__lt=until).select_related("cohort", "cohort_time_slot")
        return list(coming.order_by("starting_at", "id")[:MAX_CLASSES])


def by_week(classes: Iterable[LiveClass], *, zone: str) -> list[tuple[datetime.date, list[LiveClass]]]:
    """The classes by the Monday of their week in `zone`."""

    def monday(live_class: LiveClass) -> datetime.date:
        day = live_class.starting_at.astimezone(ZoneInfo(zone)).date()
        return day - datetime.timedelta(days=day.weekday())

    return [(day, list(found)) for day, found in groupby(classes, key=monday)]


class EditCohortView(CohortPage):
    capability = "crud_cohort"
    tab = "cohort"

    @property
    def academy_id(self) -> int:
        """For the serializer."""
        return self.academy.pk

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._show(CohortForm(academy=self.academy, cohort=self.cohort, stored=cohort_initial(self.cohort)))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = CohortForm(request.POST, academy=self.academy, cohort=self.cohort)
        if not form.is_valid():
            form.focus()
            return self._show(form, status=400)
        try:
            step = self.step(lambda: self._save(form), scope=Scope.of_cohort(self.cohort.pk), only_due=True)
        except ApiError as problem:
            return self._show(form, status=refuse(form, problem))
        if step.is_done:
            return self.done(_("The cohort is saved."), self.address("cohort"))
        heading, button = _("Change the cohort?"), _("Save the cohort")
        return self.plan_page(step, heading=heading, button=button, back=self.address("cohort"))

    def _save(self, form: CohortForm) -> Cohort:
        found = self.locked_cohort()
        form.check_seen(cohort_initial(found))
        serializer = CohortSerializer(found, data=form.as_body(), partial=True, context={"view": self})
        return save_cohort(found, fields=checked(serializer))

    def _show(self, form: CohortForm, *, status: int = 200) -> HttpResponse:
        return self.page("pages/academy/cohorts/edit.html", {"form": form}, status=status)
