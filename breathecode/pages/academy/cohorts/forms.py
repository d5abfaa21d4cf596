"""The forms of a cohort and of its time slots. The API's serializers check what they hold."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from breathecode.admissions.domain.queries import syllabi_of_academy
from breathecode.admissions.errors import EmptyTimeSlot, InvalidTimeZone
from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.common.errors import ApiError
from breathecode.pages.fields import DAYS, ZONES, clock, clock_input, day_input, with_stored, written
from breathecode.pages.forms import PageForm


class CohortForm(PageForm):
    name = forms.CharField(label=_("Name"), max_length=150)
    kickoff_date = forms.DateField(label=_("First day"), required=False, widget=day_input())
    ending_date = forms.DateField(label=_("Last day"), required=False, widget=day_input())
    never_ends = forms.BooleanField(label=_("It never ends"), required=False)
    stage = forms.ChoiceField(
        label=_("Stage"),
        choices=Cohort.Stage.choices,
        help_text=_("Classes are built for every stage but prework and deleted."),
    )
    timezone = forms.ChoiceField(label=_("Time zone"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    online_meeting_url = forms.CharField(
        label=_("Meeting link"),
        max_length=500,
        required=False,
        help_text=_("For all classes that have no link of their own."),
        widget=forms.URLInput(),
    )
    syllabus = forms.ChoiceField(label=_("Syllabus"), required=False)

    def __init__(self, *args: Any, academy: Any, cohort: Cohort | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        own = _("As the academy: {zone}").format(zone=academy.timezone)
        fields["timezone"].choices = with_stored([("", own), *ZONES], cohort.timezone if cohort else "")
        names = [("", _("None")), *((syllabus.slug, syllabus.name) for syllabus in syllabi_of_academy(academy.pk))]
        fields["syllabus"].choices = with_stored(names, syllabus_name(cohort) if cohort else "")

    def as_body(self) -> dict[str, Any]:
        """As the API takes it: dates are written, and no syllabus is None."""
        found = {name: written(value) for name, value in self.cleaned_data.items()}
        return {**found, "syllabus": found["syllabus"] or None}


def syllabus_name(cohort: Cohort) -> str:
    """As the API writes it: `slug`, or `slug.v3`."""
    if cohort.syllabus is None:
        return ""
    return cohort.syllabus.slug + (f".v{cohort.syllabus_version.version}" if cohort.syllabus_version else "")


def cohort_initial(cohort: Cohort) -> dict[str, Any]:
    names = ("name", "kickoff_date", "ending_date", "never_ends", "stage", "timezone", "language", "online_meeting_url")
    return {**{name: getattr(cohort, name) for name in names}, "syllabus": syllabus_name(cohort)}


class HoursForm(PageForm):
    """When a time slot takes place, but for its first date and its zone."""

    starting_at = forms.TimeField(label=_("Starts at"), widget=clock_input())
    ending_at = forms.TimeField(
        label=_("Ends at"), widget=clock_input(), help_text=_("An end before the start is on the next day.")
    )
    recurrency_type = forms.ChoiceField(label=_("Repeats"), choices=CohortTimeSlot.Recurrency.choices)
    interval = forms.IntegerField(label=_("Every"), min_value=1, max_value=52, help_text=_("2: every second week."))
    weekdays = forms.MultipleChoiceField(
        label=_("Weekdays"),
        choices=DAYS,
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        help_text=_("For a weekly time slot. None: the weekday of its first date."),
    )
    recurrent = forms.BooleanField(label=_("Takes place more than once"), required=False)

    def refuse(self, problem: ApiError, *, names: Mapping[str, str] | None = None) -> None:
        """As `PageForm`; what the API says of its fields is said of those of the form."""
        if isinstance(problem, EmptyTimeSlot):
            self.add_error("ending_at", _("The end must differ from the start."))
        elif isinstance(problem, InvalidTimeZone):
            self.add_error("timezone", _("Choose a time zone from the list."))
        else:
            super().refuse(problem, names=names)

    def as_body(self) -> dict[str, Any]:
        """As the API takes it: hours are HHMM."""
        found = {name: written(value) for name, value in self.cleaned_data.items()}
        for name in ("starting_at", "ending_at"):
            value = self.cleaned_data[name]
            found[name] = value.hour * 100 + value.minute
        return found


class TimeSlotForm(HoursForm):
    starts_on = forms.DateField(
        label=_("First date"), required=False, widget=day_input(), help_text=_("Empty: the cohort's first day.")
    )
    timezone = forms.ChoiceField(label=_("Time zone"), choices=ZONES)

    field_order = (
        "starting_at", "ending_at", "recurrency_type", "interval", "weekdays", "starts_on", "recurrent", "timezone",
    )  # fmt: skip

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["timezone"].choices = with_stored(list(ZONES), zone)


def slot_initial(slot: CohortTimeSlot) -> dict[str, Any]:
    names = ("recurrency_type", "interval", "weekdays", "starts_on", "recurrent", "timezone")
    hours = {name: clock(getattr(slot, name)) for name in ("starting_at", "ending_at")}
    return {**{name: getattr(slot, name) for name in names}, **hours}
