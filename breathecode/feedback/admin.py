"""Survey templates, surveys and answers in the Django admin (rule R6)."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import localize
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from breathecode.common.admin import RecordAdmin, TimestampedAdmin
from breathecode.common.admin.inlines import MAX_SHOWN
from breathecode.feedback.domain.queries import with_results
from breathecode.feedback.models import Answer, FeedbackSettings, Survey, SurveyLink, SurveyTemplate

COHORT, ACADEMY = "live_class__cohort", "live_class__academy"
SCORES = ("0-6", "7-8", "9-10")


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
    """How many answered, the scores, and what was said."""

    list_display = ("live_class", "academy", "answered", "average", "created_at", "expires_at")
    list_filter = ("created_at", ACADEMY)
    list_select_related = ("live_class__cohort", ACADEMY)
    search_fields = (f"^{COHORT}__name", f"^{COHORT}__slug")
    fields = ("live_class", "language", "created_at", "expires_at", "answered", "average", "results")
    readonly_fields = ("answered", "average", "results")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Survey]:
        surveys: QuerySet[Survey] = super().get_queryset(request)
        return with_results(surveys.select_related("live_class__cohort", ACADEMY))

    @admin.display(ordering=f"{ACADEMY}__name")
    def academy(self, survey: Survey) -> str:
        return str(survey.live_class.academy.name)

    @admin.display(description=_("answered"))
    def answered(self, survey: Any) -> str:
        counts = {"answered": survey.people_answered or 0, "asked": survey.people_asked or 0}
        return _now("%(answered)d of %(asked)d users") % counts

    @admin.display(description=_("average score of the class"), empty_value="-")
    def average(self, survey: Any) -> str | None:
        return None if survey.average is None else localize(round(survey.average, 1))

    @admin.display(description=_("answers"))
    def results(self, survey: Survey) -> str:
        answers = survey.answers.filter(Answer.ANSWERED).select_related("teacher", "user")
        rows = ((_about(answer), _score(answer), answer.comment, answer.user) for answer in answers[:MAX_SHOWN])
        names = (_now("About"), _now("Score"), _now("Comment"), _now("From"))
        head = format_html_join("", '<th scope="col">{}</th>', ((name,) for name in names))
        body = format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>", rows)
        return format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", head, body)


def _about(answer: Answer) -> str:
    return answer.teacher.get_full_name() if answer.teacher else _now("the class")


def _score(answer: Answer) -> str:
    return "-" if answer.score is None else str(answer.score)


@admin.register(SurveyLink)
class SurveyLinkAdmin(RecordAdmin):
    """Who was asked. The hash of the key stays out, as a token's does."""

    list_display = ("user", "survey")
    list_filter = (f"survey__{ACADEMY}",)
    list_select_related = ("user", "survey")
    search_fields = ("^user__email",)
    fields = ("user", "survey")


class ScoreFilter(admin.SimpleListFilter):
    title = _("score")
    parameter_name = "score"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(score, score) for score in SCORES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Answer]) -> QuerySet[Answer]:
        if self.value() not in SCORES:
            return queryset
        lowest, _dash, highest = str(self.value()).partition("-")
        return queryset.filter(score__gte=int(lowest), score__lte=int(highest))


@admin.register(Answer)
class AnswerAdmin(RecordAdmin):
    """What people said is theirs: to be read."""

    list_display = ("live_class", "about", "score", "comment", "user", "answered_at")
    list_filter = (ScoreFilter, "answered_at", f"survey__{ACADEMY}")
    list_select_related = ("user", "teacher", f"survey__{COHORT}")
    search_fields = ("^user__email", "^teacher__email", f"^survey__{COHORT}__name")

    @admin.display(description=_("live class"))
    def live_class(self, answer: Answer) -> str:
        return str(answer.survey.live_class)

    @admin.display(description=_("about"), ordering="teacher__email")
    def about(self, answer: Answer) -> str:
        return _about(answer)
