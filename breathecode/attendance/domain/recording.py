"""Who was there: one row a person and class, a history of every change, and the cohort's log in step (A2 to A4).

Every function that writes expects the class's cohort to be locked by its caller (`lifecycle.lock_class`), so that
two teachers, or a teacher and the job that closes classes, follow each other.
"""

import datetime
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, Q, QuerySet

from breathecode.admissions.domain.enrolment import students_during, students_ever
from breathecode.attendance.domain.log import (
    current_students,
    log_change,
    read_day,
)
from breathecode.attendance.models import (
    AcademyAttendanceSettings,
    Attendance,
    AttendanceChange,
    AttendanceSource,
)
from breathecode.attendance.signals import attendance_recorded
from breathecode.authenticate.models import User
from breathecode.events.models import ClassJoin, LiveClass


def classes_of_day(cohort_id: int, day: datetime.date) -> list[LiveClass]:
    """The cohort's classes of a day, without cancelled ones, in the order of their ids."""
    return list(LiveClass.objects.filter(cohort=cohort_id, day=day, cancelled_at__isnull=True).order_by("pk"))


def has_begun(live_class: LiveClass, *, now: datetime.datetime) -> bool:
    """Whether attendance can be recorded: at the planned start, or once the class was started."""
    return live_class.started_at is not None or live_class.starting_at <= now


def roll_of(live_class: LiveClass, *, now: datetime.datetime) -> set[int]:
    """Ids of the people on the roll of a class (rule A2).

    Who was an active student of the cohort when it took place, which students joined it, and who has a row; of a
    class that is not over, the active students of now.
    """
    cohort_id = live_class.cohort_id
    people: list[QuerySet[Any, int]] = []
    if has_begun(live_class, now=now):
        joined = ClassJoin.objects.filter(Exists(students_ever(cohort_id)), live_class=live_class, starts_class=False)
        people.append(joined.values_list("user_id", flat=True))
        begun_at = min(live_class.starting_at, live_class.started_at or live_class.starting_at)
        people += students_during(cohort_id, starting_at=begun_at, ending_at=live_class.ending_at)
    if live_class.ended_at is None and live_class.ending_at > now:
        people.append(current_students(cohort_id))
    marked = Attendance.objects.filter(live_class=live_class).values_list("user_id", flat=True)
    return set(marked.union(*people))


def record(
    live_class: LiveClass,
    *,
    marks: Mapping[int, str],
    source: AttendanceSource,
    by: User | None,
    now: datetime.datetime,
    known: Mapping[int, str] | None = None,
) -> set[int]:
    """Writes the marks (status by user id) that differ from what is recorded, and their history.

    Returns whose mark changed. A mark that is recorded already keeps its source and its time. The caller adds the
    day to the log; `held` and the survey of an ended class follow by themselves (rules A1, S1). `known`: what is
    recorded about the class, by user id, where the caller has read it under the lock.
    """
    if known is None:
        known = recorded_marks([live_class]).get(live_class.pk, {})
    changed = {user_id: status for user_id, status in marks.items() if known.get(user_id) != status}
    if not changed:
        return set()
    rows = _rows(live_class, changed, source=source, by=by, now=now)
    Attendance.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["live_class", "user"],
        update_fields=["status", "source", "joined_at", "recorded_by", "recorded_at"],
    )
    write_history(rows, known=known)
    update_attended(live_class)
    if live_class.ended_at is not None:
        transaction.on_commit(partial(attendance_recorded.send, sender=LiveClass, instance=live_class), robust=True)
    return set(changed)


def record_and_log(
    live_class: LiveClass,
    *,
    marks: Mapping[int, str],
    source: AttendanceSource,
    by: User | None,
    now: datetime.datetime,
) -> set[int]:
    """As `record`, and the day of the class is logged where a mark changed (rule A4)."""
    cohort_id, day = live_class.cohort_id, live_class.day
    before = read_day(cohort_id, day) if marks else None
    changed = record(live_class, marks=marks, source=source, by=by, now=now)
    if changed:
        log_change(cohort_id, day, before=before, now=now)
    return changed


def _rows(
    live_class: LiveClass,
    marks: Mapping[int, str],
    *,
    source: AttendanceSource,
    by: User | None,
    now: datetime.datetime,
) -> list[Attendance]:
    joins = dict(ClassJoin.objects.filter(live_class=live_class).values_list("user_id", "joined_at"))
    return [
        Attendance(
            live_class=live_class,
            user_id=user_id,
            status=status,
            source=source,
            joined_at=joins.get(user_id),
            recorded_by=by,
            recorded_at=now,
        )
        for user_id, status in sorted(marks.items())
    ]


def write_history(rows: Iterable[Attendance], *, known: Mapping[int, str]) -> None:
    AttendanceChange.objects.bulk_create(
        AttendanceChange(
            live_class_id=row.live_class_id,
            user_id=row.user_id,
            from_status=known.get(row.user_id, ""),
            to_status=row.status,
            source=row.source,
            changed_by=row.recorded_by,
            changed_at=row.recorded_at,
        )
        for row in rows
    )


def update_attended(live_class: LiveClass) -> None:
    """Brings `marked` and `attended` of the class in line with its marks, which it reads (rule A1)."""
    marks = Attendance.objects.filter(live_class=live_class)
    found = marks.aggregate(
        all=Count("pk"), attended=Count("pk", filter=Q(source=AttendanceSource.STAFF, status__in=Attendance.ATTENDED))
    )
    marked, attended = found["all"] > 0, found["attended"] > 0
    if (live_class.marked, live_class.attended) != (marked, attended):
        live_class.marked, live_class.attended = marked, attended
        # The caller holds the cohort's lock.
        LiveClass.objects.filter(pk=live_class.pk).update(marked=marked, attended=attended)


def recorded_marks(classes: Iterable[LiveClass]) -> dict[int, dict[int, str]]:
    """What is recorded in these classes: by class id, status by user id."""
    marks: dict[int, dict[int, str]] = {}
    rows = Attendance.objects.filter(live_class__in=list(classes))
    for live_class_id, user_id, status in rows.values_list("live_class_id", "user_id", "status"):
        marks.setdefault(live_class_id, {})[user_id] = status
    return marks


def marks_by_user(marks: Mapping[int, Mapping[int, str]]) -> dict[int, set[str]]:
    """All that is recorded about each person, in whichever class."""
    found: dict[int, set[str]] = {}
    for of_class in marks.values():
        for user_id, status in of_class.items():
            found.setdefault(user_id, set()).add(status)
    return found


def settings_of(academy_id: int) -> AcademyAttendanceSettings:
    """The academy's settings; the defaults, not yet saved, where it has chosen none."""
    found = AcademyAttendanceSettings.objects.filter(academy_id=academy_id).first()
    return found or AcademyAttendanceSettings(academy_id=academy_id)


def save_settings(*, academy_id: int, fields: Mapping[str, Any]) -> AcademyAttendanceSettings:
    """Changes the given fields alone; the first of two callers at once makes the row."""
    found, _created = AcademyAttendanceSettings.objects.update_or_create(academy_id=academy_id, defaults=dict(fields))
    return found
