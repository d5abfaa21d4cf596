"""Attendance of one class, its history, and the academy's settings for it (rules A2, A3)."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.attendance.domain.recording import save_settings, settings_of
from breathecode.attendance.domain.roll import read_changes, read_roll, save_roll
from breathecode.attendance.errors import ClassNotStarted, NotAStudent
from breathecode.attendance.models import AcademyAttendanceSettings, AttendanceChange, Mark
from breathecode.authenticate.api.base import AcademyView
from breathecode.common.api.filters import sorting
from breathecode.common.api.serializers import StrictModelSerializer, StrictSerializer
from breathecode.events.api.views import AcademyLiveClassMixin
from breathecode.events.errors import ClassCancelled, LiveClassNotFound
from breathecode.events.models import LiveClass


class MarkSerializer(StrictSerializer):
    user = serializers.IntegerField(help_text=_("The id of a student of the cohort."))
    status = serializers.ChoiceField(
        choices=Mark.choices,
        allow_null=True,
        help_text=_("Null if nothing has been recorded. In a PUT, null leaves the student's row unchanged."),
    )
    source = serializers.CharField(read_only=True, allow_null=True)  # type: ignore[assignment]  # a field's name too
    joined_at = serializers.DateTimeField(read_only=True, allow_null=True)
    recorded_by = serializers.IntegerField(read_only=True, allow_null=True)
    recorded_at = serializers.DateTimeField(read_only=True, allow_null=True)


class RollSerializer(StrictSerializer):
    attendance = MarkSerializer(many=True)

    def validate_attendance(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({row["user"] for row in rows}) < len(rows):
            raise serializers.ValidationError(_("List each user only once."))
        return rows


class ChangeSerializer(serializers.ModelSerializer[AttendanceChange]):
    """A change of attendance. `from` is null if nothing was recorded before; `by` is null for the system."""

    user = serializers.IntegerField(source="user_id")
    to = serializers.ChoiceField(source="to_status", choices=Mark.choices)
    changed_by = serializers.IntegerField(source="changed_by_id", allow_null=True)

    class Meta:
        model = AttendanceChange
        fields = ["id", "user", "to", "source", "changed_by", "changed_at"]

    def get_fields(self) -> Any:
        # "from" is a word of the language and cannot be declared like the others.
        origin = serializers.ChoiceField(source="from_status", choices=Mark.choices, allow_null=True)
        return {**super().get_fields(), "from": origin}

    def to_representation(self, instance: AttendanceChange) -> dict[str, Any]:
        line = super().to_representation(instance)
        return {**line, "from": line["from"] or None}


@extend_schema_serializer(component_name="AttendanceSettings")
class SettingsSerializer(StrictModelSerializer):
    late_after_minutes = serializers.IntegerField(min_value=0, max_value=24 * 60, required=False)

    class Meta:
        model = AcademyAttendanceSettings
        fields = ["mark_from_joins", "late_after_minutes"]


class AttendanceMixin(AcademyLiveClassMixin):
    def live_class(self) -> LiveClass:
        """The class that the address names, in the academy of the header. Raises `not-found`."""
        classes: QuerySet[LiveClass] = self.classes()
        live_class = classes.filter(pk=self.live_class_id()).first()
        if live_class is None:
            raise LiveClassNotFound
        return live_class


class AttendanceView(AttendanceMixin):
    capabilities = {"GET": "read_cohort_log", "PUT": "crud_cohort_log"}
    serializer_class = RollSerializer
    errors = {"PUT": (NotAStudent, ClassNotStarted, ClassCancelled)}
    summaries = {
        "GET": "List the attendance of every student of a class.",
        "PUT": "Record attendance; a partial list is allowed.",
    }

    def get(self, request: Request, live_class_id: int) -> Response:
        return Response({"attendance": read_roll(self.live_class(), now=timezone.now())})

    def put(self, request: Request, live_class_id: int) -> Response:
        live_class = self.live_class()
        rows = self.read()["attendance"]
        marks = {row["user"]: row["status"] for row in rows if row["status"] is not None}
        save_roll(live_class.pk, marks=marks, by=request.user, now=timezone.now(), within=self.classes())  # type: ignore[arg-type]
        return Response({"attendance": read_roll(live_class, now=timezone.now())})


class AttendanceHistoryView(AttendanceMixin):
    capabilities = {"GET": "read_cohort_log"}
    serializer_class = ChangeSerializer
    filterset_class = sorting(
        AttendanceChange, "id", "source", "changed_at", user="user_id", changed_by="changed_by_id"
    )
    summaries = {"GET": "List the changes to a class's attendance."}
    lists = True

    @extend_schema(responses=ChangeSerializer(many=True))
    def get(self, request: Request, live_class_id: int) -> Response:
        return self.list_response(read_changes(self.live_class().pk))


class SettingsView(AcademyView):
    capabilities = {"GET": "read_cohort_log", "PUT": "crud_my_academy"}
    serializer_class = SettingsSerializer
    summaries = {
        "GET": "Retrieve how the academy marks attendance automatically.",
        "PUT": "Update how the academy marks attendance automatically.",
    }

    def get(self, request: Request) -> Response:
        return self.answer(settings_of(self.academy_id))

    def put(self, request: Request) -> Response:
        fields = self.read(settings_of(self.academy_id))
        return self.answer(save_settings(academy_id=self.academy_id, fields=fields))


urlpatterns = [
    path("academy/event/liveclass/<id:live_class_id>/attendance", AttendanceView.as_view()),
    path("academy/event/liveclass/<id:live_class_id>/attendance/history", AttendanceHistoryView.as_view()),
    path("academy/attendance/settings", SettingsView.as_view()),
]
