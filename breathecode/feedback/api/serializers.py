from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from breathecode.admissions.domain.queries import cohorts_of_academy
from breathecode.attendance.domain.report import rate
from breathecode.authenticate.api.serializers import UserSerializer
from breathecode.common.api.serializers import JsonObjectField, OneLineField, StrictSerializer
from breathecode.feedback.domain.answers import question_text
from breathecode.feedback.domain.queries import templates_of_academy
from breathecode.feedback.domain.texts import KEYS, MAX_TEXT_LENGTH
from breathecode.feedback.models import HIGHEST, LOWEST, Answer, FeedbackSettings, Survey


class FeedbackSettingsSerializer(StrictSerializer):
    liveclass_survey_template = serializers.IntegerField(required=False, allow_null=True)
    excluded_cohorts = serializers.ListField(child=serializers.IntegerField(), required=False, max_length=1000)
    send_surveys = serializers.BooleanField(required=False)

    def _academy_id(self) -> int:
        academy_id: int = self.context["view"].academy_id
        return academy_id

    def validate_liveclass_survey_template(self, value: int | None) -> int | None:
        if value is not None and not templates_of_academy(self._academy_id()).filter(pk=value).exists():
            raise serializers.ValidationError(_("Survey template not found in this academy."))
        return value

    def validate_excluded_cohorts(self, value: list[int]) -> list[int]:
        known = set(cohorts_of_academy(self._academy_id()).filter(pk__in=value).values_list("pk", flat=True))
        if unknown := sorted(set(value) - known):
            raise serializers.ValidationError(_("Cohort not found in this academy: {0}.").format(unknown[0]))
        return sorted(known)

    def to_representation(self, instance: FeedbackSettings) -> dict[str, Any]:
        excluded = instance.excluded_cohorts.order_by("pk").values_list("pk", flat=True) if instance.pk else ()
        return {
            "liveclass_survey_template": instance.liveclass_survey_template_id,
            "excluded_cohorts": list(excluded),
            "send_surveys": instance.send_surveys,
        }


class SurveyTemplateSerializer(StrictSerializer):
    id = serializers.IntegerField(read_only=True)
    name = OneLineField(max_length=150)
    texts = JsonObjectField(
        max_bytes=64 * 1024,
        help_text=_('By language: {"en": {"title": …}}. Missing texts are taken from the default template.'),
    )
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def validate_texts(self, value: dict[str, Any]) -> dict[str, Any]:
        for language, words in value.items():
            if not isinstance(words, dict):
                raise serializers.ValidationError(_("Expected an object with the texts for each language."))
            for key, text in words.items():
                if key not in KEYS:
                    known = ", ".join(KEYS)
                    raise serializers.ValidationError(
                        _("{0}: unknown text {1}. Valid texts are: {2}.").format(language[:20], key[:50], known)
                    )
                if not isinstance(text, str) or len(text) > MAX_TEXT_LENGTH:
                    raise serializers.ValidationError(
                        _("{0}.{1}: expected a text of at most {2} characters.").format(
                            language[:20], key, MAX_TEXT_LENGTH
                        )
                    )
        return value


class SurveyRequestSerializer(StrictSerializer):
    live_class = serializers.IntegerField(help_text=_("The id of a class that ended within the last 7 days."))


class SurveySerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    live_class = serializers.IntegerField(source="live_class_id")
    cohort = serializers.SerializerMethodField()
    starting_at = serializers.DateTimeField(source="live_class.starting_at")
    language = serializers.CharField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    people_asked = serializers.IntegerField()
    people_answered = serializers.IntegerField()
    response_rate = serializers.SerializerMethodField()
    average = serializers.FloatField(allow_null=True, help_text=_("The average score of the class, from 0 to 10."))

    def get_cohort(self, survey: Survey) -> dict[str, Any]:
        cohort = survey.live_class.cohort
        return {"id": cohort.pk, "slug": cohort.slug, "name": cohort.name}

    def get_response_rate(self, survey: Any) -> float | None:
        return rate(survey.people_answered, survey.people_asked)


class TeacherAverageSerializer(serializers.Serializer[Any]):
    teacher_id = serializers.IntegerField()
    email = serializers.EmailField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    scores = serializers.IntegerField()
    average = serializers.FloatField(allow_null=True)


class CohortAverageSerializer(serializers.Serializer[Any]):
    cohort_id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    asked = serializers.IntegerField()
    answered = serializers.IntegerField()
    response_rate = serializers.SerializerMethodField()
    average = serializers.FloatField(allow_null=True)

    def get_response_rate(self, row: dict[str, Any]) -> float | None:
        return rate(row["answered"], row["asked"])


class SurveyDetailSerializer(SurveySerializer):
    texts = serializers.JSONField()
    teachers = TeacherAverageSerializer(many=True)


class ReportSerializer(serializers.Serializer[Any]):
    cohorts = CohortAverageSerializer(many=True)
    teachers = TeacherAverageSerializer(many=True)


class AnswerSerializer(StrictSerializer):
    id = serializers.IntegerField(read_only=True)
    survey = serializers.IntegerField(source="survey_id", read_only=True)
    live_class = serializers.IntegerField(source="survey.live_class_id", read_only=True)
    cohort = serializers.SerializerMethodField()
    title = serializers.SerializerMethodField(help_text=_("The question as it was asked."))
    status = serializers.SerializerMethodField(help_text=_("PENDING, ANSWERED, or EXPIRED without an answer."))
    user = UserSerializer(read_only=True)
    teacher = UserSerializer(read_only=True, allow_null=True)
    score = serializers.IntegerField(min_value=LOWEST, max_value=HIGHEST, required=False, allow_null=True)
    comment = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    answered_at = serializers.DateTimeField(read_only=True)
    expires_at = serializers.DateTimeField(read_only=True)

    def get_cohort(self, answer: Answer) -> dict[str, Any]:
        cohort = answer.survey.live_class.cohort
        return {"id": cohort.pk, "slug": cohort.slug, "name": cohort.name}

    def get_title(self, answer: Answer) -> str:
        return question_text(answer)

    def get_status(self, answer: Any) -> str:
        if answer.answered_at is not None:
            return "ANSWERED"
        return "PENDING" if answer.expires_at > timezone.now() else "EXPIRED"
