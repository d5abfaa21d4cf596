"""Who is asked about a class (rule S2)."""

import datetime
from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet

from breathecode.admissions.domain.enrolment import active_students
from breathecode.attendance.models import Attendance, DayMark
from breathecode.authenticate.models import User
from breathecode.events.models import LiveClass

LOG_WINDOW = datetime.timedelta(hours=24)


def attendees_of(live_class: LiveClass) -> list[User]:
    """The students to ask, in the order of their ids: those who attended by their mark, and those of the day's log.

    The log knows days, not classes. A student whose presence that day is explained by a mark in another class is not
    asked about this one.
    """
    return attendees_of_classes([live_class])[live_class.pk]


def attendees_of_classes(classes: Sequence[LiveClass]) -> dict[int, list[User]]:
    """The same for several classes, by their ids. Three statements."""
    attended: dict[int, set[int]] = {live_class.pk: set() for live_class in classes}
    marks = Attendance.objects.filter(live_class__in=attended, status__in=Attendance.ATTENDED)
    for live_class_id, user_id in marks.values_list("live_class_id", "user_id"):
        attended[live_class_id].add(user_id)
    # A class that was not held can only have been attended where staff say so of this very class.
    _add_attended_by_log_alone(attended, [live_class for live_class in classes if live_class.held])
    students = _students(classes, set().union(*attended.values()))
    return {
        row.pk: [students[row.cohort_id, pk] for pk in sorted(attended[row.pk]) if (row.cohort_id, pk) in students]
        for row in classes
    }


def _add_attended_by_log_alone(attended: dict[int, set[int]], classes: Sequence[LiveClass]) -> None:
    """Present in the day's log without a mark in a class of the day, if it changed within 24 hours of the end."""
    if not classes:
        return
    by_day: dict[tuple[int, datetime.date], list[LiveClass]] = defaultdict(list)
    for live_class in classes:
        by_day[live_class.cohort_id, live_class.day].append(live_class)
    cohorts, days = {cohort_id for cohort_id, _day in by_day}, {day for _cohort_id, day in by_day}
    marks = DayMark.objects.filter(
        ~Exists(_marks_of_day()), cohort_day__cohort__in=cohorts, cohort_day__day__in=days, attended=True
    )
    rows = marks.values_list("cohort_day__cohort_id", "cohort_day__day", "cohort_day__updated_at", "user_id")
    for cohort_id, day, updated_at, user_id in rows:
        for live_class in by_day.get((cohort_id, day), ()):
            if live_class.ended_at and abs(updated_at - live_class.ended_at) <= LOG_WINDOW:
                attended[live_class.pk].add(user_id)


def _marks_of_day() -> QuerySet[Attendance]:
    """Of an outer `DayMark`: the marks of its user in the classes of its day."""
    return Attendance.objects.filter(
        live_class__cohort=OuterRef("cohort_day__cohort"),
        live_class__day=OuterRef("cohort_day__day"),
        user=OuterRef("user"),
    )


def marked_attendees() -> QuerySet[Attendance]:
    """Of an outer class: the marks that make their users its attendees, as `attendees_of_classes` finds them."""
    students = active_students().filter(cohort=OuterRef("live_class__cohort"), user=OuterRef("user"))
    return Attendance.objects.filter(
        Exists(students), live_class=OuterRef("pk"), status__in=Attendance.ATTENDED, user__is_active=True
    )


def has_logged_attendees() -> Q:
    """Of classes: they have attendees by the day's log alone, as `attendees_of_classes` finds them."""
    students = active_students().filter(cohort=OuterRef("cohort_day__cohort"), user=OuterRef("user"))
    marks = DayMark.objects.filter(
        Exists(students),
        ~Exists(_marks_of_day()),
        cohort_day__cohort=OuterRef("cohort"),
        cohort_day__day=OuterRef("day"),
        cohort_day__updated_at__gte=OuterRef("ended_at") - LOG_WINDOW,
        cohort_day__updated_at__lte=OuterRef("ended_at") + LOG_WINDOW,
        attended=True,
        user__is_active=True,
    )
    held = Q(started_at__isnull=False) | Q(attended=True)
    return held & Q(Exists(marks))


def _students(classes: Sequence[LiveClass], user_ids: set[int]) -> dict[tuple[int, int], User]:
    """The active students among these users, by the ids of cohort and user."""
    cohorts = {live_class.cohort_id for live_class in classes}
    students = active_students().filter(cohort__in=cohorts, user__in=user_ids, user__is_active=True)
    return {(student.cohort_id, student.user_id): student.user for student in students.select_related("user")}
