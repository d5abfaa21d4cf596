"""Attendance over time: what the marks of classes come to, by cohort and week (rule A5)."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncWeek

from breathecode.admissions.domain.enrolment import active_students
from breathecode.admissions.models import EnrolmentPeriod
from breathecode.attendance.domain.counting import HELD, Tally
from breathecode.attendance.models import Attendance, Mark
from breathecode.events.models import LiveClass

_PERIOD = "cohort__enrolment_periods"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceOfWeek(Tally):
    """`classes`: how many were held. `monday` is that of the week of the classes' days."""

    cohort_id: int
    monday: datetime.date
    classes: int


def attendance_by_week(classes: QuerySet[LiveClass]) -> list[AttendanceOfWeek]:
    """What the marks of these classes come to, by cohort and week: the sums of the lines of the cohorts' reports.

    Weeks in which nobody was expected and no class was held are left out. Two statements.
    """
    taking_place = classes.filter(cancelled_at=None)
    unmarked = {_key(row): row["students"] for row in _unmarked(taking_place)}
    found = (_of_week(row, unmarked=unmarked.get(_key(row), 0)) for row in _marked(taking_place))
    return [week for week in found if week.classes or week.expected or week.excused]


def _key(row: dict[str, Any]) -> tuple[int, datetime.date]:
    return row["cohort_id"], row["monday"]


def _by_week(classes: QuerySet[LiveClass]) -> QuerySet[LiveClass, Any]:
    return classes.values("cohort_id", monday=TruncWeek("day")).order_by("monday", "cohort_id")


def _marked(classes: QuerySet[LiveClass]) -> Iterable[dict[str, Any]]:
    counts: dict[str, Any] = {
        mark.lower(): Count("attendance", filter=Q(attendance__status=mark)) for mark in Mark.values
    }
    return _by_week(classes).annotate(**counts, held=Count("pk", filter=HELD, distinct=True))


def _unmarked(classes: QuerySet[LiveClass]) -> Iterable[dict[str, Any]]:
    """How many students without a mark held classes had: those who were active students of the cohort then."""
    lasting = Q(**{f"{_PERIOD}__until__isnull": True}) | Q(**{f"{_PERIOD}__until__gt": F("starting_at")})
    then = Q(lasting, **{f"{_PERIOD}__since__lt": F("ending_at")})
    # In one filter: each further one would join the periods again.
    expected = classes.filter(HELD, then, _is_reported(), ~_has_mark(), ~_is_counted_again())
    return _by_week(expected).annotate(students=Count("pk"))


def _is_reported() -> Q:
    """The report names the students of now, whose period lasts, and everybody who has a mark in the cohort."""
    student: dict[str, Any] = {"user": OuterRef(f"{_PERIOD}__user")}
    current = active_students().filter(cohort=OuterRef("cohort"), **student)
    marked = Attendance.objects.filter(live_class__cohort=OuterRef("cohort"), **student)
    return Q(**{f"{_PERIOD}__until__isnull": True}) | Q(Exists(current)) | Q(Exists(marked))


def _has_mark() -> Exists:
    return Exists(Attendance.objects.filter(live_class=OuterRef("pk"), user=OuterRef(f"{_PERIOD}__user")))


def _is_counted_again() -> Exists:
    """Who left and came back during a class was there by two periods: the later one counts."""
    lasting = Q(until__isnull=True) | Q(until__gt=OuterRef("starting_at"))
    later = EnrolmentPeriod.objects.filter(lasting, since__lt=OuterRef("ending_at"), pk__gt=OuterRef(f"{_PERIOD}__pk"))
    return Exists(later.filter(cohort=OuterRef("cohort"), user=OuterRef(f"{_PERIOD}__user")).order_by())


def _of_week(row: dict[str, Any], *, unmarked: int) -> AttendanceOfWeek:
    return AttendanceOfWeek(
        cohort_id=row["cohort_id"],
        monday=row["monday"],
        classes=row["held"],
        present=row["present"],
        late=row["late"],
        absent=row["absent"] + unmarked,
        excused=row["excused"],
    )
