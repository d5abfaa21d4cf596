"""Survey templates, surveys and answers in the Django admin (rule R6)."""

from django.contrib import admin

from breathecode.common.admin import RecordAdmin, TimestampedAdmin
from breathecode.feedback.models import Answer, FeedbackSettings, Survey, SurveyLink, SurveyTemplate

COHORT, ACADEMY = "live_class__cohort", "live_class__academy"


@admin.register(SurveyTemplate)
class SurveyTemplateAdmin(RecordAdmin):
    """Written through the API, which knows what a template's texts have to be (rule S3)."""

    list_display = ("name", "academy", "created_at", "updated_at")
    list_filter = ("academy",)
    list_select_related = ("academy",)
    search_fields = ("name", "academy__name")


@admin.register(FeedbackSettings)
class FeedbackSettingsAdmin(TimestampedAdmin):
    """Whether an academy asks can be changed here; template and cohorts, which must be its own, through the API."""

    list_display = ("academy", "send_surveys", "liveclass_survey_template", "updated_at")
    list_filter = ("send_surveys",)
    list_select_related = ("academy", "liveclass_survey_template")
    search_fields = ("academy__name", "academy__slug")
    autocomplete_fields = ("academy",)
    readonly_fields = ("liveclass_survey_template", "excluded_cohorts", "created_at", "updated_at")
    ordering = ("academy__name",)


@admin.register(Survey)
class SurveyAdmin(RecordAdmin):
    list_display = ("live_class", "academy", "language", "created_at", "expires_at")
    list_filter = ("language", "created_at", ACADEMY)
    list_select_related = ("live_class__cohort", ACADEMY)
    search_fields = ("live_class__title", f"{COHORT}__name", f"{COHORT}__slug")

    @admin.display(ordering=f"{ACADEMY}__name")
    def academy(self, survey: Survey) -> str:
        return str(survey.live_class.academy.name)


@admin.register(SurveyLink)
class SurveyLinkAdmin(RecordAdmin):
    """Who was asked. The hash of the key stays out, as a token's does."""

    list_display = ("user", "survey")
    list_filter = (f"survey__{ACADEMY}",)
    list_select_related = ("user", "survey")
    search_fields = ("user__email",)
    fields = ("user", "survey")


@admin.register(Answer)
class AnswerAdmin(RecordAdmin):
    """What people said is theirs: to be read."""

    list_display = ("user", "about", "survey", "score", "answered_at")
    list_filter = ("score", "answered_at", f"survey__{ACADEMY}")
    list_select_related = ("user", "teacher", "survey")
    search_fields = ("user__email", "teacher__email", "comment")

    @admin.display(ordering="teacher__email")
    def about(self, answer: Answer) -> str:
        return answer.teacher.email if answer.teacher else "-"
