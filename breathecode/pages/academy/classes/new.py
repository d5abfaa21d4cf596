"""`/academy/<slug>/cohorts/<slug>/new-class`: a class outside of the schedule (rule W1)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from breathecode.admissions.domain.queries import time_slots_of_cohort
from breathecode.admissions.models import CohortTimeSlot
from breathecode.common.errors import ApiError
from breathecode.events.domain.outlook import look_ahead
from breathecode.events.domain.staffing.substitutes import possible_teachers_of_academy
from breathecode.events.domain.writing import create_class
from breathecode.events.models import LiveClass
from breathecode.pages.academy.classes.base import plan_context, refuse_in_words
from breathecode.pages.academy.classes.forms import MeetingLinkField, TimesForm, TitleField
from breathecode.pages.academy.cohorts.base import CohortPage
from breathecode.pages.academy.cohorts.slots import spoken_slot
from breathecode.pages.plans import VERSION
from breathecode.pages.times import spoken_with_zone


class NewClassForm(TimesForm):
    title = TitleField()
    remote_meeting_url = MeetingLinkField()
    teacher = forms.TypedChoiceField(label=gettext_lazy("Teacher"), required=False, coerce=int, empty_value=None)
    time_slot = forms.TypedChoiceField(
        label=gettext_lazy("Belongs to the time slot"),
        coerce=int,
        help_text=gettext_lazy("The schedule of the time slot stays as it is."),
    )

    def __init__(self, *args: Any, slots: list[CohortTimeSlot], academy_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["time_slot"].choices = [(slot.pk, slot_label(slot)) for slot in slots]
        teachers = possible_teachers_of_academy(academy_id).order_by("first_name", "last_name", "pk")
        names = [(user.pk, user.get_full_name()) for user in teachers]
        fields["teacher"].choices = [("", _("The cohort's teachers")), *names]


def slot_label(slot: CohortTimeSlot) -> str:
    """Days and hours: "Monday, Wednesday 14:00-16:00", with a dash."""
    said = spoken_slot(slot)
    days = ", ".join(str(day) for day in said["days"]) or str(slot.get_recurrency_type_display())
    return f"{days[:1].upper()}{days[1:]} {said['starts']:%H:%M}\u2013{said['ends']:%H:%M}"


class NewClassView(CohortPage):
    """Shows what the class leads to, then makes it."""

    capability = write_capability = "start_or_end_class"
    tab = "cohort"
    slots: list[CohortTimeSlot]

    def find_in_cohort(self, **kwargs: Any) -> None:
        self.slots = list(time_slots_of_cohort(self.cohort).filter(removed_at=None).order_by("pk"))

    def form(self, data: Any = None) -> NewClassForm:
        zone = self.cohort.effective_timezone
        return NewClassForm(data, zone=zone, slots=self.slots, academy_id=self.academy.pk)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._show(self.form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            form.focus()
            return self._show(form, status=400)
        try:
            return self._plan(form)
        except ApiError as problem:
            return self._show(form, status=refuse_in_words(form, problem))

    @transaction.atomic
    def _plan(self, form: NewClassForm) -> HttpResponse:
        self.locked_cohort()
        outlook = look_ahead(lambda: self._make(form), now=timezone.now())
        seen = self.request.POST.get(VERSION)
        if seen == outlook.version:
            made = self._make(form)
            when = spoken_with_zone(made.starting_at, form.zone)
            messages.success(self.request, _("The class is planned: {when}.").format(when=when))
            return HttpResponseRedirect(reverse("class", args=[made.pk]), status=303)
        context = {"outdated": bool(seen), "version": outlook.version, **plan_context(self.request, outlook)}
        words = {"heading": _("Add a class"), "button": _("Add the class"), "class_zone": form.zone, "told": ""}
        back = self.address("cohort")
        context |= {**words, "back": back}
        return self.page("pages/academy/classes/new_plan.html", context, status=412 if seen else 200)

    def _make(self, form: NewClassForm) -> LiveClass:
        found = form.cleaned_data
        start, end = form.times()
        return create_class(
            academy_id=self.academy.pk,
            fields={
                "cohort_time_slot": found["time_slot"],
                "starting_at": start,
                "ending_at": end,
                "title": found["title"],
                "remote_meeting_url": found["remote_meeting_url"],
                "teacher_id": found["teacher"],
            },
        )

    def _show(self, form: NewClassForm, *, status: int = 200) -> HttpResponse:
        context = {"form": form, "slots": self.slots, "back": self.address("cohort")}
        return self.page("pages/academy/classes/new.html", context, status=status)
