"""The forms that change one class. Hours are typed in the class's own zone."""

import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from breathecode.common.dates import validate_plausible_date
from breathecode.common.db.fields import HttpUrlFormField, OneLineFormField
from breathecode.events.models import LiveClass
from breathecode.pages.fields import clock_input, day_input
from breathecode.pages.forms import PageForm

Times = tuple[datetime.datetime, datetime.datetime]  # start and end
ONE_DAY = datetime.timedelta(days=1)


class ReasonField(OneLineFormField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Reason"), max_length=500, required=False, **kwargs)


class TitleField(OneLineFormField):
    def __init__(self, **kwargs: Any) -> None:
        help_text = _("Empty: the name of the cohort.")
        super().__init__(label=_("Title"), max_length=150, required=False, help_text=help_text, **kwargs)


class MeetingLinkField(HttpUrlFormField):
    def __init__(self, **kwargs: Any) -> None:
        help_text = _("Empty: the cohort's meeting link.")
        super().__init__(
            label=_("Meeting link"),
            max_length=500,
            required=False,
            help_text=help_text,
            assume_scheme="https",
            **kwargs,
        )


class TimesForm(PageForm):
    """A day and two hours in `zone`. `stored`: the times of the class now, which are to change."""

    day = forms.DateField(label=_("Day"), widget=day_input(), validators=[validate_plausible_date])
    starts = forms.TimeField(label=_("Starts at"), widget=clock_input())
    ends = forms.TimeField(
        label=_("Ends at"), widget=clock_input(), help_text=_("An end before the start is on the next day.")
    )

    def __init__(self, *args: Any, zone: str, stored: Times | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone, self.stored = zone, stored
        shown = zone.replace("_", " ")
        self.fields["starts"].help_text = _("In the time zone {zone}.").format(zone=shown)

    def clean(self) -> dict[str, Any] | None:
        found = super().clean()
        if self.errors:
            return found
        if self.cleaned_data["starts"] == self.cleaned_data["ends"]:
            self.add_error("ends", _("The end must be after the start."))
        elif self.times() == self.stored:
            self.add_error("day", _("The class is at this time already. Choose another one."))
        return found

    def times(self) -> Times:
        """As a schedule reads hours (rule G1). What was not changed stays as it is stored, to the second."""
        found = self.cleaned_data
        typed = times_on(found["day"], found["starts"], found["ends"], zone=self.zone)
        kept = self.stored or typed
        start, end = (old if _minute(old) == new else new for new, old in zip(typed, kept, strict=True))
        return start, end


def times_on(day: datetime.date, starts: datetime.time, ends: datetime.time, *, zone: str) -> Times:
    """Rule G1: of a time that is skipped the one after the gap, of one that exists twice the first."""
    there = ZoneInfo(zone)
    end_day = day + ONE_DAY if ends <= starts else day
    starting_at = datetime.datetime.combine(day, starts, there).astimezone(datetime.UTC)
    ending_at = datetime.datetime.combine(end_day, ends, there).astimezone(datetime.UTC)
    if ending_at <= starting_at:
        length = datetime.datetime.combine(end_day, ends) - datetime.datetime.combine(day, starts)
        ending_at = starting_at + length
    return starting_at, ending_at


def _minute(moment: datetime.datetime) -> datetime.datetime:
    return moment.replace(second=0, microsecond=0)


def times_initial(times: Times, *, zone: str) -> dict[str, Any]:
    start, end = (moment.astimezone(ZoneInfo(zone)) for moment in times)
    return {"day": start.date(), "starts": start.time(), "ends": end.time()}


class MoveForm(TimesForm):
    reason = ReasonField(help_text=_("Users read it in the mail and in their calendars."))


class CancelForm(PageForm):
    reason = ReasonField(help_text=_("Users read it in the mail, in their calendars and where they would join."))


class DetailsForm(PageForm):
    title = TitleField()
    remote_meeting_url = MeetingLinkField()


def details_initial(live_class: LiveClass) -> dict[str, Any]:
    return {"title": live_class.title, "remote_meeting_url": live_class.remote_meeting_url}
