"""Joins become marks when classes end (rule A3): for many classes in as many statements as for one.

The caller holds the locks of the classes and their cohorts, as for the functions of `recording`.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db.models import Exists, OuterRef

from breathecode.admissions.domain.enrolment import active_students
from breathecode.admissions.models import EnrolmentPeriod
from breathecode.attendance.domain.log import DayKey, log_attended, read_days
from breathecode.attendance.domain.recording import write_history
from breathecode.attendance.models import AcademyAttendanceSettings, Attendance, AttendanceSource, Mark
from breathecode.events.models import ClassJoin, LiveClass

Periods = list[tuple[datetime.datetime, datetime.datetime | None]]


class _Join(NamedTuple):
    live_class: LiveClass
    user_id: int
    joined_at: datetime.datetime
    starts_class: bool


def mark_joined(classes: Iterable[LiveClass], *, now: datetime.datetime) -> int:
    """Gives the students who joined the ended classes and have no row yet one (rule A3). Returns how many rows.

    LATE from the academy's minutes after the later of the planned and the real start on. Joins of a class that was not
    started count only if staff recorded that a student attended.
    """
    joins = _joins_without_mark([row for row in classes if row.started_at is not None or row.attended])
    late_after = _minutes_by_academy(joins)
    joins = _of_students([join for join in joins if join.live_class.academy_id in late_after])
    if not joins:
        return 0
    users_by_day: dict[DayKey, set[int]] = defaultdict(set)
    for join in joins:
        users_by_day[join.live_class.cohort_id, join.live_class.day].add(join.user_id)
    before = read_days(users_by_day)
    _record([_mark(join, late_after=late_after[join.live_class.academy_id], now=now) for join in joins])
    log_attended(users_by_day, before=before, now=now)
    return len(joins)


def _joins_without_mark(classes: Iterable[LiveClass]) -> list[_Join]:
    by_id = {live_class.pk: live_class for live_class in classes}
    if not by_id:
        return []
    marks = Attendance.objects.filter(live_class=OuterRef("live_class"), user=OuterRef("user"))
    joins = ClassJoin.objects.filter(~Exists(marks), live_class__in=by_id).order_by("live_class_id", "user_id")
    rows = joins.values_list("live_class_id", "user_id", "joined_at", "starts_class")
    return [_Join(by_id[pk], user_id, joined_at, starts_class) for pk, user_id, joined_at, starts_class in rows]


def _minutes_by_academy(joins: Sequence[_Join]) -> dict[int, datetime.timedelta]:
    """After which time a join is late, by academy; without those that do not have joins counted."""
    academies = {join.live_class.academy_id for join in joins}
    if not academies:
        return {}
    found = {pk: AcademyAttendanceSettings(academy_id=pk) for pk in academies}
    found |= {row.academy_id: row for row in AcademyAttendanceSettings.objects.filter(academy__in=academies)}
    return {pk: datetime.timedelta(minutes=row.late_after_minutes) for pk, row in found.items() if row.mark_from_joins}


def _of_students(joins: Sequence[_Join]) -> list[_Join]:
    """Those by people on the roll of their class (rule A2): `recording.roll_of` answers the same for one class."""
    if not joins:
        return []
    within = {
        "cohort__in": {join.live_class.cohort_id for join in joins},
        "user__in": {join.user_id for join in joins},
    }
    periods: dict[tuple[int, int], Periods] = defaultdict(list)
    rows = EnrolmentPeriod.objects.filter(**within).order_by()
    for cohort_id, user_id, since, until in rows.values_list("cohort_id", "user_id", "since", "until"):
        periods[cohort_id, user_id].append((since, until))
    active = set(active_students().filter(**within).values_list("cohort_id", "user_id"))
    keys = ((join, (join.live_class.cohort_id, join.user_id)) for join in joins)
    return [join for join, key in keys if _is_student(join, periods.get(key, []), is_active=key in active)]


def _is_student(join: _Join, periods: Periods, *, is_active: bool) -> bool:
    """Was an active student when the class took place, or is or was one and did not join as a teacher.

    Active students whose enrolment has no period yet are taken to have been there.
    """
    if not periods:
        return is_active
    row = join.live_class
    begun_at = min(row.starting_at, row.started_at or row.starting_at)
    return not join.starts_class or any(
        since < row.ending_at and (until is None or until > begun_at) for since, until in periods
    )


def _mark(join: _Join, *, late_after: datetime.timedelta, now: datetime.datetime) -> Attendance:
    row = join.live_class
    late_from = max(row.starting_at, row.started_at or row.starting_at) + late_after
    return Attendance(
        live_class=row,
        user_id=join.user_id,
        status=Mark.LATE.value if join.joined_at >= late_from else Mark.PRESENT.value,
        source=AttendanceSource.JOIN,
        joined_at=join.joined_at,
        recorded_at=now,
    )


def _record(marks: Sequence[Attendance]) -> None:
    """Stores them, their history, and that their classes have marks. The survey follows from the end (rule S1)."""
    Attendance.objects.bulk_create(marks)
    write_history(marks, known={})
    marked = {mark.live_class_id: mark.live_class for mark in marks if not mark.live_class.marked}
    for live_class in marked.values():
        live_class.marked = True
    LiveClass.objects.filter(pk__in=marked).update(marked=True)
