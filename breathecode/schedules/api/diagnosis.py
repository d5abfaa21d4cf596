"""`admissions/academy/cohort/{cohort}/schedule/diagnosis`: why are there no classes? (rule P7)."""

from typing import Any

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.admissions.api.views import CohortMixin
from breathecode.authenticate.api.base import AcademyView
from breathecode.schedules.domain.diagnosis import diagnose_cohort


class FindingSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    detail = serializers.CharField()
    what_to_do = serializers.CharField()


class DiagnosisSerializer(serializers.Serializer[Any]):
    findings = FindingSerializer(many=True)


EXAMPLE = OpenApiExample(
    "A cohort without an ending date",
    {
        "findings": [
            {
                "slug": "cohort-without-ending-date",
                "detail": "The cohort has no ending_date.",
                "what_to_do": "Set the date of its last day, or set never_ends to true.",
            }
        ]
    },
    response_only=True,
)


class ScheduleDiagnosisView(CohortMixin, AcademyView):
    capabilities = {"GET": "read_all_cohort"}
    serializer_class = DiagnosisSerializer
    summaries = {
        "GET": "Explain why a cohort has no classes, or not the expected ones; empty if there are no problems."
    }

    @extend_schema(examples=[EXAMPLE])
    def get(self, request: Request, cohort: str) -> Response:
        found = {"findings": diagnose_cohort(self.cohort(), now=timezone.now())}
        return Response(DiagnosisSerializer(found).data)


urlpatterns = [path("academy/cohort/<str:cohort>/schedule/diagnosis", ScheduleDiagnosisView.as_view())]
