"""`admissions/academy/cohort/{cohort}/timeslot/import`: time slots from a CSV file (rule P11)."""

from typing import Any

from django.db import transaction
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.admissions.api.views import CohortMixin
from breathecode.admissions.errors import TooManyClasses
from breathecode.authenticate.models import Academy
from breathecode.common.api.pagination import read_boolean
from breathecode.common.api.serializers import StrictSerializer
from breathecode.common.api.uploads import UploadMixin
from breathecode.common.csv_files import MAX_BYTES
from breathecode.common.models import lock
from breathecode.schedules.api.plans import PLAN_ERRORS, PLAN_PARAMETERS, PlanAnswerSerializer, PlanMixin
from breathecode.schedules.domain.bulk.adding import Addition
from breathecode.schedules.domain.bulk.time_slot_file import TimeSlotRow, import_time_slots, read_time_slots
from breathecode.schedules.domain.schedules import Scope


class TimeSlotFileSerializer(StrictSerializer):
    file = serializers.FileField(allow_empty_file=True)


class ImportedTimeSlotSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    id = serializers.IntegerField(allow_null=True, help_text=_("null for a new time slot in a dry run."))
    result = serializers.ChoiceField(choices=["created", "already_there"])
    weekdays = serializers.ListField(child=serializers.CharField())
    starting_at = serializers.IntegerField()
    ending_at = serializers.IntegerField()
    timezone = serializers.CharField()
    starts_on = serializers.DateField(allow_null=True)
    interval = serializers.IntegerField()


class TimeSlotImportResultSerializer(PlanAnswerSerializer):
    rows = ImportedTimeSlotSerializer(many=True)


class TimeSlotImportView(UploadMixin, CohortMixin, PlanMixin):
    """Imports all rows or none. If the file is invalid, the response lists every invalid row with its line."""

    capabilities = {"POST": "crud_cohort"}
    serializer_class = TimeSlotFileSerializer
    summaries = {"POST": "Import the time slots of a cohort from a CSV file; their live classes are built right away."}
    parser_classes = (MultiPartParser,)
    max_bytes = MAX_BYTES
    plan_serializers = {"POST": None}
    errors = {"POST": (TooManyClasses, *PLAN_ERRORS)}

    def get_serializer_class(self) -> Any:
        return self.serializer_class

    @extend_schema(
        parameters=PLAN_PARAMETERS,
        responses={200: TimeSlotImportResultSerializer, 201: TimeSlotImportResultSerializer},
    )
    def post(self, request: Request, cohort: str) -> Response:
        found = self.cohort()
        rows = read_time_slots(self.read_form()["file"].read(MAX_BYTES + 1))
        dry_run = read_boolean(request, "dry_run")
        with transaction.atomic():
            lock(Academy, self.academy_id)  # as every write that adds a time slot
            scope = Scope.of_time_slots_never_built(found.pk)
            addition: Addition = self.change(lambda: self._add(rows), scope=scope)
        result = {"rows": _results(rows, addition, dry_run=dry_run), "plan": self.plan.as_json()}
        return Response(TimeSlotImportResultSerializer(result).data, status=200 if dry_run else 201)

    def _add(self, rows: list[TimeSlotRow]) -> Addition:
        return import_time_slots(rows, cohort=self.locked_cohort(), now=timezone.now())


def _results(rows: list[TimeSlotRow], addition: Addition, *, dry_run: bool) -> list[dict[str, Any]]:
    return [
        {
            **row.fields,
            "line": row.line,
            "id": None if is_new and dry_run else slot.pk,
            "result": "created" if is_new else "already_there",
            "timezone": slot.timezone,
        }
        for row, (slot, is_new) in zip(rows, addition.slots, strict=True)
    ]


urlpatterns = [path("academy/cohort/<str:cohort>/timeslot/import", TimeSlotImportView.as_view())]
