"""Closed dates under `admissions/academy/holiday` (rule G13).

Here and not in `admissions`, since the answer to a change tells what becomes of the classes (rule P2).
"""

from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.admissions.api.fields import CohortReferenceField
from breathecode.admissions.domain.holidays import delete_holiday, save_holiday
from breathecode.admissions.domain.queries import holidays_of_academy
from breathecode.admissions.models import Holiday, validate_closed_dates
from breathecode.authenticate.api.base import AcademyView, PersonalView
from breathecode.authenticate.models import Academy
from breathecode.common.api.filters import sorting
from breathecode.common.api.pagination import read_boolean
from breathecode.common.api.parsers import OrjsonParser
from breathecode.common.api.serializers import OneLineField, PlausibleDateField, StrictSerializer
from breathecode.common.api.uploads import UploadMixin
from breathecode.common.api.views import by_id
from breathecode.common.i18n.languages import supported_language
from breathecode.common.models import lock
from breathecode.events.api.serializers import MakeupSerializer
from breathecode.events.models import LiveClass
from breathecode.schedules.api.plans import PLAN_ERRORS, PLAN_PARAMETERS, PlanAnswerSerializer, PlanMixin, WithPlanMixin
from breathecode.schedules.domain.holidays.importing import HolidayImport, add_holidays
from breathecode.schedules.domain.holidays.makeups import classes_to_make_up_for, moments_of_classes
from breathecode.schedules.domain.holidays.sources import (
    MAX_BYTES,
    ClosedDates,
    countries,
    public_holidays,
    read_calendar_file,
)
from breathecode.schedules.domain.schedules import Scope
from breathecode.schedules.errors import UnknownCountry, UnknownSubdivision


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
    """Changes of closed dates: the academy is locked before the cohorts that they concern."""

    serializer_class = HolidaySerializer

    def write(self, holiday: Holiday, fields: dict[str, Any]) -> None:
        after = Holiday(academy_id=self.academy_id, cohort=fields.get("cohort", holiday.cohort))
        scope = Scope.of_holidays([after] if holiday._state.adding else [holiday, after], now=timezone.now())
        self.change(lambda: save_holiday(holiday, fields=fields), scope=scope, only_due=True)


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

    @extend_schema(parameters=PLAN_PARAMETERS, responses={200: PlanAnswerSerializer, 201: HolidayWithPlanSerializer})
    def post(self, request: Request) -> Response:
        holiday = Holiday(academy_id=self.academy_id)
        with transaction.atomic():
            lock(Academy, self.academy_id)
            self.write(holiday, self.read())
        return self.answer_change(lambda: holiday, status=201)


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

    @extend_schema(parameters=PLAN_PARAMETERS)
    def put(self, request: Request, holiday_id: int) -> Response:
        with transaction.atomic():
            lock(Academy, self.academy_id)
            holiday = self.holiday()
            self.write(holiday, self.read(holiday))
        return self.answer_change(lambda: holiday)

    @extend_schema(parameters=PLAN_PARAMETERS, responses={200: PlanAnswerSerializer})
    @transaction.atomic
    def delete(self, request: Request, holiday_id: int) -> Response:
        lock(Academy, self.academy_id)
        holiday = self.holiday()
        scope = Scope.of_holidays([holiday], now=timezone.now())
        self.change(lambda: self._delete(holiday), scope=scope, only_due=True)
        return self.planned()

    def _delete(self, holiday: Holiday) -> None:
        self.log_removal(holiday)
        delete_holiday(holiday)


class HolidayImportSerializer(StrictSerializer):
    """The public holidays of a year."""

    country = OneLineField(max_length=50, help_text=_("ISO 3166 code, for example ES."))
    subdivision = OneLineField(
        max_length=50, required=False, allow_blank=True, help_text=_("Code of a region, for example MD.")
    )
    year = serializers.IntegerField(min_value=2000, max_value=2100)


class HolidayFileSerializer(StrictSerializer):
    """The dates of a calendar file."""

    file = serializers.FileField(allow_empty_file=True)


class ClosedDatesSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()


class ImportedHolidaySerializer(ClosedDatesSerializer):
    id = serializers.IntegerField(allow_null=True, help_text=_("null in a dry run."))


class HolidayImportResultSerializer(PlanAnswerSerializer):
    holidays = ImportedHolidaySerializer(many=True, help_text=_("The new holidays of the academy."))
    skipped = ClosedDatesSerializer(many=True, help_text=_("Dates that a holiday of the academy covers already."))


class HolidayImportView(UploadMixin, PlanMixin):
    """Public holidays of a country, or the dates of a calendar file, as holidays of the academy (rule P9)."""

    parser_classes = (OrjsonParser, MultiPartParser)
    max_bytes = MAX_BYTES
    summaries = {"POST": "Import public holidays, or the dates of a calendar file; upcoming classes are cancelled."}
    capabilities = {"POST": "crud_cohort"}
    plan_serializers = {"POST": None}
    errors = {"POST": (UnknownCountry, UnknownSubdivision, *PLAN_ERRORS)}

    def get_serializer_class(self) -> Any:
        return HolidayFileSerializer if self._has_file() else HolidayImportSerializer

    def _has_file(self) -> bool:
        return str(self.request.content_type).startswith("multipart/")

    @extend_schema(
        request={"application/json": HolidayImportSerializer, "multipart/form-data": HolidayFileSerializer},
        parameters=PLAN_PARAMETERS,
        responses={200: HolidayImportResultSerializer, 201: HolidayImportResultSerializer},
    )
    def post(self, request: Request) -> Response:
        imported = self.import_dates(self._read_dates())
        dry_run = read_boolean(request, "dry_run")
        if dry_run:
            for holiday in imported.created:
                holiday.pk = None  # it was given an id and taken back
        result = {"holidays": imported.created, "skipped": imported.skipped, "plan": self.plan.as_json()}
        return Response(HolidayImportResultSerializer(result).data, status=200 if dry_run else 201)

    def import_dates(self, found: list[ClosedDates]) -> HolidayImport:
        with transaction.atomic():
            lock(Academy, self.academy_id)
            scope = Scope.of_holidays([Holiday(academy_id=self.academy_id)], now=timezone.now())
            imported: HolidayImport = self.change(
                lambda: add_holidays(found, academy_id=self.academy_id), scope=scope, only_due=True
            )
        return imported

    def _read_dates(self) -> list[ClosedDates]:
        academy = Academy.objects.get(pk=self.academy_id)
        if self._has_file():
            raw = self.read_form()["file"].read(MAX_BYTES + 1)
            today = timezone.localtime(timezone=ZoneInfo(academy.timezone)).date()
            return read_calendar_file(raw, zone=academy.timezone, today=today)
        wanted = self.read()
        return public_holidays(
            wanted["country"].upper(),
            subdivision=wanted.get("subdivision", "").upper(),
            year=wanted["year"],
            language=supported_language(academy.language),
        )


class MissedClassSerializer(serializers.Serializer[Any]):
    """A class that a holiday cancelled, with the moments at which it could be made up for."""

    id = serializers.IntegerField()
    cohort = serializers.CharField(source="cohort.slug")
    starting_at = serializers.DateTimeField()
    ending_at = serializers.DateTimeField()
    makeups = serializers.SerializerMethodField()

    @extend_schema_field(MakeupSerializer(many=True))
    def get_makeups(self, live_class: LiveClass) -> list[dict[str, Any]]:
        moments = self.context["moments"][live_class.pk]
        return [{"starting_at": start, "ending_at": end} for start, end in moments]


class HolidayMakeupListView(AcademyView):
    """When the classes that a holiday cancelled could be made up for (rules P5, P9)."""

    capabilities = {"GET": "start_or_end_class"}
    serializer_class = MissedClassSerializer
    summaries = {"GET": "Up to three moments for a make-up class for each class that the holiday cancelled."}
    filterset_class = sorting(LiveClass, "id", "starting_at", cohort="cohort__slug")
    lists = True

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        if args:
            classes = sorted(args[0], key=lambda live_class: live_class.cohort_id)
            moments = moments_of_classes(classes, now=timezone.now())
            kwargs["context"] = {**self.get_serializer_context(), "moments": moments}
        return super().get_serializer(*args, **kwargs)

    @extend_schema(responses=MissedClassSerializer(many=True))
    def get(self, request: Request, holiday_id: int) -> Response:
        holiday = by_id(holidays_of_academy(self.academy_id), holiday_id)
        return self.list_response(classes_to_make_up_for(holiday, now=timezone.now()))


class HolidayCountrySerializer(serializers.Serializer[Any]):
    country = serializers.CharField()
    subdivisions = serializers.ListField(child=serializers.CharField())


class HolidayCountryListView(PersonalView):
    """What `country` and `subdivision` of an import accept."""

    summaries = {"GET": "List the countries whose public holidays can be imported."}

    @extend_schema(responses=HolidayCountrySerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response([{"country": code, "subdivisions": parts} for code, parts in sorted(countries().items())])


urlpatterns = [
    path("catalog/holiday-countries", HolidayCountryListView.as_view()),
    path("academy/holiday/import", HolidayImportView.as_view()),
    path("academy/holiday", HolidayListView.as_view()),
    path("academy/holiday/<id:holiday_id>", HolidayView.as_view()),
    path("academy/holiday/<id:holiday_id>/makeups", HolidayMakeupListView.as_view()),
]
