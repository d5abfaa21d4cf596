"""What the answers to surveys come to: by cohort and week, by question, and the comments (rule S5)."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import Avg, Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncWeek

from breathecode.attendance.domain.report import rate
from breathecode.authenticate.models import User
from breathecode.events.models import LiveClass
from breathecode.feedback.models import Answer

_CLASS = "survey__live_class"
_ABOUT_CLASS = Q(teacher=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Sums, so that several can be added up. People are counted once for each class that they were asked about."""

    asked: int = 0
    answered: int = 0
    class_sum: int = 0
    class_scores: int = 0
    teacher_sum: int = 0
    teacher_scores: int = 0

    @property
    def response_rate(self) -> float | None:
        """From 0 to 1; None where nobody was asked."""
        return rate(self.answered, self.asked)

    @property
    def class_average(self) -> float | None:
        """From 0 to 10; None without a score."""
        return self.class_sum / self.class_scores if self.class_scores else None

    @property
    def teacher_average(self) -> float | None:
        """From 0 to 10; None without a score."""
        return self.teacher_sum / self.teacher_scores if self.teacher_scores else None

    @classmethod
    def total(cls, parts: "Iterable[Scores]") -> Self:
        """The sums of all parts."""
        found = list(parts)
        return cls(**{name: sum(getattr(part, name) for part in found) for name in _SUMS})


_SUMS = ("asked", "answered", "class_sum", "class_scores", "teacher_sum", "teacher_scores")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoresOfWeek(Scores):
    """`monday` is that of the week of the classes' days."""

    cohort_id: int
    monday: datetime.date


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """What one question got: that about the class, or (`teacher_id`) about one teacher.

    `asked` and `answered` are numbers of people, of whom `answered` answered any question of the same survey.
    """

    teacher_id: int | None
    teacher: str
    asked: int
    answered: int
    scores: int
    average: float | None
    comments: int


def answers_about(classes: QuerySet[LiveClass]) -> QuerySet[Answer]:
    """All questions that were asked after these classes, answered or not."""
    return Answer.objects.filter(survey__live_class__in=classes).order_by()


def scores_by_week(classes: QuerySet[LiveClass], *, teacher_id: int | None = None) -> list[ScoresOfWeek]:
    """The answers about these classes, by cohort and week; of the teachers' scores those of `teacher_id` alone.

    Weeks without a survey are left out. One statement.
    """
    about = Q(teacher__isnull=False) if teacher_id is None else Q(teacher=teacher_id)
    answers = answers_about(classes).values(cohort_id=F(f"{_CLASS}__cohort"), monday=TruncWeek(f"{_CLASS}__day"))
    rows: Iterable[dict[str, Any]] = answers.order_by("monday", "cohort_id").annotate(
        # One question about the class is put to everybody; an answer to any question is one.
        asked=Count("pk", filter=_ABOUT_CLASS),
        answered=Count("pk", filter=_ABOUT_CLASS & _has_answered()),
        class_sum=Sum("score", filter=_ABOUT_CLASS, default=0),
        class_scores=Count("score", filter=_ABOUT_CLASS),
        teacher_sum=Sum("score", filter=about, default=0),
        teacher_scores=Count("score", filter=about),
    )
    return [ScoresOfWeek(**row) for row in rows]


def _has_answered() -> Q:
    same = Answer.objects.filter(Answer.ANSWERED, survey=OuterRef("survey"), user=OuterRef("user"))
    return Q(Exists(same))


def question_results(answers: QuerySet[Answer]) -> list[QuestionResult]:
    """The question about the class first, then one line for each teacher, by name. One statement."""
    rows = answers.order_by().values("teacher_id", "teacher__first_name", "teacher__last_name", "teacher__email")
    counted = rows.annotate(
        asked=Count("pk"),
        answered=Count("pk", filter=_has_answered()),
        scores=Count("score"),
        average=Avg("score"),
        comments=Count("pk", filter=~Q(comment="")),
    )
    found = [_question_result(row) for row in counted]
    return sorted(found, key=lambda line: (line.teacher_id is not None, line.teacher.casefold(), line.teacher_id or 0))


def _question_result(row: dict[str, Any]) -> QuestionResult:
    names = {name: row.pop(f"teacher__{name}") or "" for name in ("first_name", "last_name", "email")}
    return QuestionResult(teacher="" if row["teacher_id"] is None else User(**names).get_full_name(), **row)


def comments_among(answers: QuerySet[Answer]) -> QuerySet[Answer]:
    """The answers that have a comment, with their people and classes: newest class first, the class before teachers."""
    related = ("user", "teacher", f"{_CLASS}__cohort_time_slot", f"{_CLASS}__cohort")
    order = (f"-{_CLASS}__starting_at", f"-{_CLASS}", F("teacher").asc(nulls_first=True), "id")
    return answers.exclude(comment="").select_related(*related).order_by(*order)
