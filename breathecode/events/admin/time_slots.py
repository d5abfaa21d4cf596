"""Time slots in the Django admin (rule R6).

They stand here and not in `admissions`, like their API: they tell what became of their schedule, and build it.
"""

import collections
import logging
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from breathecode.admissions.models import CohortTimeSlot
from breathecode.common.admin import TimestampedAdmin
from breathecode.common.errors import ApiError
from breathecode.common.time_zones import TIME_ZONES
from breathecode.events.domain.scheduling.generation import build_time_slot
from breathecode.events.domain.scheduling.limits import check_class_count
from breathecode.events.domain.scheduling.planning import generation_issue, is_due
from breathecode.events.models import LiveClass
from breathecode.events.schedule.recurrence import WEEKDAYS

logger = logging.getLogger(__name__)


class TimeSlotForm(forms.ModelForm):  # type: ignore[type-arg]  # generic to the type checker alone
    weekdays = forms.MultipleChoiceField(
        choices=[(day, day) for day in WEEKDAYS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("WEEKLY only; none: the weekday of the first date."),
    )

    def clean_weekdays(self) -> list[str]:
        return sorted(self.cleaned_data["weekdays"], key=WEEKDAYS.index)

    def clean(self) -> dict[str, Any]:
        """As the API: rules T2 and T3."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("weekdays") and cleaned.get("recurrency_type") != CohortTimeSlot.Recurrency.WEEKLY:
            self.add_error("weekdays", _now("Weekdays go with the recurrency WEEKLY only."))
        if "starting_at" in cleaned and cleaned["starting_at"] == cleaned.get("ending_at"):
            self.add_error("ending_at", _now("It starts and ends at the same time: the class would last no time."))
        return cleaned

    def _post_clean(self) -> None:
        """As the API: rule T7, once the form's dates are on the instance."""
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            try:
                check_class_count(self.instance.cohort, edited=self.instance, now=timezone.now())
            except ApiError as error:
                self.add_error(None, str(error.detail))


class BuiltFilter(admin.SimpleListFilter):
    title = _("built")
    parameter_name = "built"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("true", _("as saved last")), ("false", _("due to be built"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[CohortTimeSlot]) -> QuerySet[CohortTimeSlot]:
        as_saved = Q(revision=F("built_revision"))
        return {"true": queryset.filter(as_saved), "false": queryset.exclude(as_saved)}.get(
            self.value() or "", queryset
        )


@admin.register(CohortTimeSlot)
class CohortTimeSlotAdmin(TimestampedAdmin):
    """Saving goes through `CohortTimeSlot.save()`; its build is queued after the commit (rule G9)."""

    form = TimeSlotForm
    list_display = (
        "cohort", "academy", "hours", "timezone", "recurrency_type", "days", "live_class_count", "built", "issue",
        "removed_at",
    )  # fmt: skip
    list_filter = (BuiltFilter, "recurrency_type", "recurrent", "cohort__stage", "cohort__academy")
    list_select_related = ("cohort__academy",)
    search_fields = ("cohort__name", "cohort__slug", "timezone")
    autocomplete_fields = ("cohort",)
    readonly_fields = (
        "revision", "built_revision", "built_until", "first_built_at", "zone_data_version", "live_class_count",
        "issue",
        "created_at", "updated_at",
    )  # fmt: skip
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

    @admin.display(ordering="cohort__academy__name")
    def academy(self, slot: CohortTimeSlot) -> str:
        return slot.cohort.academy.name

    @admin.display(ordering="starting_at")
    def hours(self, slot: CohortTimeSlot) -> str:
        return f"{slot.starting_at:04}-{slot.ending_at:04}"

    @admin.display(description=_("weekdays"))
    def days(self, slot: CohortTimeSlot) -> str:
        return " ".join(slot.weekdays)

    @admin.display(boolean=True)
    def built(self, slot: CohortTimeSlot) -> bool:
        return not is_due(slot, now=timezone.now())

    @admin.display(description=_("live classes"), ordering="live_class_count", empty_value="-")
    def live_class_count(self, slot: Any) -> int | None:
        count: int | None = getattr(slot, "live_class_count", None)
        return count

    @admin.display(description=_("why none are generated"), empty_value="-")
    def issue(self, slot: CohortTimeSlot) -> str | None:
        # A form that is shown again with its errors shows what was typed, which may be no zone.
        if slot._state.adding or slot.timezone not in TIME_ZONES:
            return None
        return generation_issue(slot, now=timezone.now())

    @admin.action(description=_("Build live classes now"), permissions=["change"])
    def build_live_classes_now(self, request: HttpRequest, queryset: QuerySet[CohortTimeSlot]) -> None:
        """In this process, without the queue; one slot that fails keeps none of the others waiting."""
        totals: collections.Counter[str] = collections.Counter()
        for pk in queryset.order_by("pk").values_list("pk", flat=True):
            try:
                result = build_time_slot(time_slot_id=pk, now=timezone.now())
            except Exception as error:
                logger.exception("time slot not built", extra={"timeslot_id": pk})
                text = _now("Time slot %(id)s was not built: %(error)s")
                self.message_user(request, text % {"id": pk, "error": error}, messages.ERROR)
                continue
            totals.update(built=1, created=result.created, moved=result.moved, deleted=result.deleted)
        text = _now("%(built)d time slots built: %(created)d classes made, %(moved)d moved, %(deleted)d deleted.")
        counts = {name: totals[name] for name in ("built", "created", "moved", "deleted")}
        self.message_user(request, text % counts)
