"""`academy/event/liveclass/conflicts`: who is needed in two classes at once (rule P6)."""

from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.admissions.api.serializers import SmallCohortSerializer
from breathecode.authenticate.api.base import AcademyView
from breathecode.authenticate.api.serializers import UserSerializer
from breathecode.common.api.datetimes import DateOrDateTimeFilter
from breathecode.common.api.filters import FilterSet, TimeZoneFilter, sort_filter
from breathecode.events.domain.staffing.conflicts import STUDENT, TEACHER, ConflictQuery
from breathecode.events.models import LiveClass


class ClassInConflictSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(required=False, help_text=_("Omitted for a class of another academy."))
    starting_at = serializers.DateTimeField()
    ending_at = serializers.DateTimeField()
    cohort = SmallCohortSerializer(required=False, help_text=_("Omitted for a class of another academy."))


class ConflictSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=[TEACHER, STUDENT])
    user = UserSerializer()
    live_classes = ClassInConflictSerializer(many=True, help_text=_("Two classes, ordered by their start."))


class ConflictFilter(FilterSet):
    starting_at__gte = DateOrDateTimeFilter(
        field_name="conflict_at", lookup_expr="gte", help_text=_("When the later class starts. Defaults to now.")
    )
    starting_at__lte = DateOrDateTimeFilter(
        field_name="conflict_at", lookup_expr="lte", help_text=_("Defaults to 28 days after the lower bound.")
    )
    timezone = TimeZoneFilter(
        help_text=_("The IANA time zone that dates without a time are interpreted in. Defaults to UTC.")
    )
    sort = sort_filter(starting_at="conflict_at", kind="kind", user="user_pk")

    class Meta:
        model = LiveClass
        fields: list[str] = []

    @property
    def zone(self) -> ZoneInfo | None:
        """In which bare dates are days (rule L4)."""
        name = self.form.cleaned_data.get("timezone")
        return ZoneInfo(name) if name else None


_CLASS = {
    "id": 789,
    "starting_at": "2025-10-28T18:00:00Z",
    "ending_at": "2025-10-28T20:00:00Z",
    "cohort": {"id": 45, "slug": "web-dev-ft-2025", "name": "Web Development Full Time 2025"},
}
_OTHER_CLASS = {"starting_at": "2025-10-28T19:00:00Z", "ending_at": "2025-10-28T21:00:00Z"}
EXAMPLE = OpenApiExample(
    "A teacher with a class in another academy",
    {
        "kind": "teacher",
        "user": {"id": 7, "email": "ana@example.org", "first_name": "Ana", "last_name": "Ruiz"},
        "live_classes": [_CLASS, _OTHER_CLASS],
    },
    response_only=True,
)


class ConflictListView(AcademyView):
    capabilities = {"GET": "start_or_end_class"}
    serializer_class = ConflictSerializer
    filterset_class = ConflictFilter
    lists = True
    summaries = {"GET": "List teachers and students who have two classes at the same time."}

    @extend_schema(responses=ConflictSerializer(many=True), examples=[EXAMPLE])
    def get(self, request: Request) -> Response:
        conflicts: Any = ConflictQuery(academy_id=self.academy_id, now=timezone.now())
        return self.get_paginated_response(self.paginate_queryset(self.filter_queryset(conflicts)) or [])
