"""`/classes/<id>/move`, `/cancel`, `/restore`, `/edit`, `/start`: one class, changed by hand (rules W3, W4, W6)."""

import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from breathecode.events import errors
from breathecode.events.domain import lifecycle
from breathecode.events.domain.class_notices import ClassTime, count_users_to_correct
from breathecode.events.domain.outlook import warnings_of_times
from breathecode.events.domain.staffing.conflicts import conflicts_of_class
from breathecode.events.domain.staffing.warnings import sentences
from breathecode.events.domain.writing import change_class
from breathecode.events.models import LiveClass
from breathecode.pages.academy.classes.base import ChangePage
from breathecode.pages.academy.classes.forms import (
    CancelForm,
    DetailsForm,
    MoveForm,
    Times,
    details_initial,
    times_initial,
)
from breathecode.pages.forms import PageForm

IS_CANCELLED = gettext_lazy("This class is cancelled. Restore it, or plan a class that makes up for it.")


class MoveView(ChangePage):
    """With `?back=1`, the form holds the time that the class had before it was moved."""

    template = "pages/academy/classes/move.html"
    heading = gettext_lazy("Move this class")
    button = gettext_lazy("Move this class")
    shows_plan = True

    def form(self, data: Any = None) -> MoveForm:
        zone = self.live_class.cohort_time_slot.timezone
        goes_back = "back" in self.request.GET
        times = lifecycle.times_before_move(self.live_class, now=timezone.now()) if goes_back else self._times()
        return MoveForm(data, zone=zone, stored=self._times(), initial=times_initial(times, zone=zone))

    def _times(self) -> Times:
        return self.live_class.starting_at, self.live_class.ending_at

    def change(self, form: MoveForm) -> LiveClass:
        start, end = form.times()
        fields = {"starting_at": start, "ending_at": end, "reason": form.cleaned_data["reason"]}
        return change_class(self.live_class.pk, fields=fields, now=timezone.now(), within=self.within())

    def sentence(self, changed: LiveClass) -> str:
        return _("The class is moved to {when}.").format(when=self.when(changed))

    def blocked(self) -> str | Promise:
        return IS_CANCELLED if self.live_class.cancelled_at else over(self.live_class)


def over(live_class: LiveClass) -> str | Promise:
    """Why a class can be neither moved nor cancelled; empty where it can."""
    if lifecycle.has_taken_place(live_class):
        return errors.ClassAlreadyStarted.default_detail
    return errors.ClassHasEnded.default_detail if live_class.ended_at else ""


class CancelView(ChangePage):
    template = "pages/academy/classes/cancel.html"
    heading = gettext_lazy("Cancel this class")
    button = gettext_lazy("Cancel this class")
    depends_on = (*ChangePage.depends_on, "cancel_reason")

    def form(self, data: Any = None) -> CancelForm:
        return CancelForm(data, initial={"reason": self.live_class.cancel_reason})

    def change(self, form: CancelForm) -> LiveClass:
        reason = form.cleaned_data["reason"]
        return lifecycle.cancel_class(self.live_class.pk, reason=reason, now=timezone.now(), within=self.within())

    def words(self) -> dict[str, Any]:
        off = ClassTime.of(self.live_class)._replace(takes_place=False)
        informed = count_users_to_correct(self.live_class, now=timezone.now(), current=off)
        return {**super().words(), "informed": informed}

    def sentence(self, changed: LiveClass) -> str:
        return _("The class is cancelled. You can restore it, or plan a class that makes up for it.")

    def blocked(self) -> str | Promise:
        return over(self.live_class)


class RestoreView(ChangePage):
    """Says before when the class would take place, and what speaks against it."""

    template = "pages/academy/classes/restore.html"
    heading = gettext_lazy("Restore this class")
    button = gettext_lazy("Restore this class")
    depends_on = (*ChangePage.depends_on, "moved_by_hand")

    def change(self, form: PageForm) -> LiveClass:
        return lifecycle.restore_class(self.live_class.pk, now=timezone.now(), within=self.within())

    def sentence(self, changed: LiveClass) -> str:
        return _("The class takes place again: {when}.").format(when=self.when(changed))

    def blocked(self) -> str | Promise:
        return "" if self.live_class.cancelled_at else _("This class is not cancelled.")

    def words(self) -> dict[str, Any]:
        found, live_class = super().words(), self.live_class
        if self.blocked():
            return found
        now = timezone.now()
        times = lifecycle.times_if_restored(live_class, now=now)
        return {**found, "times": times, "warnings": _warnings_at(live_class, times, now=now)}


def _warnings_at(live_class: LiveClass, times: Times, *, now: datetime.datetime) -> list[str]:
    """As if the class took place then."""
    conflicts = conflicts_of_class(live_class, [times])
    there = LiveClass(pk=live_class.pk, cohort_time_slot=live_class.cohort_time_slot, cohort=live_class.cohort)
    there.starting_at, there.ending_at = times
    zone = live_class.cohort.effective_timezone
    return [*warnings_of_times(there, now=now), *sentences(conflicts, zone=zone)]


class EditView(ChangePage):
    template = "pages/academy/classes/edit.html"
    heading = gettext_lazy("Change title and link")
    button = gettext_lazy("Save title and link")
    depends_on = ("title", "remote_meeting_url")
    sends_mail = False

    def form(self, data: Any = None) -> DetailsForm:
        return DetailsForm(data, initial=details_initial(self.live_class))

    def change(self, form: DetailsForm) -> LiveClass:
        fields = {name: form.cleaned_data[name] for name in form.changed_data}
        return change_class(self.live_class.pk, fields=fields, now=timezone.now(), within=self.within())

    def sentence(self, changed: LiveClass) -> str:
        return _("Title and link are saved. Calendars show them when they refresh.")


class StartView(ChangePage):
    template = "pages/academy/classes/start.html"
    heading = gettext_lazy("Start this class")
    button = gettext_lazy("Start this class")
    sends_mail = False

    def change(self, form: PageForm) -> LiveClass:
        now = timezone.now()
        return change_class(self.live_class.pk, fields={"started_at": now}, now=now, within=self.within())

    def sentence(self, changed: LiveClass) -> str:
        return _("The class has started. Its roll can be called now.")

    def blocked(self) -> str | Promise:
        if self.live_class.cancelled_at:
            return IS_CANCELLED
        return errors.StartedAtAlreadySet.default_detail if self.live_class.started_at else over(self.live_class)
