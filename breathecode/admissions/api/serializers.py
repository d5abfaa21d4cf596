import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from breathecode.admissions.domain.cohorts import find_syllabus
from breathecode.admissions.models import Cohort, CohortUser, Syllabus, SyllabusVersion, validate_cohort_slug
from breathecode.authenticate.api.serializers import UserSerializer
from breathecode.authenticate.models import Academy, User
from breathecode.common.api.serializers import (
    DateOrDatetimeField,
    EmailAddressField,
    HttpUrlField,
    JsonObjectField,
    LanguageField,
    OneLineField,
    OptionalUrlField,
    StrictModelSerializer,
    StrictSerializer,
    TimeZoneField,
)
from breathecode.common.dates import validate_plausible_date
from breathecode.common.models import validate_slug


class SlugField(OneLineField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=100, validators=[validate_slug], **kwargs)


class AcademySerializer(StrictModelSerializer):
    slug = SlugField()
    name = OneLineField(max_length=150)
    timezone = TimeZoneField()
    language = LanguageField(required=False)
    logo_url = OptionalUrlField(required=False)
    feedback_email = EmailAddressField(required=False, allow_blank=True)

    class Meta:
        model = Academy
        fields = ["id", "slug", "name", "timezone", "language", "logo_url", "feedback_email"]


class MyAcademySerializer(AcademySerializer):
    """The slug is read-only, since URLs contain it."""

    slug = serializers.CharField(read_only=True)  # type: ignore[assignment]


class SmallAcademySerializer(serializers.ModelSerializer[Academy]):
    logo_url = OptionalUrlField(read_only=True)

    class Meta:
        model = Academy
        fields = ["id", "slug", "name", "logo_url"]


class SyllabusSerializer(StrictModelSerializer):
    slug = SlugField()
    name = OneLineField(max_length=150)

    class Meta:
        model = Syllabus
        fields = ["id", "slug", "name"]


class SyllabusVersionSerializer(StrictModelSerializer):
    json = JsonObjectField(max_bytes=512 * 1024, required=False)

    class Meta:
        model = SyllabusVersion
        fields = ["id", "version", "json", "status", "created_at", "updated_at"]
        read_only_fields = ["version"]


class NoticeSerializer(serializers.Serializer[Any]):
    """A consequence of a change that the rest of the response does not show."""

    slug = serializers.CharField()
    detail = serializers.CharField()


class CohortSlugField(SlugField):
    """A slug that leads to the cohort. One that stands already may be sent back as it is."""

    def run_validators(self, value: Any) -> None:
        super().run_validators(value)
        stored = getattr(getattr(self.parent, "instance", None), "slug", None)
        if value != stored:
            validate_cohort_slug(value)


class SmallCohortSerializer(serializers.ModelSerializer[Cohort]):
    class Meta:
        model = Cohort
        fields = ["id", "slug", "name"]


class CohortSerializer(StrictSerializer):
    id = serializers.IntegerField(read_only=True)
    slug = CohortSlugField()
    name = OneLineField(max_length=150)
    syllabus = OneLineField(required=False, allow_null=True, max_length=120)
    kickoff_date = DateOrDatetimeField(required=False, allow_null=True)
    ending_date = DateOrDatetimeField(required=False, allow_null=True)
    never_ends = serializers.BooleanField(required=False)
    timezone = TimeZoneField(required=False, allow_null=True, allow_blank=True)
    language = LanguageField(required=False)
    online_meeting_url = HttpUrlField(required=False, allow_null=True, allow_blank=True)
    stage = serializers.ChoiceField(choices=Cohort.Stage.choices, required=False)
    current_day = serializers.IntegerField(read_only=True)
    academy = SmallAcademySerializer(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name in ("timezone", "online_meeting_url"):
            if name in attrs:
                attrs[name] = attrs[name] or ""
        self._take_dates_in_zone(attrs)
        self._check_range(attrs)
        if "syllabus" in attrs:
            name = attrs["syllabus"]
            found = find_syllabus(academy_id=self.context["view"].academy_id, name=name) if name else (None, None)
            attrs["syllabus"], attrs["syllabus_version"] = found
        return attrs

    def _stored(self, attrs: dict[str, Any], name: str) -> Any:
        return attrs.get(name, getattr(self.instance, name, None))

    def _take_dates_in_zone(self, attrs: dict[str, Any]) -> None:
        for name in ("kickoff_date", "ending_date"):
            if isinstance(value := attrs.get(name), datetime.datetime):
                zone = self._stored(attrs, "timezone") or self._academy_timezone()
                attrs[name] = timezone.localtime(value, ZoneInfo(zone)).date()
                try:
                    validate_plausible_date(attrs[name])  # in its zone, it may be a day earlier or later
                except DjangoValidationError as error:
                    raise serializers.ValidationError({name: error.messages}) from error

    def _academy_timezone(self) -> str:
        return Academy.objects.values_list("timezone", flat=True).get(pk=self.context["view"].academy_id)

    def _check_range(self, attrs: dict[str, Any]) -> None:
        kickoff, ending = self._stored(attrs, "kickoff_date"), self._stored(attrs, "ending_date")
        if kickoff and ending and ending < kickoff:
            raise serializers.ValidationError(
                {"ending_date": [_("The ending date must not be before the kickoff date.")]}
            )
        if self._stored(attrs, "never_ends") and ending:
            raise serializers.ValidationError(
                {"never_ends": [_("A cohort that never ends cannot have an ending date.")]}
            )

    def to_representation(self, instance: Cohort) -> dict[str, Any]:
        version = instance.syllabus_version
        syllabus = instance.syllabus and instance.syllabus.slug + (f".v{version.version}" if version else "")
        return {
            "id": instance.pk,
            "slug": instance.slug,
            "name": instance.name,
            "syllabus": syllabus,
            "kickoff_date": instance.kickoff_date,
            "ending_date": instance.ending_date,
            "never_ends": instance.never_ends,
            "timezone": instance.timezone or None,
            "language": instance.language,
            "online_meeting_url": instance.online_meeting_url or None,
            "stage": instance.stage,
            "current_day": instance.current_day,
            "academy": SmallAcademySerializer(instance.academy).data,
            "created_at": instance.created_at,
            "updated_at": instance.updated_at,
        }


class OneCohortSerializer(CohortSerializer):
    """A cohort with `notices` about the change just made, which the view sets."""

    notices = NoticeSerializer(
        many=True, read_only=True, help_text=_("Consequences of an update; empty in other responses.")
    )

    def to_representation(self, instance: Cohort) -> dict[str, Any]:
        return {**super().to_representation(instance), "notices": getattr(instance, "notices", [])}


class MyCohortSerializer(CohortSerializer):
    """A cohort with the caller's roles, which the view passes in the context."""

    roles = serializers.ListField(child=serializers.CharField(), read_only=True)
    educational_status = serializers.CharField(read_only=True)

    def to_representation(self, instance: Cohort) -> dict[str, Any]:
        parts: list[CohortUser] = self.context["parts"].get(instance.pk, [])
        status = next((part.educational_status for part in parts if part.role == CohortUser.Role.STUDENT), None)
        answer = super().to_representation(instance)
        return {**answer, "roles": [part.role for part in parts], "educational_status": status}


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string", "pattern": r"\S"}]})
class UserReferenceField(serializers.Field[Any, Any, Any, Any]):
    """A person in a body: their id or their e-mail address."""

    default_error_messages = {"invalid": _("Enter a user's id or e-mail address.")}

    def to_internal_value(self, data: Any) -> int | str:
        if isinstance(data, bool) or not isinstance(data, int | str) or not str(data).strip() or "\x00" in str(data):
            self.fail("invalid")
        return data

    def to_representation(self, value: Any) -> Any:
        return UserSerializer(value).data


class CohortUserSerializer(StrictSerializer):
    id = serializers.IntegerField(read_only=True)
    user = UserReferenceField()
    role = serializers.ChoiceField(choices=CohortUser.Role.choices, default=CohortUser.Role.STUDENT)
    educational_status = serializers.ChoiceField(
        choices=CohortUser.EducationalStatus.choices, default=CohortUser.EducationalStatus.ACTIVE
    )
    created_at = serializers.DateTimeField(read_only=True)


class CohortMembershipSerializer(CohortUserSerializer):
    """The fields of an enrolment that can be changed; the user cannot."""

    user = UserSerializer(read_only=True)  # type: ignore[assignment]


class AcademyCohortUserSerializer(CohortMembershipSerializer):
    """An enrolment with its cohort."""

    cohort = SmallCohortSerializer(read_only=True)


class AcademyMembershipSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    timezone = serializers.CharField()
    role = serializers.CharField()
    capabilities = serializers.ListField(child=serializers.CharField())


class MeSerializer(UserSerializer):
    academies = AcademyMembershipSerializer(many=True, read_only=True, default=[])
    cohorts = MyCohortSerializer(many=True, read_only=True, default=[])

    class Meta:
        model = User
        fields = [
            *UserSerializer.Meta.fields,
            "is_superuser",
            "timezone",
            "language",
            "academies",
            "cohorts",
        ]
