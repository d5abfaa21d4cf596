"""`/academy/<slug>/cohorts/<slug>/slots`: the time slots of a cohort (rules V1 to V6, T1 to T6, P1 to P3)."""

import datetime
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from breathecode.admissions.domain.queries import time_slots_of_cohort
from breathecode.admissions.domain.time_slots import remove_time_slot
from breathecode.admissions.models import CohortTimeSlot
from breathecode.authenticate.models import Academy
from breathecode.common.errors import ApiError
from breathecode.common.models import lock
from breathecode.common.observability.removals import log_removal
from breathecode.pages.academy.cohorts.base import CohortPage, checked, refuse
from breathecode.pages.academy.cohorts.forms import TimeSlotForm, slot_initial
from breathecode.pages.fields import DAYS, clock
from breathecode.pages.plans import Step
from breathecode.schedules.api.time_slots import TimeSlotSerializer
from breathecode.schedules.domain.changes import reason_of_removal
from breathecode.schedules.domain.diagnosis import time_slots_with_next_class
from breathecode.schedules.domain.limits import check_class_count, write_time_slot
from breathecode.schedules.domain.preview import Preview, preview_time_slot
from breathecode.schedules.domain.schedules import Scope

MAX_PREVIEWED = 12


class SlotListView(CohortPage):
    http_method_names = ["get", "head"]
    tab = "cohort-slots"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        slots = time_slots_with_next_class(self.cohort, now=timezone.now())
        rows = [spoken_slot(slot) for slot in slots if slot.removed_at is None]
        return self.page("pages/academy/cohorts/slots.html", {"rows": rows, "undoable": self.undoable()})


def spoken_slot(slot: CohortTimeSlot) -> dict[str, Any]:
    """What a row about the time slot says."""
    names = dict(DAYS)
    return {
        "slot": slot,
        "days": [names[day] for day in slot.weekdays if day in names],
        "starts": clock(slot.starting_at),
        "ends": clock(slot.ending_at),
        "every": _every(slot),
    }


def slot_line(slot: CohortTimeSlot) -> str:
    """When it takes place, as one text: "Monday, Wednesday 14:00-16:00"; hours that are not valid as they are."""
    names = dict(DAYS)
    days = ", ".join(str(names[day]) for day in slot.weekdays if day in names)
    start, end = (f"{value // 100:02}:{value % 100:02}" for value in (slot.starting_at, slot.ending_at))
    return f"{days or capfirst(slot.get_recurrency_type_display())} {start}\u2013{end}"


def _every(slot: CohortTimeSlot) -> str:
    """How often it takes place, where that is not each day, week or month."""
    sentences = {
        CohortTimeSlot.Recurrency.DAILY: _("every {number} days"),
        CohortTimeSlot.Recurrency.WEEKLY: _("every {number} weeks"),
        CohortTimeSlot.Recurrency.MONTHLY: _("every {number} months"),
    }
    sentence = sentences[CohortTimeSlot.Recurrency(slot.recurrency_type)]
    return sentence.format(number=slot.interval) if slot.interval > 1 else ""


class SlotFormPage(CohortPage):
    """A time slot in a form, with a preview of its classes; sent with `step=plan` it shows the plan."""

    capability = "crud_cohort"
    tab = "cohort-slots"

    def form(self, data: Any = None) -> TimeSlotForm:
        raise NotImplementedError

    def edited_id(self) -> int | None:
        """Of the time slot that the form changes; None for a new one."""
        return None

    def serializer(self, slot: CohortTimeSlot | None, form: TimeSlotForm) -> TimeSlotSerializer:
        return TimeSlotSerializer(slot, data=form.as_body(), partial=slot is not None)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show(self.form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            form.focus()
            return self.show(form, status=400)
        try:
            if request.POST.get("step") == "preview":
                return self.show(form, preview=self.preview(form))
            return self.carry_out(form)
        except ApiError as problem:
            return self.show(form, status=refuse(form, problem))

    def preview(self, form: TimeSlotForm) -> Preview:
        """Rule T6. Raises what the API's preview raises."""
        now = timezone.now()
        slot = CohortTimeSlot(pk=self.edited_id(), cohort=self.cohort, **checked(self.serializer(None, form)))
        check_class_count(slot.cohort, edited=slot, now=now)
        return preview_time_slot(slot, now=now)

    def carry_out(self, form: TimeSlotForm) -> HttpResponse:
        raise NotImplementedError

    def show(self, form: TimeSlotForm, *, preview: Preview | None = None, status: int = 200) -> HttpResponse:
        context: dict[str, Any] = {"form": form, "preview": preview, "back": self.address("cohort-slots")}
        if preview is not None:
            now = timezone.now()
            coming = [found for found in preview.occurrences if found[0].ending_at > now]
            context["coming"], context["more"] = coming[:MAX_PREVIEWED], max(0, len(coming) - MAX_PREVIEWED)
        if self.request.headers.get("HX-Request"):
            return self.page("pages/academy/cohorts/slot.html#preview", context)
        return self.page("pages/academy/cohorts/slot.html", context, status=status)


class NewSlotView(SlotFormPage):
    def form(self, data: Any = None) -> TimeSlotForm:
        zone = self.cohort.effective_timezone
        initial = {"recurrency_type": "WEEKLY", "interval": 1, "recurrent": True, "timezone": zone}
        return TimeSlotForm(data, zone=zone, initial=initial)

    def carry_out(self, form: TimeSlotForm) -> HttpResponse:
        step = self._step(form)
        if step.is_done:
            return self.done(_("The time slot is added, and its classes are built."), self.address("cohort-slots"))
        heading, button = _("Add this time slot?"), _("Add the time slot")
        return self.plan_page(step, heading=heading, button=button, back=self.address("cohort-slots"))

    def _step(self, form: TimeSlotForm) -> Step:
        """Under the academy's lock, as the API's: two at once must not pass the cohort's limit together (T7)."""
        with transaction.atomic():
            lock(Academy, self.academy.pk)
            return self.step(lambda: self._add(form), scope=Scope.of_time_slots_never_built(self.cohort.pk))

    def _add(self, form: TimeSlotForm) -> CohortTimeSlot:
        slot = CohortTimeSlot(cohort=self.locked_cohort())
        return write_time_slot(slot, fields=checked(self.serializer(None, form)), now=timezone.now())


class SlotMixin(CohortPage):
    """Sets `self.slot`; a removed one gives the 404 page."""

    slot: CohortTimeSlot

    def find_in_cohort(self, **kwargs: Any) -> None:
        slots = time_slots_of_cohort(self.cohort).filter(removed_at=None).select_related("cohort__academy")
        found = slots.filter(pk=kwargs["time_slot_id"]).first()
        if found is None:
            raise Http404
        self.slot = found

    def fresh_slot(self) -> CohortTimeSlot:
        """Read under the locks of the change."""
        return time_slots_of_cohort(self.cohort).select_related("cohort__academy").get(pk=self.slot.pk)


class EditSlotView(SlotMixin, SlotFormPage):
    def edited_id(self) -> int | None:
        return self.slot.pk

    def form(self, data: Any = None) -> TimeSlotForm:
        return TimeSlotForm(data, zone=self.slot.timezone, stored=slot_initial(self.slot))

    def carry_out(self, form: TimeSlotForm) -> HttpResponse:
        step = self.step(lambda: self._save(form), scope=Scope.of_time_slot(self.slot))
        if step.is_done:
            return self.done(_("The time slot is changed, and its classes with it."), self.address("cohort-slots"))
        heading, button = _("Change this time slot?"), _("Change the time slot")
        return self.plan_page(step, heading=heading, button=button, back=self.address("cohort-slots"))

    def _save(self, form: TimeSlotForm) -> CohortTimeSlot:
        slot = self.fresh_slot()
        form.check_seen(slot_initial(slot))
        return write_time_slot(slot, fields=checked(self.serializer(slot, form)), now=timezone.now())

    def show(self, form: TimeSlotForm, **more: Any) -> HttpResponse:
        form.slot = self.slot  # type: ignore[attr-defined]
        return super().show(form, **more)


class RemoveSlotView(SlotMixin):
    """Its plan, with what stays and why; `kept=cancel` cancels that too (rule P3)."""

    http_method_names = ["post"]
    capability = "crud_cohort"
    tab = "cohort-slots"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        cancel = reason_of_removal(self.cohort) if request.POST.get("kept") == "cancel" else ""
        scope = Scope.of_time_slot(self.slot)
        step = self.step(lambda: self._remove(timezone.now()), scope=scope, compare=False, cancel_kept=cancel)
        if step.is_done:
            return self.done(_("The time slot is removed."), self.address("cohort-slots"))
        context: dict[str, Any] = {"kept": bool(step.plan.kept) and not cancel, "again": self.request.path}
        heading, button = _("Remove this time slot?"), _("Remove the time slot")
        return self.plan_page(step, heading=heading, button=button, back=self.address("cohort-slots"), **context)

    def _remove(self, now: datetime.datetime) -> None:
        slot = self.fresh_slot()
        if slot.removed_at is None:
            log_removal(slot, actor_id=self.user.pk, academy_id=self.academy.pk)
        remove_time_slot(slot, now=now)
