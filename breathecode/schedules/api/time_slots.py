"""Time slots under `admissions/academy/cohort/{cohort}/timeslot` (rules T1 to T6, P1 to P3).

They stand with the classes and not in `admissions`, since each answer tells what became of its schedule.
"""

from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.admissions.api.serializers import NoticeSerializer
from breathecode.admissions.api.views import CohortMixin
from breathecode.admissions.domain.notices import Notice, notices_of_time_slot
from breathecode.admissions.domain.queries import time_slots_of_cohort
from breathecode.admissions.domain.time_slots import check_schedule, remove_time_slot
from breathecode.admissions.errors import EmptyTimeSlot, InvalidTimeZone, TooManyClasses
from breathecode.admissions.models import CohortTimeSlot, validate_clock
from breathecode.authenticate.api.base import AcademyView
from breathecode.authenticate.models import Academy
from breathecode.common.api.filters import sorting
from breathecode.common.api.pagination import read_boolean
from breathecode.common.api.serializers import OneLineField, PlausibleDateField, StrictSerializer
from breathecode.common.api.views import by_id
from breathecode.common.errors import InvalidParameter
from breathecode.common.i18n.time_zones import TIME_ZONES
from breathecode.common.models import lock
from breathecode.events.api import examples
from breathecode.events.api.serializers import WarningsField
from breathecode.events.domain.planning import generation_issue
from breathecode.events.schedule.recurrence import WEEKDAYS
from breathecode.schedules.api.plans import PLAN_ERRORS, PLAN_PARAMETERS, PlanAnswerSerializer, PlanMixin, WithPlanMixin
from breathecode.schedules.domain.changes import reason_of_removal
from breathecode.schedules.domain.limits import check_class_count, write_time_slot
from breathecode.schedules.domain.preview import preview_time_slot
from breathecode.schedules.domain.schedules import Scope


class GenerationSerializer(serializers.Serializer[Any]):
    live_classes = serializers.IntegerField(help_text=_("The number of live classes."))
    issue = serializers.CharField(allow_null=True, help_text=_("Why there are no live classes, as a slug."))


class HoursSerializer(StrictSerializer):
    """When a time slot takes place, but for its first date."""

    starting_at = serializers.IntegerField(validators=[validate_clock])
    ending_at = serializers.IntegerField(validators=[validate_clock])
    timezone = OneLineField(required=False, allow_null=True, allow_blank=True, max_length=64)
    recurrent = serializers.BooleanField(required=False)
    recurrency_type = serializers.ChoiceField(choices=CohortTimeSlot.Recurrency.choices, required=False)
    weekdays = serializers.ListField(
        child=serializers.ChoiceField(choices=WEEKDAYS), required=False, allow_null=True, max_length=7
    )
    interval = serializers.IntegerField(required=False, min_value=1, max_value=52)

    def validate_timezone(self, value: str | None) -> str:
        if value and value not in TIME_ZONES:
            raise InvalidTimeZone(value=value)
        return value or ""  # empty: copied from the cohort or the academy when the slot is saved

    def validate_weekdays(self, value: list[str] | None) -> list[str]:
        return sorted(set(value or ()), key=WEEKDAYS.index)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        def after(name: str) -> Any:
            return attrs.get(name, getattr(self.instance, name, None))

        names = ("starting_at", "ending_at", "recurrency_type", "weekdays")
        check_schedule(**{name: after(name) for name in names})
        return attrs


class TimeSlotSerializer(HoursSerializer):
    id = serializers.IntegerField(read_only=True)
    cohort = serializers.IntegerField(source="cohort_id", read_only=True)
    starts_on = PlausibleDateField(required=False, allow_null=True)
    removed_at = serializers.DateTimeField(read_only=True, allow_null=True)
    generation = serializers.SerializerMethodField()
    notices = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    @extend_schema(responses=GenerationSerializer)
    def get_generation(self, slot: CohortTimeSlot) -> dict[str, Any]:
        issue = generation_issue(slot, now=timezone.now())
        return {"live_classes": slot.live_class_count, "issue": issue}  # type: ignore[attr-defined]

    @extend_schema(responses=NoticeSerializer(many=True))
    def get_notices(self, slot: CohortTimeSlot) -> list[Notice]:
        return notices_of_time_slot(slot)


class TimeSlotWithPlanSerializer(WithPlanMixin, TimeSlotSerializer):
    pass


class TimeSlotMixin(CohortMixin, AcademyView):
    """The way to a cohort's time slots, each with the number of its classes."""

    serializer_class = TimeSlotSerializer

    def time_slots(self) -> QuerySet[CohortTimeSlot]:
        slots = time_slots_of_cohort(self.cohort()).select_related("cohort__academy")
        slots = slots.prefetch_related("cohort__academy__holidays")
        return slots.annotate(live_class_count=Count("live_classes"))

    def time_slot(self, pk: int) -> CohortTimeSlot:
        slot: CohortTimeSlot = by_id(self.time_slots(), pk)
        return slot


KEPT_PARAMETER = OpenApiParameter(
    "kept",
    str,
    enum=["cancel"],
    description="If `cancel`, the upcoming classes that were moved or created by hand are cancelled too.",
)


class TimeSlotView(TimeSlotMixin, PlanMixin):
    errors = {"PUT": (EmptyTimeSlot, InvalidTimeZone, TooManyClasses, *PLAN_ERRORS), "DELETE": PLAN_ERRORS}
    summaries = {
        "GET": "Retrieve a time slot.",
        "PUT": "Update a time slot; its upcoming classes are adjusted.",
        "DELETE": "Remove a time slot; past classes are kept, upcoming classes are removed.",
    }
    capabilities = {"GET": "read_all_cohort", "PUT": "crud_cohort", "DELETE": "crud_cohort"}
    plan_serializers = {"PUT": TimeSlotWithPlanSerializer, "DELETE": None}

    def known_parameters(self) -> set[str]:
        return super().known_parameters() | ({"kept"} if self.request.method == "DELETE" else set())

    @extend_schema(examples=[examples.TIME_SLOT_ANSWER])
    def get(self, request: Request, cohort: str, time_slot_id: int) -> Response:
        return self.answer(self.time_slot(time_slot_id))

    @extend_schema(parameters=PLAN_PARAMETERS, examples=[examples.TIME_SLOT_CHANGE, examples.TIME_SLOT_ANSWER])
    def put(self, request: Request, cohort: str, time_slot_id: int) -> Response:
        self.change(self._save, scope=Scope.of_time_slot(self.time_slot(time_slot_id)))
        return self.answer_change(lambda: self.time_slot(time_slot_id))

    def _save(self) -> None:
        slot = self.time_slot(self.kwargs["time_slot_id"])
        write_time_slot(slot, fields=self.read(slot), now=timezone.now())

    @extend_schema(parameters=[*PLAN_PARAMETERS, KEPT_PARAMETER], responses={200: PlanAnswerSerializer})
    def delete(self, request: Request, cohort: str, time_slot_id: int) -> Response:
        slot = self.time_slot(time_slot_id)
        cancel_kept = reason_of_removal(slot.cohort) if self._cancels_kept() else ""
        # All that stays is named, and can be cancelled, also where the slot was removed before.
        self.change(self._remove, scope=Scope.of_time_slot(slot), compare=False, cancel_kept=cancel_kept)
        return self.planned()

    def _cancels_kept(self) -> bool:
        """Raises `invalid-parameter`."""
        kept = self.request.query_params.get("kept")
        if kept not in (None, "cancel"):
            raise InvalidParameter(name="kept", reason=_("expected cancel."))
        return kept == "cancel"

    def _remove(self) -> None:
        slot = self.time_slot(self.kwargs["time_slot_id"])
        if slot.removed_at is None:
            self.log_removal(slot)
        remove_time_slot(slot, now=timezone.now())


class TimeSlotListView(TimeSlotMixin, PlanMixin):
    errors = {"POST": (EmptyTimeSlot, InvalidTimeZone, TooManyClasses, *PLAN_ERRORS)}
    summaries = {
        "GET": "List a cohort's time slots.",
        "POST": "Create a time slot; its live classes are built right away.",
    }
    capabilities = {"GET": "read_all_cohort", "POST": "crud_cohort"}
    plan_serializers = {"POST": TimeSlotWithPlanSerializer}
    query_parameters = ("removed",)
    filterset_class = sorting(
        CohortTimeSlot, "id", "starting_at", "ending_at", "starts_on", "recurrency_type", "timezone"
    )
    lists = True

    @extend_schema(
        parameters=[OpenApiParameter("removed", bool, description="true: include removed time slots.")],
        examples=[examples.TIME_SLOT_ANSWER],
    )
    def get(self, request: Request, cohort: str) -> Response:
        slots = self.time_slots()
        return self.list_response(slots if read_boolean(request, "removed") else slots.filter(removed_at=None))

    @extend_schema(
        parameters=PLAN_PARAMETERS,
        responses={200: PlanAnswerSerializer, 201: TimeSlotWithPlanSerializer},
        examples=[examples.TIME_SLOT, examples.TIME_SLOT_ANSWER],
    )
    def post(self, request: Request, cohort: str) -> Response:
        with transaction.atomic():
            # Two at once must not pass the cohort's limit together (T7). The academy comes first: its own writes lock
            # it before its cohorts, and saving a new time slot locks it too.
            lock(Academy, self.academy_id)
            slot = self.change(self._add, scope=Scope.of_time_slots_never_built(self.cohort().pk))
        return self.answer_change(lambda: self.time_slot(slot.pk), status=201)

    def _add(self) -> CohortTimeSlot:
        slot = CohortTimeSlot(cohort=self.locked_cohort())
        return write_time_slot(slot, fields=self.read(), now=timezone.now())


class OccurrenceSerializer(serializers.Serializer[Any]):
    starting_at = serializers.DateTimeField()
    ending_at = serializers.DateTimeField()
    collides_with = serializers.ListField(
        child=serializers.IntegerField(), help_text=_("Ids of the cohort's classes that overlap with it.")
    )


class PreviewSerializer(serializers.Serializer[Any]):
    occurrences = OccurrenceSerializer(many=True, help_text=_("The first 500 occurrences at most."))
    total = serializers.IntegerField(help_text=_("The total number of occurrences."))
    warnings = WarningsField()


class TimeSlotPreviewView(TimeSlotMixin):
    """The occurrences that a time slot would have (rule T6)."""

    errors = {"POST": (EmptyTimeSlot, InvalidTimeZone, TooManyClasses)}
    summaries = {"POST": "Preview the occurrences of a time slot without saving it."}
    capabilities = {"POST": "read_all_cohort"}

    @extend_schema(responses=PreviewSerializer)
    def post(self, request: Request, cohort: str) -> Response:
        slot = CohortTimeSlot(cohort=self.cohort(), **self.read())
        check_class_count(slot.cohort, edited=slot, now=timezone.now())
        preview = preview_time_slot(slot, now=timezone.now())
        occurrences = [
            {"starting_at": occurrence.starting_at, "ending_at": occurrence.ending_at, "collides_with": classes}
            for occurrence, classes in preview.occurrences
        ]
        return Response({"occurrences": occurrences, "total": preview.total, "warnings": preview.warnings})


urlpatterns = [
    path("academy/cohort/<str:cohort>/timeslot", TimeSlotListView.as_view()),
    path("academy/cohort/<str:cohort>/timeslot/preview", TimeSlotPreviewView.as_view()),
    path("academy/cohort/<str:cohort>/timeslot/<id:time_slot_id>", TimeSlotView.as_view()),
]
