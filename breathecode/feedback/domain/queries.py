"""Who sees which surveys and answers, and what they add up to (rule S5)."""

import datetime
from typing import Any

from django.db.models import Avg, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat

from breathecode.admissions.models import Cohort
from breathecode.authenticate.models import User
from breathecode.feedback.models import Answer, FeedbackSettings, Survey, SurveyLink, SurveyTemplate

_COHORT = "survey__live_class__cohort"


def templates_of_academy(academy_id: int) -> QuerySet[SurveyTemplate]:
    return SurveyTemplate.objects.filter(academy_id=academy_id).order_by("id")


def settings_of_academy(academy_id: int) -> FeedbackSettings:
    """The academy's settings; where it has none, unsaved ones that send nothing."""
    found = FeedbackSettings.objects.filter(academy_id=academy_id).first()
    return found or FeedbackSettings(academy_id=academy_id, send_surveys=False)


def surveys_of_academy(academy_id: int) -> QuerySet[Survey]:
    """With how many were asked, how many answered, and the class's average score."""
    surveys = Survey.objects.filter(live_class__academy_id=academy_id)
    about_class = Q(answers__teacher__isnull=True)
    return (
        surveys.select_related("live_class__cohort")
        .annotate(
            people_asked=Count("answers__user", distinct=True),
            people_answered=Count("answers__user", distinct=True, filter=Q(answers__answered_at__isnull=False)),
            average=Avg("answers__score", filter=about_class),
        )
        .order_by("-created_at", "-id")
    )


def with_results(surveys: QuerySet[Survey]) -> QuerySet[Survey]:
    """With the same three numbers and that of `comments`, counted for the surveys of a page and not for all."""
    answers = Answer.objects.filter(survey=OuterRef("pk")).order_by().values("survey")
    answered = answers.filter(Answer.ANSWERED)

    def number(rows: QuerySet[Any, Any], value: Any) -> Subquery:
        return Subquery(rows.annotate(number=value).values("number"))

    return surveys.annotate(
        people_asked=number(answers, Count("user", distinct=True)),
        people_answered=number(answered, Count("user", distinct=True)),
        average=number(answers.filter(teacher=None), Avg("score")),
        comments=number(answers.exclude(comment=""), Count("pk")),
    )


def answers_of_academy(academy_id: int) -> QuerySet[Answer]:
    return _with_relations(Answer.objects.filter(survey__live_class__academy_id=academy_id))


def answers_of_user(user: User) -> QuerySet[Answer]:
    return _with_relations(Answer.objects.filter(user=user))


def _with_relations(answers: QuerySet[Answer]) -> QuerySet[Answer]:
    """With `expires_at`: until when the person may answer."""
    own = SurveyLink.objects.filter(survey=OuterRef("survey"), user=OuterRef("user")).values("expires_at")
    answers = answers.select_related("survey__live_class__cohort__academy", "user", "teacher")
    return answers.annotate(expires_at=Coalesce(Subquery(own), "survey__expires_at")).order_by("-id")


def surveys_waiting_for(user: User, *, now: datetime.datetime, limit: int) -> list[SurveyLink]:
    """The user's links to surveys that are open and that they have not answered; what closes first comes first.

    At most `limit`, with class and cohort. One statement.
    """
    answered = Answer.objects.filter(Answer.ANSWERED, survey=OuterRef("survey"), user=user)
    links = SurveyLink.objects.filter(user=user).alias(closes=Coalesce("expires_at", "survey__expires_at"))
    waiting = links.filter(~Exists(answered), closes__gt=now).order_by("closes", "id")
    waiting = waiting.exclude(survey__live_class__cohort__stage=Cohort.Stage.DELETED)
    return list(waiting.select_related("survey__live_class__cohort", "survey__live_class__cohort_time_slot")[:limit])


def teacher_averages(answers: QuerySet[Answer]) -> list[dict[str, Any]]:
    """Each teacher that the answers speak of, with the number and average of their scores."""
    rows = answers.filter(teacher__isnull=False).order_by("teacher_id").values("teacher_id")
    return list(
        rows.annotate(
            email=F("teacher__email"),
            first_name=F("teacher__first_name"),
            last_name=F("teacher__last_name"),
            scores=Count("score"),
            average=Avg("score"),
        )
    )


def cohort_averages(answers: QuerySet[Answer]) -> list[dict[str, Any]]:
    """Each cohort that the answers come from: people asked and answering, once for each class; average class score."""
    # A person in a survey, as one text: what COUNT(DISTINCT …) can count on every database.
    asked = Concat(Cast("survey_id", CharField()), Value(":"), Cast("user_id", CharField()), output_field=CharField())
    rows = answers.order_by(f"{_COHORT}__id").values(
        cohort_id=F(f"{_COHORT}__id"), slug=F(f"{_COHORT}__slug"), name=F(f"{_COHORT}__name")
    )
    return list(
        rows.annotate(
            asked=Count(asked, distinct=True),
            answered=Count(asked, distinct=True, filter=Q(answered_at__isnull=False)),
            average=Avg("score", filter=Q(teacher__isnull=True)),
        )
    )
