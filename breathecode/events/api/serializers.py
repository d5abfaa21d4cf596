"""The shape of the class objects. Lists build it from rows (domain.rows); these describe it for the schema."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from breathecode.admissions.models import Cohort
from breathecode.authenticate.api.serializers import UserSerializer
from breathecode.authenticate.models import User
from breathecode.common.api.serializers import HttpUrlField, JsonObjectField, OneLineField, StrictSerializer
from breathecode.events.models import LiveClass

LOG_BYTES = 16 * 1024  # rule W2


class ClassAcademySerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    logo_url = serializers.URLField(allow_null=True)


class ClassCohortSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    kickoff_date = serializers.DateField(allow_null=True)
    ending_date = serializers.DateField(allow_null=True)
    stage = serializers.ChoiceField(choices=Cohort.Stage.choices)
    current_day = serializers.IntegerField()
    academy = ClassAcademySerializer()


class CalendarLinksSerializer(serializers.Serializer[Any]):
    google = serializers.URLField()
    outlook = serializers.URLField()
    ics = serializers.URLField()
    webcal = serializers.CharField()


class TeacherSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ["id", "first_name", "last_name"]


@extend_schema_field({"oneOf": [{"type": "integer"}, {"$ref": "#/components/schemas/Teacher"}], "nullable": True})
class TeacherField(serializers.IntegerField):
    """The id of a user. The object that a GET answers is taken too, so that a client may PUT back what it got."""

    def to_internal_value(self, data: Any) -> int:
        value: Any = data.get("id") if isinstance(data, dict) else data
        return super().to_internal_value(value)


class LiveClassSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    hash = serializers.CharField()
    title = serializers.CharField()
    status = serializers.ChoiceField(choices=LiveClass.Status.choices)
    starting_at = serializers.DateTimeField()
    ending_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    held = serializers.BooleanField(allow_null=True)
    remote_meeting_url = serializers.URLField(allow_null=True)
    join_url = serializers.URLField()
    calendar_links = CalendarLinksSerializer()
    teacher = TeacherSerializer(
        allow_null=True, help_text=_("A substitute who teaches instead of the cohort's teachers.")
    )
    moved_from = serializers.DateTimeField(
        allow_null=True, help_text=_("When it was to begin before staff moved it; null where they did not.")
    )
    reason = serializers.CharField(
        allow_null=True, help_text=_("Why the class is cancelled, or else why it was moved.")
    )
    replaces = serializers.IntegerField(
        allow_null=True, help_text=_("The id of the cancelled class that this make-up class replaces.")
    )
    replaced_by = serializers.IntegerField(allow_null=True, help_text=_("The id of this class's make-up class."))
    cohort = ClassCohortSerializer()


class LiveClassDetailSerializer(LiveClassSerializer):
    cohort_time_slot = serializers.IntegerField()
    log = JsonObjectField(max_bytes=LOG_BYTES)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class WarningsField(serializers.ListField):
    """What an answer warns of, as sentences in the caller's language (rule P6)."""

    child = serializers.CharField()

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("Teachers and students who have another class at the same time."))
        super().__init__(read_only=True, **kwargs)


class LiveClassChangedSerializer(LiveClassDetailSerializer):
    warnings = WarningsField()


class LiveClassChangeSerializer(StrictSerializer):
    """The fields that a PUT can change; other fields of the GET response are ignored (rules H5, W3, W4)."""

    starting_at = serializers.DateTimeField(required=False)
    ending_at = serializers.DateTimeField(required=False)
    started_at = serializers.DateTimeField(required=False, allow_null=True)
    ended_at = serializers.DateTimeField(required=False, allow_null=True)
    remote_meeting_url = HttpUrlField(required=False, allow_null=True, allow_blank=True)
    title = OneLineField(required=False, allow_null=True, allow_blank=True, max_length=150)
    log = JsonObjectField(max_bytes=LOG_BYTES, required=False)
    teacher = TeacherField(
        source="teacher_id", required=False, allow_null=True, min_value=1, help_text=_("The id of a member.")
    )

    id = serializers.IntegerField(read_only=True)
    hash = serializers.CharField(read_only=True)
    status = serializers.CharField(read_only=True)
    held = serializers.BooleanField(read_only=True)
    join_url = serializers.URLField(read_only=True)
    calendar_links = CalendarLinksSerializer(read_only=True)
    reason = OneLineField(
        required=False, allow_null=True, allow_blank=True, max_length=500, help_text=_("Why the class is moved.")
    )
    moved_from = serializers.DateTimeField(read_only=True)
    replaces = serializers.IntegerField(read_only=True)
    replaced_by = serializers.IntegerField(read_only=True)
    cohort = ClassCohortSerializer(read_only=True)
    cohort_time_slot = serializers.IntegerField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)
    warnings = WarningsField()

    def validate_remote_meeting_url(self, value: str | None) -> str:
        return value or ""

    def validate_title(self, value: str | None) -> str:
        return value or ""


class LiveClassCreationSerializer(LiveClassChangeSerializer):
    """A class created by hand (rule W1)."""

    cohort_time_slot = serializers.IntegerField()
    starting_at = serializers.DateTimeField()
    ending_at = serializers.DateTimeField()
    remote_meeting_url = HttpUrlField()
    reason = serializers.CharField(read_only=True)  # type: ignore[assignment]  # a new class has not been moved
    replaces = serializers.IntegerField(
        source="replaces_id",
        required=False,
        allow_null=True,
        help_text=_("The id of the cancelled class of the cohort that the new class replaces."),
    )


class MakeupSerializer(serializers.Serializer[Any]):
    starting_at = serializers.DateTimeField()
    ending_at = serializers.DateTimeField()


class SubstituteSerializer(serializers.Serializer[Any]):
    user = UserSerializer(source="*")
    same_syllabus = serializers.BooleanField(help_text=_("Whether the user teaches a cohort with the same syllabus."))


class CancellationSerializer(StrictSerializer):
    reason = OneLineField(required=False, allow_blank=True, max_length=500, default="")


class EmptySerializer(StrictSerializer):
    """The body can be empty or an empty object."""
