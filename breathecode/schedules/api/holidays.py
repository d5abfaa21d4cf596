"""Closed dates under `admissions/academy/holiday` (rule G13).

Here and not in `admissions`, since the answer to a change tells what becomes of the classes (rule P2).
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.admissions.api.fields import CohortReferenceField
from breathecode.admissions.domain.queries import holidays_of_academy
from breathecode.admissions.models import Holiday, validate_closed_dates
from breathecode.authenticate.models import Academy
from breathecode.common.api.filters import sorting
from breathecode.common.api.pagination import read_boolean
from breathecode.common.api.serializers import OneLineField, PlausibleDateField, StrictSerializer
from breathecode.common.api.views import by_id
from breathecode.common.models import lock
from breathecode.jobs.api.jobs import JobStartedSerializer, job_answer
from breathecode.schedules.api.plans import PLAN_ERRORS, PLAN_PARAMETERS, PlanAnswerSerializer, PlanMixin, WithPlanMixin
from breathecode.schedules.domain.holidays.changing import remove_holiday, write_holiday
from breathecode.schedules.domain.outcomes import Outcome


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


class HolidayWithPlanSerializer(WithPlanMixin, HolidaySerializer):
    pass


class HolidayMixin(PlanMixin):
    """Changes of closed dates: the academy is locked before the cohorts that they concern.

    What concerns many cohorts is saved at once, and their classes are built by a job (rule P10).
    """

    serializer_class = HolidaySerializer

    def carry_out(self, change: Callable[..., Outcome], *arguments: Any, **more: Any) -> Any:
        """What `change` of `domain.holidays.changing` led to; `job` is set where the classes are left to one."""
        user: Any = self.request.user
        return self.settle(
            change(
                *arguments,
                by=user,
                now=timezone.now(),
                dry_run=read_boolean(self.request, "dry_run"),
                is_current=self.is_current(),
                **more,
            )
        )


class HolidayListView(HolidayMixin):
    summaries = {
        "GET": "List the academy's holidays.",
        "POST": "Create a holiday; upcoming classes on its dates are cancelled.",
    }
    capabilities = {"GET": "read_all_cohort", "POST": "crud_cohort"}
    plan_serializers = {"POST": HolidayWithPlanSerializer}
    errors = {"POST": PLAN_ERRORS}
    filterset_class = sorting(
        Holiday, "id", "name", "starts_on", "ends_on", "created_at", "updated_at", cohort="cohort__slug"
    )
    lists = True

    def get(self, request: Request) -> Response:
        return self.list_response(holidays_of_academy(self.academy_id).select_related("cohort"))

    @extend_schema(
        parameters=PLAN_PARAMETERS,
        responses={200: PlanAnswerSerializer, 201: HolidayWithPlanSerializer, 202: JobStartedSerializer},
    )
    def post(self, request: Request) -> Response:
        holiday = Holiday(academy_id=self.academy_id)
        with transaction.atomic():
            lock(Academy, self.academy_id)
            self.carry_out(write_holiday, holiday, fields=self.read())
        return job_answer(self.job) if self.job else self.answer_change(lambda: holiday, status=201)


class HolidayView(HolidayMixin):
    summaries = {
        "GET": "Retrieve a holiday.",
        "PUT": "Update a holiday; the upcoming classes are adjusted.",
        "DELETE": "Delete a holiday; the classes that it cancelled are restored.",
    }
    capabilities = {"GET": "read_all_cohort", "PUT": "crud_cohort", "DELETE": "crud_cohort"}
    plan_serializers = {"PUT": HolidayWithPlanSerializer, "DELETE": None}
    errors = {"PUT": PLAN_ERRORS, "DELETE": PLAN_ERRORS}

    def holiday(self) -> Holiday:
        found: Holiday = by_id(holidays_of_academy(self.academy_id), self.kwargs["holiday_id"])
        return found

    def get(self, request: Request, holiday_id: int) -> Response:
        return self.answer(self.holiday())

    @extend_schema(parameters=PLAN_PARAMETERS, responses={200: HolidayWithPlanSerializer, 202: JobStartedSerializer})
    def put(self, request: Request, holiday_id: int) -> Response:
        with transaction.atomic():
            lock(Academy, self.academy_id)
            holiday = self.holiday()
            self.carry_out(write_holiday, holiday, fields=self.read(holiday))
        return job_answer(self.job) if self.job else self.answer_change(lambda: holiday)

    @extend_schema(parameters=PLAN_PARAMETERS, responses={200: PlanAnswerSerializer, 202: JobStartedSerializer})
    @transaction.atomic
    def delete(self, request: Request, holiday_id: int) -> Response:
        lock(Academy, self.academy_id)
        holiday = self.holiday()
        if not read_boolean(request, "dry_run"):
            self.log_removal(holiday)
        self.carry_out(remove_holiday, holiday)
        return job_answer(self.job) if self.job else self.planned()


urlpatterns = [
    path("academy/holiday", HolidayListView.as_view()),
    path("academy/holiday/<id:holiday_id>", HolidayView.as_view()),
]
