"""`/classes/<id>/make-up`: a class that replaces a cancelled one (rule P5)."""

from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from breathecode.events.domain.makeups import makeup_moments
from breathecode.events.domain.staffing.substitutes import possible_teachers_of_academy
from breathecode.events.domain.writing import create_class
from breathecode.events.models import LiveClass
from breathecode.pages.academy.classes.base import ChangePage
from breathecode.pages.academy.classes.forms import TimesForm, times_initial


class MakeUpView(ChangePage):
    """Up to three moments at which everybody is free, each a form of its own; or another time, typed."""

    template = "pages/academy/classes/make_up.html"
    heading = gettext_lazy("Make up for this class")
    button = gettext_lazy("Add the class")
    shows_plan = True
    depends_on = ("cancelled_at", "title", "remote_meeting_url", "teacher_id")

    def form(self, data: Any = None) -> TimesForm:
        zone = self.live_class.cohort_time_slot.timezone
        times = self.live_class.starting_at, self.live_class.ending_at
        return TimesForm(data, zone=zone, initial={**times_initial(times, zone=zone), "day": None})

    def change(self, form: TimesForm) -> LiveClass:
        start, end = form.times()
        return create_class(
            academy_id=self.live_class.academy_id, fields={**self._kept(), "starting_at": start, "ending_at": end}
        )

    def _kept(self) -> dict[str, Any]:
        """What the new class has of the cancelled one: its title, its own link, its substitute as long as they may."""
        missed = self.live_class
        teachers = possible_teachers_of_academy(missed.academy_id).filter(pk=missed.teacher_id or 0)
        return {
            "cohort_time_slot": missed.cohort_time_slot_id,
            "replaces_id": missed.pk,
            "title": missed.title,
            "remote_meeting_url": missed.remote_meeting_url,
            "teacher_id": missed.teacher_id if teachers.exists() else None,
        }

    def sentence(self, changed: LiveClass) -> str:
        return _("The class that makes up for it is planned: {when}.").format(when=self.when(changed))

    def blocked(self) -> str | Promise:
        if self.live_class.cancelled_at is None:
            return _("This class is not cancelled, so there is nothing to make up for. Cancel it first.")
        return _("There is a class that makes up for this one already.") if self._makeup_id() else ""

    def _makeup_id(self) -> int | None:
        found: int | None = self.live_class.makeup_id  # type: ignore[attr-defined]
        return found

    def words(self) -> dict[str, Any]:
        moments = [] if self.blocked() else makeup_moments(self.live_class, now=timezone.now())
        zone = self.live_class.cohort_time_slot.timezone
        proposals = [(times, times_initial(times, zone=zone)) for times in moments]
        return {**super().words(), "proposals": proposals}
