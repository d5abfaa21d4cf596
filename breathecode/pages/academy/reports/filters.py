"""What the address of a report says: which weeks, which cohort, which teacher."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from breathecode.admissions.models import Cohort
from breathecode.authenticate.models import User
from breathecode.common.dates import validate_plausible_date
from breathecode.pages.fields import day_input
from breathecode.pages.forms import PageForm

WEEKS, MAX_WEEKS = 12, 53
WEEK = datetime.timedelta(weeks=1)


def monday_of(day: datetime.date) -> datetime.date:
    return day - datetime.timedelta(days=day.weekday())


class ReportFilter(PageForm):
    """Whole weeks, from Monday to Sunday; without any in the address the last twelve, this one included."""

    since = forms.DateField(label=_("From the week of"), widget=day_input(), validators=[validate_plausible_date])
    until = forms.DateField(label=_("To the week of"), widget=day_input(), validators=[validate_plausible_date])
    cohort = forms.ChoiceField(label=_("Cohort"), required=False)
    teacher = forms.ChoiceField(label=_("Teacher"), required=False)

    def __init__(
        self, given: Mapping[str, str], *, today: datetime.date, cohorts: Sequence[Cohort], teachers: Sequence[User]
    ) -> None:
        last = {"since": (monday_of(today) - (WEEKS - 1) * WEEK).isoformat(), "until": today.isoformat()}
        super().__init__({**last, **{name: value for name, value in given.items() if value}})
        self._cohorts = {cohort.slug: cohort for cohort in cohorts}
        fields: dict[str, Any] = self.fields
        fields["cohort"].choices = [("", _("All cohorts")), *((cohort.slug, cohort.name) for cohort in cohorts)]
        names = ((str(teacher.pk), teacher.get_full_name()) for teacher in teachers)
        fields["teacher"].choices = [("", _("All teachers")), *names]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        since, until = found.get("since"), found.get("until")
        if since and until:
            if until < since:
                self.add_error("until", _("The last week must not be before the first one."))
            elif monday_of(until) - monday_of(since) >= MAX_WEEKS * WEEK:
                sentence = _("Choose at most %(weeks)d weeks.")
                self.add_error("until", ValidationError(sentence, params={"weeks": MAX_WEEKS}))
        return found

    @cached_property
    def mondays(self) -> list[datetime.date]:
        """Of all weeks, oldest first."""
        first, last = monday_of(self.cleaned_data["since"]), monday_of(self.cleaned_data["until"])
        return [first + number * WEEK for number in range((last - first) // WEEK + 1)]

    @property
    def chosen_cohort(self) -> Cohort | None:
        return self._cohorts.get(self.cleaned_data["cohort"])

    @property
    def teacher_id(self) -> int | None:
        return int(self.cleaned_data["teacher"]) if self.cleaned_data["teacher"] else None

    @property
    def query(self) -> str:
        """The rest of the address, for links to further pages and files."""
        return self.with_()

    def with_(self, **changed: str) -> str:
        given = {name: self.cleaned_data[name] for name in self.fields} | changed
        return urlencode({name: value for name, value in given.items() if value})
