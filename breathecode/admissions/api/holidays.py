"""Closed dates under `admissions/academy/holiday` (rule G13)."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.admissions.api.fields import CohortReferenceField
from breathecode.admissions.domain.holidays import delete_holiday, save_holiday
from breathecode.admissions.domain.queries import holidays_of_academy
from breathecode.admissions.models import Holiday, validate_closed_dates
from breathecode.authenticate.api.base import AcademyView
from breathecode.common.api.filters import sorting
from breathecode.common.api.serializers import OneLineField, PlausibleDateField, StrictSerializer
from breathecode.common.api.views import by_id


class HolidaySerializer(StrictSerializer):
    id = serializers.IntegerField(read_only=True)
    name = OneLineField(max_length=150)
    starts_on = PlausibleDateField()
    ends_on = PlausibleDateField(help_text=_("The last date of the holiday. For a single day, the same as starts_on."))
    cohort = CohortReferenceField(
        allow_deleted=True, required=False, allow_null=True, help_text=_("Leave empty for the whole academy.")
    )
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        first, last = (attrs.get(name, getattr(self.instance, name, None)) for name in ("starts_on", "ends_on"))
        if first and last:
            validate_closed_dates(first, last)
        return attrs


class HolidayListView(AcademyView):
    summaries = {
        "GET": "List the academy's holidays.",
        "POST": "Create a holiday; upcoming classes on its dates are cancelled.",
    }
    capabilities = {"GET": "read_all_cohort", "POST": "crud_cohort"}
    serializer_class = HolidaySerializer
    filterset_class = sorting(
        Holiday, "id", "name", "starts_on", "ends_on", "created_at", "updated_at", cohort="cohort__slug"
    )
    lists = True

    def get(self, request: Request) -> Response:
        return self.list_response(holidays_of_academy(self.academy_id).select_related("cohort"))

    @extend_schema(responses={201: HolidaySerializer})
    def post(self, request: Request) -> Response:
        holiday = Holiday(academy_id=self.academy_id)
        return self.answer(save_holiday(holiday, fields=self.read()), status=201)


class HolidayView(AcademyView):
    summaries = {
        "GET": "Retrieve a holiday.",
        "PUT": "Update a holiday; the upcoming classes are adjusted.",
        "DELETE": "Delete a holiday; the classes that it cancelled are restored.",
    }
    capabilities = {"GET": "read_all_cohort", "PUT": "crud_cohort", "DELETE": "crud_cohort"}
    serializer_class = HolidaySerializer

    def holiday(self) -> Holiday:
        found: Holiday = by_id(holidays_of_academy(self.academy_id), self.kwargs["holiday_id"])
        return found

    def get(self, request: Request, holiday_id: int) -> Response:
        return self.answer(self.holiday())

    def put(self, request: Request, holiday_id: int) -> Response:
        holiday = self.holiday()
        return self.answer(save_holiday(holiday, fields=self.read(holiday)))

    @transaction.atomic
    def delete(self, request: Request, holiday_id: int) -> Response:
        holiday = self.holiday()
        self.log_removal(holiday)
        delete_holiday(holiday)
        return Response(status=204)
