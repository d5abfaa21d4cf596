"""The roll as staff read and write it: class by class (rule A2), and as the cohort's log of a day (rule A4)."""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from breathecode.admissions.domain.enrolment import students_during
from breathecode.admissions.models import Cohort
from breathecode.attendance.domain.log import (
    NOTES,
    Entry,
    attended_by_marks,
    current_students,
    empty_entry,
    log_change,
    read_day,
)
from breathecode.attendance.domain.recording import (
    classes_of_day,
    has_begun,
    marks_by_user,
    record,
    record_and_log,
    recorded_marks,
    roll_of,
)
from breathecode.attendance.errors import ClassNotStarted, DayInTheFuture, NotAStudent
from breathecode.attendance.models import Attendance, AttendanceChange, AttendanceSource, Mark
from breathecode.authenticate.models import User
from breathecode.common.models import lock
from breathecode.events.domain.lifecycle import lock_class
from breathecode.events.errors import ClassCancelled
from breathecode.events.models import ClassJoin, LiveClass


def read_roll(
    live_class: LiveClass, *, now: datetime.datetime, joins: Iterable[ClassJoin] | None = None
) -> list[dict[str, Any]]:
    """A line for everybody on the roll of the class (rule A2), in the order of their ids.

    `status` is null until something is recorded; the join is shown before that already. `joins`: those of the class,
    where the caller has read them.
    """
    rows = {row.user_id: row for row in Attendance.objects.filter(live_class=live_class)}
    if joins is None:
        joins = ClassJoin.objects.filter(live_class=live_class)
    joined = {join.user_id: join.joined_at for join in joins}
    people = sorted(roll_of(live_class, now=now))
    return [_line(user_id, rows.get(user_id), joined.get(user_id)) for user_id in people]


def _line(user_id: int, row: Attendance | None, joined_at: datetime.datetime | None) -> dict[str, Any]:
    return {
        "user": user_id,
        "status": row and row.status,
        "source": row and row.source,
        "joined_at": (row and row.joined_at) or joined_at,
        "recorded_by": row and row.recorded_by_id,
        "recorded_at": row and row.recorded_at,
    }


def read_changes(live_class_id: int) -> QuerySet[AttendanceChange]:
    """The history of a class's attendance, newest first."""
    return AttendanceChange.objects.filter(live_class_id=live_class_id).order_by("-id")


def _check_are_students(user_ids: Iterable[int], *, students: set[int]) -> None:
    others = sorted(set(user_ids) - students)
    if others:
        more = ", …" if len(others) > 20 else ""
        raise NotAStudent(ids=", ".join(map(str, others[:20])) + more)


@transaction.atomic
def save_roll(
    live_class_id: int, *, marks: Mapping[int, str], by: User, now: datetime.datetime, within: QuerySet[LiveClass]
) -> None:
    """Records staff's marks, all of them or none; who is not named stays as they are (rule A2).

    Who has a row already may be corrected, also after they left the cohort. Raises `not-found`, `class-cancelled`,
    `class-not-started`, `not-a-student`.
    """
    live_class = _locked_to_record(live_class_id, now=now, within=within)
    _check_are_students(marks, students=roll_of(live_class, now=now))
    record_and_log(live_class, marks=marks, source=AttendanceSource.STAFF, by=by, now=now)


@transaction.atomic
def save_rest_of_roll(
    live_class_id: int, *, mark: Mark, by: User, now: datetime.datetime, within: QuerySet[LiveClass]
) -> None:
    """Records `mark` for all on the roll who have none yet; marks that others make meanwhile stay (rule A2).

    Raises `not-found`, `class-cancelled`, `class-not-started`.
    """
    live_class = _locked_to_record(live_class_id, now=now, within=within)
    known = set(Attendance.objects.filter(live_class=live_class).values_list("user_id", flat=True))
    marks = dict.fromkeys(sorted(roll_of(live_class, now=now) - known), mark.value)
    record_and_log(live_class, marks=marks, source=AttendanceSource.STAFF, by=by, now=now)


def _locked_to_record(live_class_id: int, *, now: datetime.datetime, within: QuerySet[LiveClass]) -> LiveClass:
    """Raises `not-found`, `class-cancelled`, `class-not-started`."""
    live_class = lock_class(live_class_id, within=within)
    if live_class.cancelled_at is not None:
        raise ClassCancelled(reason=live_class.cancel_reason)
    if not has_begun(live_class, now=now):
        raise ClassNotStarted
    return live_class


@transaction.atomic
def save_day(
    cohort: Cohort, *, day: datetime.date, fields: Mapping[str, Any], by: User, now: datetime.datetime
) -> Entry:
    """Writes one day of the log, and the rows of that day's classes after it (rule A4). Returns the day's entry.

    `fields`: those of the entry that were sent; the others are kept. The ids add to the day: who is in neither list
    stays as they are, and who is to change sides is named in the other list. So a teacher with an old page takes
    nobody out whom another has put in meanwhile. Raises `day-in-the-future`, `class-not-started`, `not-a-student`.
    """
    lock(Cohort, cohort.pk)
    attended, absent = set(fields.get("attendance_ids") or ()), set(fields.get("unattendance_ids") or ())
    begun = _begun_classes(cohort, day, names_people=bool(attended or absent), now=now)
    before = read_day(cohort.pk, day)
    stored = before.entry if before else empty_entry()
    if not fields:
        return stored
    marks, rolls = recorded_marks(begun), [roll_of(live_class, now=now) for live_class in begun]
    # What the entry says already counts as not sent (as in rule W3), also about students who have left since.
    new = (attended - set(stored["attendance_ids"])) | (absent - set(stored["unattendance_ids"]))
    _check_are_students(new, students=set().union(*rolls) if begun else _students_of_day(cohort, day))
    wanted = _marks_to_write(attended, absent, marks=marks_by_user(marks))
    for live_class, roll in zip(begun, rolls, strict=True):
        on_roll = {user_id: mark for user_id, mark in wanted.items() if user_id in roll}
        _record_from_log(live_class, on_roll, known=marks.get(live_class.pk, {}), by=by, now=now)
    notes = {name: fields[name] for name in NOTES if name in fields}
    # A class that has not begun has no marks: then `attended` and `absent` are empty, or the day has no class at all.
    day_marks = {} if begun else {user_id: user_id in attended for user_id in new}
    return log_change(cohort.pk, day, before=before, notes=notes, day_marks=day_marks, now=now)


def _students_of_day(cohort: Cohort, day: datetime.date) -> set[int]:
    """Who can stand in the log of a day without classes: the active students of that day, and those of now."""
    midnight = datetime.datetime.combine(day, datetime.time(), tzinfo=ZoneInfo(cohort.effective_timezone))
    next_midnight = midnight + datetime.timedelta(days=1)
    then = students_during(cohort.pk, starting_at=midnight, ending_at=next_midnight)
    return set(current_students(cohort.pk).union(*then))


def _begun_classes(
    cohort: Cohort, day: datetime.date, *, names_people: bool, now: datetime.datetime
) -> list[LiveClass]:
    """The day's classes that attendance can be recorded of. Raises `day-in-the-future`, `class-not-started`."""
    classes = classes_of_day(cohort.pk, day)
    begun = [live_class for live_class in classes if has_begun(live_class, now=now)]
    today = now.astimezone(ZoneInfo(cohort.effective_timezone)).date()
    if day > today and not begun:  # a class of a zone further east may have begun on a day that is still to come here
        raise DayInTheFuture(day=day.isoformat())
    if names_people and classes and not begun:
        raise ClassNotStarted
    return begun


def _marks_to_write(attended: set[int], absent: set[int], *, marks: Mapping[int, set[str]]) -> dict[int, Mark]:
    """What is sent about people of whom the day's rows do not say it already, so that a log put back changes none."""
    by_marks = {user_id: attended_by_marks(statuses) for user_id, statuses in marks.items()}
    present = {user_id: Mark.PRESENT for user_id in attended if by_marks.get(user_id) is not True}
    return present | {user_id: Mark.ABSENT for user_id in absent if by_marks.get(user_id) is not False}


def _record_from_log(
    live_class: LiveClass, wanted: Mapping[int, Mark], *, known: Mapping[int, str], by: User, now: datetime.datetime
) -> None:
    """Records what the log says in one class. EXCUSED, an absence with a reason, stays where the log says absent."""
    marks = {
        user_id: mark.value
        for user_id, mark in wanted.items()
        if not (mark == Mark.ABSENT and known.get(user_id) == Mark.EXCUSED)
    }
    record(live_class, marks=marks, source=AttendanceSource.STAFF, by=by, now=now, known=known)
