"""Making up for the classes that a holiday cancels: which cohorts, and when (rules P5, P9)."""

import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from breathecode.admissions.domain.queries import holidays_of_academy
from breathecode.admissions.models import Holiday
from breathecode.common.errors import ValidationFailed
from breathecode.common.ids import parse_id
from breathecode.events.models import LiveClass
from breathecode.pages.academy.holidays.base import ForAcademy, ForCohort
from breathecode.pages.times import iso_utc
from breathecode.schedules.domain.holidays import makeups

MAX_SHOWN = 50  # classes; the others follow once these are made up for


class HolidayMakeupsView(ForAcademy):
    """The cohorts that have classes to make up for; of a single one, straight to its page."""

    http_method_names = ["get", "head"]
    capability = "start_or_end_class"

    def get(self, request: HttpRequest, holiday_id: int, **kwargs: Any) -> HttpResponse:
        assert self.holiday is not None  # noqa: S101  (the address names one)
        cohorts = makeups.cohorts_to_make_up_for(self.holiday, now=timezone.now())
        rows = [(cohort, self.address("cohort-holiday-makeups", cohort["slug"], holiday_id)) for cohort in cohorts]
        context = {"rows": rows, "about": self.spoken(self.holiday), "back": self.address("holidays")}
        return self.page("pages/academy/holidays/makeups.html", context)


class CohortHolidayMakeupsView(ForCohort):
    """Up to three moments for each class of the cohort that the holiday cancelled; the chosen ones become classes."""

    capability = "start_or_end_class"
    write_capability = "start_or_end_class"

    def editable(self) -> QuerySet[Holiday]:
        """Its own, and those of the whole academy."""
        return holidays_of_academy(self.academy.pk).filter(Q(cohort=self.cohort) | Q(cohort=None))

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._show()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        chosen = dict(_chosen(request))
        if not chosen:
            return self._show(problem=_("Choose a moment for at least one class."), status=400)
        try:
            made = makeups.make_up_for(chosen, holiday=self._holiday, cohort=self.cohort, now=timezone.now())
        except ValidationFailed as problem:
            return self._show(errors=problem.errors or {}, status=409)
        sentence = ngettext("{count} make-up class is added.", "{count} make-up classes are added.", len(made))
        return self.done(sentence.format(count=len(made)), self.address("cohort"))

    @property
    def _holiday(self) -> Holiday:
        assert self.holiday is not None  # noqa: S101  (the address names one)
        return self.holiday

    def _show(
        self, *, problem: str = "", errors: dict[str, list[str]] | None = None, status: int = 200
    ) -> HttpResponse:
        now = timezone.now()
        missed = makeups.classes_to_make_up_for(self._holiday, now=now).filter(cohort=self.cohort)
        classes = list(missed.select_related("cohort_time_slot", "cohort__academy")[: MAX_SHOWN + 1])
        moments = makeups.moments_of_classes(classes[:MAX_SHOWN], now=now)
        context = {
            "rows": [self._row(found, moments[found.pk], errors or {}) for found in classes[:MAX_SHOWN]],
            "any_free": any(moments.values()),
            "more": len(classes) > MAX_SHOWN,
            "problem": problem or (errors and _("Nothing was added. Look at the classes below.")),
            "about": self.spoken(self._holiday),
            "back": self.address("cohort-holidays"),
        }
        return self.page("pages/academy/holidays/cohort_makeups.html", context, status=status)

    def _row(self, live_class: LiveClass, moments: list[Any], errors: dict[str, list[str]]) -> dict[str, Any]:
        typed = self.request.POST.get(f"class-{live_class.pk}", "")
        choices = [(iso_utc(start), start, end, iso_utc(start) == typed) for start, end in moments]
        return {"class": live_class, "choices": choices, "errors": errors.get(str(live_class.pk), [])}


def _chosen(request: HttpRequest) -> Any:
    """Id and start of each class for which a moment was chosen. What cannot be read is no free moment."""
    never = datetime.datetime.min.replace(tzinfo=datetime.UTC)
    for name, value in request.POST.items():
        pk = parse_id(name.removeprefix("class-")) if name.startswith("class-") else None
        if pk is not None and value:
            yield pk, _instant(str(value)) or never


def _instant(text: str) -> datetime.datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and found.tzinfo else None
