"""Holidays by year, and each of them in a form; what becomes of the classes is shown first (rules G13, P1, P2)."""

import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from breathecode.admissions.models import Holiday
from breathecode.common.errors import ApiError, ValidationFailed
from breathecode.common.observability.removals import log_removal
from breathecode.pages.academy.cohorts.base import checked, refuse
from breathecode.pages.academy.holidays.base import ForAcademy, ForCohort, HolidayPage
from breathecode.pages.academy.holidays.forms import HolidayForm
from breathecode.schedules.api.holidays import HolidaySerializer
from breathecode.schedules.domain.holidays.changing import remove_holiday, write_holiday
from breathecode.schedules.domain.outcomes import Outcome

PAGE_SIZE = 50
YEARS = range(2000, 2200)  # those that a holiday can be in


class HolidayListMixin(HolidayPage):
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        today = timezone.localtime(timezone=ZoneInfo(self.academy.timezone)).date()
        year = _year(request.GET.get("year", ""), today=today)
        first, last = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
        found = self.shown().filter(starts_on__lte=last, ends_on__gte=first).select_related("cohort")
        page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
        context = {
            "page": page,
            "rows": [self._row(holiday, today=today) for holiday in page],
            "query": f"year={year}",
            "year": year,
            "years": [number for number in (year - 1, year, year + 1) if number in YEARS],
            "new": self.address_of("holiday-new"),
            "may_make_up": "start_or_end_class" in self.capabilities,
        }
        return self.page("pages/academy/holidays/list.html", context)

    def _row(self, holiday: Holiday, *, today: datetime.date) -> dict[str, Any]:
        """Where a holiday is edited, removed and made up for; one of another owner is edited among its own."""
        is_own = holiday.cohort_id == (self.whose.pk if self.whose else None)
        row: dict[str, Any] = {"holiday": holiday, "is_own": is_own}
        if is_own:
            row["edit"] = self.address_of("holiday", holiday.pk)
            row["remove"] = self.address_of("holiday-remove", holiday.pk)
        if holiday.ends_on >= today and (is_own or self.whose):
            row["makeups"] = self.address_of("holiday-makeups", holiday.pk)
        return row


class HolidayListView(HolidayListMixin, ForAcademy):
    pass


class CohortHolidayListView(HolidayListMixin, ForCohort):
    pass


def _year(text: str, *, today: datetime.date) -> int:
    """The year of the address; this one where it names none that a holiday can be in."""
    return int(text) if text.isascii() and text.isdigit() and len(text) == 4 and int(text) in YEARS else today.year


def _as_typed(holiday: Holiday) -> dict[str, Any]:
    return {name: getattr(holiday, name) for name in ("name", "starts_on", "ends_on")}


class HolidayFormMixin(HolidayPage):
    """A holiday in a form; sent, it shows the plan, whose button saves it."""

    capability = "crud_cohort"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._show(HolidayForm(stored=_as_typed(self.holiday) if self.holiday else None))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = HolidayForm(request.POST)
        if not form.is_valid():
            form.focus()
            return self._show(form, status=400)
        try:
            step = self.holiday_step(lambda **how: self._save(form, **how))
        except ApiError as problem:
            return self._show(form, status=refuse(form, problem))
        back = f"{self.address_of('holidays')}?year={form.cleaned_data['starts_on'].year}"
        if step.is_done:
            return self.settled(step, _("The holiday is saved."), back)
        heading, button = (
            (_("Change this holiday?"), _("Change the holiday"))
            if self.holiday
            else (_("Add this holiday?"), _("Add the holiday"))
        )
        about = self.spoken(step.result)
        more: dict[str, Any] = {"about": about, "several_cohorts": self.whose is None}
        return self.plan_page(step, heading=heading, button=button, back=back, **more)

    def _save(self, form: HolidayForm, **how: Any) -> Outcome:
        """Read under the academy's lock. Raises `validation-error`, and Http404 where it was deleted meanwhile."""
        holiday = Holiday(academy_id=self.academy.pk, cohort=self.whose)
        stored = self.editable().select_related("cohort").filter(pk=self.holiday.pk).first() if self.holiday else None
        if self.holiday and stored is None:
            raise Http404
        if stored is not None:
            form.check_seen(_as_typed(stored))
        serializer = HolidaySerializer(stored, data=form.as_body(), partial=True, context={"view": self})
        fields = checked(serializer)
        if stored is None and self.editable().filter(**fields).exists():  # the form was sent twice
            raise ValidationFailed({"name": [_("This holiday is on the list already.")]})
        return write_holiday(stored or holiday, fields=fields, **how)

    def _show(self, form: HolidayForm, *, status: int = 200) -> HttpResponse:
        context = {"form": form, "back": self.address_of("holidays"), "holiday": self.holiday, "whose": self.whose}
        return self.page("pages/academy/holidays/form.html", context, status=status)


class HolidayFormView(HolidayFormMixin, ForAcademy):
    pass


class CohortHolidayFormView(HolidayFormMixin, ForCohort):
    pass


class HolidayRemoveMixin(HolidayPage):
    http_method_names = ["post"]
    capability = "crud_cohort"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        step = self.holiday_step(self._remove)
        assert self.holiday is not None  # noqa: S101  (the address names one)
        back = f"{self.address_of('holidays')}?year={self.holiday.starts_on.year}"
        if step.is_done:
            return self.settled(step, _("The holiday is removed."), back)
        more: dict[str, Any] = {"about": self.spoken(self.holiday), "several_cohorts": self.whose is None}
        heading, button = _("Remove this holiday?"), _("Remove the holiday")
        return self.plan_page(step, heading=heading, button=button, back=back, **more)

    def _remove(self, *, dry_run: bool = False, **how: Any) -> Outcome:
        holiday = self.editable().filter(pk=self.kwargs["holiday_id"]).first()
        if holiday is None:
            raise Http404
        if not dry_run:
            log_removal(holiday, actor_id=self.user.pk, academy_id=self.academy.pk)
        return remove_holiday(holiday, dry_run=dry_run, **how)


class HolidayRemoveView(HolidayRemoveMixin, ForAcademy):
    pass


class CohortHolidayRemoveView(HolidayRemoveMixin, ForCohort):
    pass
