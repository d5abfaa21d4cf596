"""Surveys in the Django admin (rule R6): settings and templates to be changed, what was asked and said to be read."""

from django.contrib import admin

from breathecode.common.admin import ReadOnlyAdmin, TimestampedAdmin
from breathecode.feedback.models import Answer, FeedbackSettings, Survey, SurveyLink, SurveyTemplate

_ACADEMY = "live_class__cohort_time_slot__cohort__academy"


@admin.register(SurveyTemplate)
class SurveyTemplateAdmin(TimestampedAdmin):
    list_display = ("name", "academy", "updated_at")
    list_filter = ("academy",)
    list_select_related = ("academy",)
    search_fields = ("name", "academy__name", "academy__slug")
    autocomplete_fields = ("academy",)


@admin.register(FeedbackSettings)
class FeedbackSettingsAdmin(TimestampedAdmin):
    list_display = ("academy", "send_surveys", "liveclass_survey_template")
    list_filter = ("send_surveys",)
    list_select_related = ("academy", "liveclass_survey_template")
    search_fields = ("academy__name", "academy__slug")
    autocomplete_fields = ("academy", "liveclass_survey_template", "excluded_cohorts")


@admin.register(Survey)
class SurveyAdmin(ReadOnlyAdmin):
    list_display = ("id", "live_class", "language", "created_at", "expires_at")
    list_filter = ("language", f"{_ACADEMY}")
    list_select_related = ("live_class__cohort_time_slot__cohort",)
    search_fields = ("live_class__title", "live_class__cohort_time_slot__cohort__slug")


@admin.register(SurveyLink)
class SurveyLinkAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "survey")
    list_filter = (f"survey__{_ACADEMY}",)
    list_select_related = ("user", "survey")
    search_fields = ("user__email",)


@admin.register(Answer)
class AnswerAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "survey", "teacher", "score", "answered_at")
    list_filter = ("score", f"survey__{_ACADEMY}")
    list_select_related = ("user", "survey", "teacher")
    search_fields = ("user__email", "teacher__email", "comment")
