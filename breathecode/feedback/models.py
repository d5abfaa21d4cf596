"""Surveys after classes: what is asked, who was asked, and what they said."""

import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from breathecode.admissions.models import Cohort
from breathecode.authenticate.models import Academy, User
from breathecode.common.db.fields import OneLineCharField
from breathecode.common.models import TimestampedModel
from breathecode.events.models import LiveClass

LOWEST, HIGHEST = 0, 10


class SurveyTemplate(TimestampedModel):
    """An academy's own words, by language; what they leave out is said in the product's (rule S3)."""

    academy = models.ForeignKey(Academy, on_delete=models.CASCADE, related_name="survey_templates")
    name = OneLineCharField(max_length=150)
    texts = models.JSONField(default=dict, help_text=_('{"en": {"title": …, "class_question": …}, "es": …}'))

    def __str__(self) -> str:
        return self.name


class FeedbackSettings(TimestampedModel):
    """How an academy asks. Without such a row, it does not ask (rule S1)."""

    academy = models.OneToOneField(Academy, on_delete=models.CASCADE, related_name="feedback_settings")
    liveclass_survey_template = models.ForeignKey(
        SurveyTemplate, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    excluded_cohorts = models.ManyToManyField(Cohort, blank=True, related_name="+")
    send_surveys = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "feedback settings"

    def __str__(self) -> str:
        return f"feedback settings of academy {self.academy_id}"


class Survey(TimestampedModel):
    """The survey of one class. That there is one for each class at most keeps a second run from asking twice."""

    live_class = models.OneToOneField(LiveClass, on_delete=models.CASCADE, related_name="survey")
    language = models.CharField(max_length=16)
    texts = models.JSONField(help_text=_("The questions as they were asked."))
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"survey {self.pk} of class {self.live_class_id}"


class SurveyLink(models.Model):
    """A user's key to one survey; it gives access to nothing else (rule S4). Only its SHA-256 is stored."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="links")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="survey_links")
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("Set for users who received the survey later. If empty, the survey's own date applies."),
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["survey", "user"], name="survey_link_once_per_person")]

    def __str__(self) -> str:
        return f"user {self.user_id}'s link to survey {self.survey_id}"

    @property
    def closes_at(self) -> datetime.datetime:
        return self.expires_at or self.survey.expires_at


class Answer(TimestampedModel):
    """One question to one person: about the class, or about one teacher of it."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="answers")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="survey_answers")
    teacher = models.ForeignKey(
        User,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Empty if the question is about the class."),
    )
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    comment = models.TextField(blank=True, max_length=2000)
    answered_at = models.DateTimeField(null=True, blank=True)

    ANSWERED: ClassVar[Q] = Q(answered_at__isnull=False)

    class Meta:
        indexes = [models.Index(fields=["user", "-id"], name="answer_of_person")]
        constraints = [
            models.UniqueConstraint(fields=["survey", "user", "teacher"], name="teacher_question_once_per_person"),
            # Nulls are distinct from each other, so the question about the class needs one of its own.
            models.UniqueConstraint(
                fields=["survey", "user"], condition=Q(teacher__isnull=True), name="class_question_once_per_person"
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=LOWEST, score__lte=HIGHEST), name="score_from_0_to_10"
            ),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} on {'the class' if self.teacher_id is None else f'user {self.teacher_id}'}"
