"""Importing public holidays, or the dates of a calendar file: both are shown with their plan first (rules P9, P1)."""

import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from breathecode.common.errors import ApiError, ValidationFailed
from breathecode.pages.academy.cohorts.base import refuse
from breathecode.pages.academy.holidays.base import ForAcademy
from breathecode.pages.academy.holidays.forms import CountryForm, FileForm, PublicHolidaysForm
from breathecode.pages.forms import PageForm
from breathecode.pages.plans import Step
from breathecode.pages.uploads import content_of, sign, unsign
from breathecode.schedules.domain.holidays.changing import import_holidays
from breathecode.schedules.domain.holidays.importing import dates_of_country, dates_of_file
from breathecode.schedules.domain.holidays.places import country_of_zone
from breathecode.schedules.domain.holidays.sources import MAX_BYTES, ClosedDates

_ANY = "US"  # the country that is chosen first where the academy's zone belongs to none


class HolidayImportView(ForAcademy):
    """Two forms: a country's public holidays, and a file."""

    capability = "crud_cohort"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._show()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form: PageForm = FileForm(request.POST, request.FILES)
        if is_country := "country" in request.POST:
            form = PublicHolidaysForm(request.POST, country=request.POST["country"][:10])
        try:
            found = self._dates_of_country(form) if is_country else self._dates_of_file(form)
            step = self.holiday_step(lambda **how: import_holidays(found, academy_id=self.academy.pk, **how))
        except ApiError as problem:
            return self._show(refused=form, status=refuse(form, problem))
        if step.is_done:
            return self.settled(step, _("The holidays are imported."), self._list_of(found))
        return self._preview(step, found, fields=[] if is_country else [("dates", self._signed(found))])

    def _dates_of_country(self, form: PageForm) -> list[ClosedDates]:
        if not form.is_valid():
            raise ValidationFailed({})
        wanted = form.cleaned_data
        region = wanted.get("subdivision", "")
        return dates_of_country(wanted["country"], subdivision=region, year=wanted["year"], academy=self.academy)

    def _dates_of_file(self, form: PageForm) -> list[ClosedDates]:
        if sent := self.request.POST.get("dates"):
            return self._unsigned(sent)
        return dates_of_file(content_of(form, max_bytes=MAX_BYTES), academy=self.academy, now=timezone.now())

    @property
    def _salt(self) -> str:
        return f"pages.holidays.{self.academy.pk}"

    def _signed(self, found: list[ClosedDates]) -> str:
        rows = [(dates.starts_on.isoformat(), dates.ends_on.isoformat(), dates.name) for dates in found]
        return sign(rows, salt=self._salt)

    def _unsigned(self, sent: str) -> list[ClosedDates]:
        day = datetime.date.fromisoformat
        return [ClosedDates(day(first), day(last), name) for first, last, name in unsign(sent, salt=self._salt)]

    def _list_of(self, found: list[ClosedDates]) -> str:
        return f"{self.address('holidays')}?year={found[0].starts_on.year}" if found else self.address("holidays")

    def _preview(self, step: Step, found: list[ClosedDates], *, fields: list[tuple[str, str]]) -> HttpResponse:
        more = {"imported": step.result, "several_cohorts": True, "back": self.address("holiday-import")}
        if fields:
            more["fields"] = fields
        if not step.result.created:
            return self._show(nothing_new=True)
        count = len(step.result.created)
        return self.plan_page(
            step,
            template="pages/academy/holidays/preview.html",
            heading=_("Import these holidays?"),
            button=_("Import {count} holidays").format(count=count) if count > 1 else _("Import the holiday"),
            **more,
        )

    def _show(
        self,
        *,
        refused: PageForm | None = None,
        nothing_new: bool = False,
        status: int = 200,
    ) -> HttpResponse:
        posted = self.request.POST.get("country", "")
        asked = CountryForm({"country": posted or self.request.GET.get("country", "")})
        own = country_of_zone(self.academy.timezone) or _ANY
        country = asked.cleaned_data["country"] if asked.is_valid() else own
        is_public = isinstance(refused, PublicHolidaysForm)
        initial = {"country": country, "year": timezone.now().year}
        context = {
            "country_form": asked if posted and not asked.is_valid() else CountryForm(initial={"country": country}),
            "public_form": refused if is_public else PublicHolidaysForm(country=country, initial=initial),
            "file_form": refused if refused and not is_public else FileForm(),
            "nothing_new": nothing_new,
        }
        return self.page("pages/academy/holidays/import.html", context, status=status)
