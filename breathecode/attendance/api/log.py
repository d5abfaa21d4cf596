"""A cohort's attendance under `admissions/academy/cohort/{cohort}`: the log by day (rule A4) and the report (rule A5).

They stand with the classes and not in `admissions`, since the rows of the classes follow the log.
"""

import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http.response import HttpResponseBase
from django.urls import path
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _
from django.utils.translation.trans_real import parse_accept_lang_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.admissions.api.views import CohortMixin
from breathecode.attendance.api.report_files import XLSX, file_response
from breathecode.attendance.domain.log import read_day, read_log
from breathecode.attendance.domain.report import Report, make_report
from breathecode.attendance.domain.roll import save_day
from breathecode.attendance.errors import ClassNotStarted, DayInTheFuture, NotAStudent
from breathecode.authenticate.api.base import AcademyView
from breathecode.common.api.serializers import OneLineField, StrictSerializer
from breathecode.common.dates import validate_plausible_date
from breathecode.common.errors import InvalidParameter
from breathecode.common.i18n.languages import supported_language


class PersonIdsField(serializers.ListField):
    child = serializers.IntegerField()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=10_000, **kwargs)


class EntrySerializer(StrictSerializer):
    """A day of the log. Ids are added to the day; to change a student's attendance, put the id in the other list."""

    day = serializers.DateField(required=False, help_text=_("Defaults to today in the cohort's time zone."))
    updated_at = serializers.DateTimeField(read_only=True, allow_null=True)
    attendance_ids = PersonIdsField(help_text=_("Ids of students who attended a class on this day."))
    unattendance_ids = PersonIdsField(help_text=_("Ids of students who attended no class on this day."))
    teacher_comments = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=10_000)
    current_module = OneLineField(required=False, allow_null=True, allow_blank=True, max_length=150)

    def validate_day(self, value: datetime.date) -> datetime.date:
        validate_plausible_date(value)
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        both = set(attrs.get("attendance_ids", ())) & set(attrs.get("unattendance_ids", ()))
        if both:
            sentence = _("Listed both as present and as absent: %(ids)s.") % {
                "ids": ", ".join(map(str, sorted(both)[:20]))
            }
            raise serializers.ValidationError({"unattendance_ids": [sentence]})
        return attrs


def day_parameter(request: Request) -> datetime.date | None:
    raw = request.query_params.get("day")
    if raw is None:
        return None
    try:
        day = parse_date(raw)
    except ValueError:
        day = None
    if day is None:
        raise InvalidParameter(name="day", reason="expected a date like 2025-10-28.")
    return day


class CohortLogView(CohortMixin, AcademyView):
    capabilities = {"GET": "read_cohort_log", "PUT": "crud_cohort_log"}
    serializer_class = EntrySerializer
    errors = {"GET": (InvalidParameter,), "PUT": (NotAStudent, ClassNotStarted, DayInTheFuture)}
    summaries = {
        "GET": "Retrieve a cohort's log by day.",
        "PUT": "Write one day of the log; the attendance of that day's classes is updated.",
    }

    def known_parameters(self) -> set[str]:
        return {"day"} if self.request.method in {"GET", "HEAD"} else set()

    @extend_schema(
        parameters=[OpenApiParameter("day", datetime.date, description="Return only the entry of this day.")],
        responses={(200, "application/json"): OpenApiTypes.OBJECT},
        description='The entries by day, oldest first: {"2025-10-28": {"updated_at", "attendance_ids", …}}.',
    )
    def get(self, request: Request, cohort: str) -> Response:
        found, day = self.cohort(), day_parameter(request)
        if day is None:
            return Response(read_log(found.pk))
        logged = read_day(found.pk, day)
        return Response({day.isoformat(): logged.entry} if logged else {})

    def put(self, request: Request, cohort: str) -> Response:
        found, fields = self.cohort(), self.read()
        now = timezone.now()
        day = fields.pop("day", None) or now.astimezone(ZoneInfo(found.effective_timezone)).date()
        entry = save_day(found, day=day, fields=fields, by=request.user, now=now)  # type: ignore[arg-type]
        return Response({"day": day.isoformat(), **entry})


class FileNegotiation(BaseContentNegotiation):
    """The address says what the file is, whatever the client accepts; errors are JSON (rule H3)."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class ReportView(CohortMixin, AcademyView):
    """`attendance.json`, `.csv` and `.xlsx`."""

    capabilities = {"GET": "read_cohort_log"}
    serializer_class = serializers.Serializer
    summaries = {"GET": "Retrieve a cohort's attendance report: students by class, with each student's rate."}
    content_negotiation_class = FileNegotiation
    suffix: str = "json"

    @extend_schema(responses={(200, "application/json"): OpenApiTypes.OBJECT})
    def get(self, request: Request, cohort: str) -> HttpResponseBase:
        report = make_report(self.cohort(), now=timezone.now())
        return file_response(report, suffix=self.suffix, language=self.language(report))

    def language(self, report: Report) -> str:
        """Of the headings (rule V5): the person's, else what their client accepts, the cohort's, the academy's."""
        accepted = parse_accept_lang_header(self.request.headers.get("Accept-Language", "").lower())
        cohort = report.cohort
        wanted = [code for code, _quality in accepted if code != "*"]
        own = getattr(self.request.user, "language", "")
        return supported_language(own, *wanted, cohort.language, cohort.academy.language)


class CsvReportView(ReportView):
    suffix = "csv"

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, cohort: str) -> HttpResponseBase:
        return super().get(request, cohort)


class XlsxReportView(ReportView):
    suffix = "xlsx"

    @extend_schema(responses={(200, XLSX): OpenApiTypes.BINARY})
    def get(self, request: Request, cohort: str) -> HttpResponseBase:
        return super().get(request, cohort)


urlpatterns = [
    path("academy/cohort/<str:cohort>/log", CohortLogView.as_view()),
    path("academy/cohort/<str:cohort>/attendance.json", ReportView.as_view()),
    path("academy/cohort/<str:cohort>/attendance.csv", CsvReportView.as_view()),
    path("academy/cohort/<str:cohort>/attendance.xlsx", XlsxReportView.as_view()),
]
