"""Importing holidays, and the make-up moments of one, under `admissions/academy/holiday` (rule P9)."""

from typing import Any

from django.db import transaction
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.admissions.domain.queries import holidays_of_academy
from breathecode.authenticate.api.base import AcademyView, PersonalView
from breathecode.authenticate.models import Academy
from breathecode.common.api.filters import sorting
from breathecode.common.api.pagination import read_boolean
from breathecode.common.api.parsers import OrjsonParser
from breathecode.common.api.serializers import OneLineField, StrictSerializer
from breathecode.common.api.uploads import UploadMixin
from breathecode.common.api.views import by_id
from breathecode.common.models import lock
from breathecode.events.api.serializers import MakeupSerializer
from breathecode.events.models import LiveClass
from breathecode.jobs.api.jobs import JobStartedSerializer, job_answer
from breathecode.schedules.api.holidays import HolidayMixin
from breathecode.schedules.api.plans import PLAN_ERRORS, PLAN_PARAMETERS, PlanAnswerSerializer
from breathecode.schedules.domain.holidays.changing import import_holidays
from breathecode.schedules.domain.holidays.importing import HolidayImport, dates_of_country, dates_of_file
from breathecode.schedules.domain.holidays.makeups import classes_to_make_up_for, moments_of_classes
from breathecode.schedules.domain.holidays.sources import MAX_BYTES, ClosedDates, countries
from breathecode.schedules.errors import UnknownCountry, UnknownSubdivision


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


class HolidayImportView(UploadMixin, HolidayMixin):
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
        responses={
            200: HolidayImportResultSerializer,
            201: HolidayImportResultSerializer,
            202: JobStartedSerializer,
        },
    )
    def post(self, request: Request) -> Response:
        imported = self.import_dates(self._read_dates())
        if self.job:
            return job_answer(self.job)
        dry_run = read_boolean(request, "dry_run")
        if dry_run:
            for holiday in imported.created:
                holiday.pk = None  # it was given an id and taken back
        result = {"holidays": imported.created, "skipped": imported.skipped, "plan": self.plan.as_json()}
        return Response(HolidayImportResultSerializer(result).data, status=200 if dry_run else 201)

    def import_dates(self, found: list[ClosedDates]) -> HolidayImport:
        with transaction.atomic():
            lock(Academy, self.academy_id)
            imported: HolidayImport = self.carry_out(import_holidays, found, academy_id=self.academy_id)
        return imported

    def _read_dates(self) -> list[ClosedDates]:
        academy = Academy.objects.get(pk=self.academy_id)
        if self._has_file():
            raw = self.read_form()["file"].read(MAX_BYTES + 1)
            return dates_of_file(raw, academy=academy, now=timezone.now())
        wanted = self.read()
        return dates_of_country(
            wanted["country"], subdivision=wanted.get("subdivision", ""), year=wanted["year"], academy=academy
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
    path("academy/holiday/<id:holiday_id>/makeups", HolidayMakeupListView.as_view()),
]
