"""Time slots and schedule templates in the Django admin (rule R6).

They stand here and not in `admissions`, like their API: they tell what became of their schedule, and build it.
"""

import collections
import logging
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from breathecode.admissions.admin import CohortAdmin
from breathecode.admissions.domain.time_slots import check_schedule
from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.authenticate.models import Academy
from breathecode.common.admin import DomainAdmin, RecordAdmin, RecordedHistory, errors_of_field
from breathecode.common.admin.inlines import ReadInline
from breathecode.common.i18n.time_zones import TIME_ZONES
from breathecode.common.models import lock
from breathecode.events.domain.planning import generation_issue, is_due
from breathecode.events.models import LiveClass
from breathecode.events.schedule.recurrence import WEEKDAYS
from breathecode.schedules.domain.findings import finding
from breathecode.schedules.domain.generation import build_time_slot
from breathecode.schedules.domain.limits import check_class_count, write_time_slot
from breathecode.schedules.models import ScheduleTemplate

logger = logging.getLogger(__name__)


class TimeSlotForm(forms.ModelForm):  # type: ignore[type-arg]  # generic to the type checker alone
    weekdays = forms.MultipleChoiceField(
        choices=[(day, day) for day in WEEKDAYS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("WEEKLY only. If none is selected, the weekday of the first date is used."),
    )

    def clean_weekdays(self) -> list[str]:
        return sorted(self.cleaned_data["weekdays"], key=WEEKDAYS.index)

    def clean(self) -> dict[str, Any]:
        """As the API: rules T2 and T3."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        names = ("starting_at", "ending_at", "recurrency_type", "weekdays")
        if cleaned.keys() >= set(names):
            with errors_of_field(self, "ending_at"):
                check_schedule(**{name: cleaned[name] for name in names})
        return cleaned

    def _post_clean(self) -> None:
        """As the API: rule T7, once the form's dates are on the instance."""
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            with errors_of_field(self, None):
                check_class_count(self.instance.cohort, edited=self.instance, now=timezone.now())


def hours_of(slot: CohortTimeSlot) -> str:
    """For people: "14:00-16:00"."""
    start, end = (f"{clock // 100:02}:{clock % 100:02}" for clock in (slot.starting_at, slot.ending_at))
    return f"{start}-{end}"


def sentence_of(issue: str, slot: CohortTimeSlot) -> str:
    """Why the time slot has no classes, as the diagnosis says it (rule P7)."""
    last = slot.cohort.ending_date
    values = {"date": last and date_format(last), "time_slot": hours_of(slot), "days": settings.GENERATION_HORIZON_DAYS}
    return finding(issue, **values)["detail"]


class TimeSlotInline(ReadInline):
    """Inside the cohort. A time slot is added and edited on its own form, which builds its classes."""

    model = CohortTimeSlot
    fk_name = "cohort"
    fields = ("hours", "timezone", "recurrency_type", "days", "starts_on", "removed_at")
    readonly_fields = ("hours", "days")

    @admin.display(description=_("hours"))
    def hours(self, slot: CohortTimeSlot) -> str:
        return hours_of(slot)

    @admin.display(description=_("weekdays"))
    def days(self, slot: CohortTimeSlot) -> str:
        return " ".join(slot.weekdays)


CohortAdmin.inlines = [TimeSlotInline, *CohortAdmin.inlines]


class BuiltFilter(admin.SimpleListFilter):
    title = _("classes up to date")
    parameter_name = "built"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("true", _("Yes")), ("false", _("Not yet"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[CohortTimeSlot]) -> QuerySet[CohortTimeSlot]:
        as_saved = Q(revision=F("built_revision"))
        return {"true": queryset.filter(as_saved), "false": queryset.exclude(as_saved)}.get(
            self.value() or "", queryset
        )


@admin.register(CohortTimeSlot)
class CohortTimeSlotAdmin(RecordedHistory, DomainAdmin):
    form = TimeSlotForm
    recorded_as = "time_slot"
    list_display = (
        "cohort", "academy", "hours", "timezone", "recurrency_type", "days", "live_class_count", "built", "issue",
        "removed_at",
    )  # fmt: skip
    list_filter = (BuiltFilter, "recurrency_type", "recurrent", "cohort__stage", "cohort__academy")
    list_select_related = ("cohort__academy",)
    search_fields = ("^cohort__name", "^cohort__slug", "timezone")
    autocomplete_fields = ("cohort",)
    readonly_fields = ("live_class_count", "built", "issue", "created_at", "updated_at")
    ordering = ("-id",)
    actions = ("build_live_classes_now",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CohortTimeSlot]:
        classes = LiveClass.objects.filter(cohort_time_slot=OuterRef("pk")).order_by().values("cohort_time_slot")
        counted = Subquery(classes.annotate(count=Count("pk")).values("count"))
        slots: QuerySet[CohortTimeSlot] = super().get_queryset(request)
        slots = slots.select_related("cohort__academy")
        slots = slots.prefetch_related("cohort__academy__holidays")
        return slots.annotate(live_class_count=Coalesce(counted, 0))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # In another cohort its classes would be other people's; there, it is another slot.
        return (*self.readonly_fields, "cohort") if obj else self.readonly_fields

    def lock(self, row: CohortTimeSlot) -> None:
        """Of the cohort first: two writers must not pass its limit together (rule T7)."""
        lock(Cohort, row.cohort_id)
        super().lock(row)

    def write(self, row: CohortTimeSlot, fields: dict[str, Any]) -> None:
        if row._state.adding:
            lock(Academy, row.cohort.academy_id)
            lock(Cohort, row.cohort_id)
        write_time_slot(row, fields=fields, now=timezone.now())

    @admin.display(ordering="cohort__academy__name")
    def academy(self, slot: CohortTimeSlot) -> str:
        return slot.cohort.academy.name

    @admin.display(ordering="starting_at")
    def hours(self, slot: CohortTimeSlot) -> str:
        return hours_of(slot)

    @admin.display(description=_("weekdays"))
    def days(self, slot: CohortTimeSlot) -> str:
        return " ".join(slot.weekdays)

    @admin.display(boolean=True, description=_("classes up to date"))
    def built(self, slot: CohortTimeSlot) -> bool:
        return not (slot._state.adding or is_due(slot, now=timezone.now()))

    @admin.display(description=_("live classes"), ordering="live_class_count", empty_value="-")
    def live_class_count(self, slot: Any) -> int | None:
        count: int | None = getattr(slot, "live_class_count", None)
        return count

    @admin.display(description=_("why there are no classes"), empty_value="-")
    def issue(self, slot: CohortTimeSlot) -> str | None:
        # A form that is shown again with its errors shows what was typed, which may be no zone.
        if slot._state.adding or slot.timezone not in TIME_ZONES:
            return None
        slug = generation_issue(slot, now=timezone.now())
        return slug and sentence_of(slug, slot)

    @admin.action(description=_("Build live classes now"), permissions=["change"])
    def build_live_classes_now(self, request: HttpRequest, queryset: QuerySet[CohortTimeSlot]) -> None:
        """In this process, without the queue; one slot that fails keeps none of the others waiting."""
        totals: collections.Counter[str] = collections.Counter()
        for pk in queryset.order_by("pk").values_list("pk", flat=True):
            try:
                result = build_time_slot(time_slot_id=pk, now=timezone.now())
            except Exception as error:
                logger.exception("time slot not built", extra={"timeslot_id": pk})
                text = _now("Time slot %(id)s could not be built: %(error)s")
                self.message_user(request, text % {"id": pk, "error": error}, messages.ERROR)
                continue
            totals.update(built=1, created=result.created, moved=result.moved, deleted=result.deleted)
        text = _now("%(built)d time slots built: %(created)d classes created, %(moved)d moved, %(deleted)d deleted.")
        counts = {name: totals[name] for name in ("built", "created", "moved", "deleted")}
        self.message_user(request, text % counts)


@admin.register(ScheduleTemplate)
class ScheduleTemplateAdmin(RecordAdmin):
    """To be read: the API checks what a template holds (rule P11)."""

    list_display = ("name", "syllabus", "created_at")
    list_filter = ("syllabus__academy",)
    list_select_related = ("syllabus",)
    search_fields = ("name", "syllabus__name")
