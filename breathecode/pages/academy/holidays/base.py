"""What the pages of holidays share, those of an academy and those of one cohort (rules G13, V1 to V6).

`ForAcademy` and `ForCohort` say whose holidays a page is about; the pages themselves are the same.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from breathecode.admissions.domain.queries import holidays_of_academy
from breathecode.admissions.models import Cohort, Holiday
from breathecode.authenticate.models import Academy
from breathecode.common.models import lock
from breathecode.pages.academy.changing import ChangingPage
from breathecode.pages.academy.cohorts.base import CohortPage
from breathecode.pages.academy.settings.base import SettingsPage
from breathecode.pages.plans import Step, take_step_of
from breathecode.pages.times import spoken_day, today_in
from breathecode.schedules.domain.outcomes import Outcome


class HolidayPage(ChangingPage):
    """Sets `self.holiday` where the address names one; `self.whose` is the cohort, None for the whole academy."""

    holiday: Holiday | None = None
    prefix = ""  # of the names of the URLs

    @property
    def whose(self) -> Cohort | None:
        return None

    @property
    def academy_id(self) -> int:
        """For the serializer."""
        return self.academy.pk

    def address_of(self, name: str, *arguments: Any) -> str:
        """Of a page of holidays, by its name among those of the academy."""
        raise NotImplementedError

    def shown(self) -> QuerySet[Holiday]:
        """All that the list shows."""
        return holidays_of_academy(self.academy.pk)

    def editable(self) -> QuerySet[Holiday]:
        """What the addresses below the list may name."""
        return self.shown().filter(cohort=self.whose)

    def find_holiday(self, holiday_id: int | None = None) -> None:
        if holiday_id is not None:
            self.holiday = self.editable().filter(pk=holiday_id).first()
            if self.holiday is None:
                raise Http404

    def spoken(self, holiday: Any) -> str:
        """Name and dates in one line: "May Day, Fri 1 May"."""
        today = today_in(self.zone or self.academy.timezone)
        first, last = (spoken_day(day, today=today) for day in (holiday.starts_on, holiday.ends_on))
        if first == last:
            return _("{name}, {day}").format(name=holiday.name, day=first)
        return _("{name}, {first} to {last}").format(name=holiday.name, first=first, last=last)

    def holiday_step(self, carry_out: Callable[..., Outcome]) -> Step:
        """Plans or carries out, under the academy's lock."""

        def locked(**how: Any) -> Outcome:
            with transaction.atomic():
                lock(Academy, self.academy.pk)
                return carry_out(by=self.user, **how)

        return take_step_of(self.request, locked)


class ForAcademy(SettingsPage, HolidayPage):
    tab = "holidays"

    def address_of(self, name: str, *arguments: Any) -> str:
        return self.address(name, *arguments)

    def find(self, **kwargs: Any) -> None:
        self.find_holiday(**kwargs)


class ForCohort(CohortPage, HolidayPage):
    tab = "cohort-holidays"

    @property
    def whose(self) -> Cohort | None:
        return self.cohort

    def address_of(self, name: str, *arguments: Any) -> str:
        return self.address(f"cohort-{name}", *arguments)

    def shown(self) -> QuerySet[Holiday]:
        """Its own, and those of the whole academy."""
        return super().shown().filter(Q(cohort=self.cohort) | Q(cohort=None))

    def find_in_cohort(self, **kwargs: Any) -> None:
        self.find_holiday(**kwargs)
