"""The attendance log of a cohort by day, in the format of `history_log` (rule A4).

    {"2025-10-28": {"updated_at": "2025-10-28T20:00:00Z", "attendance_ids": [101], "unattendance_ids": [102],
                    "teacher_comments": "…", "current_module": "…"}}

The log is not stored. It is read from `CohortDay` (notes, time of the last change), from the marks of the day's classes
(`Attendance`), and from `DayMark` for students without a mark in any class of the day.

Functions that write expect the cohort to be locked by their caller.
"""

import datetime
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, When

from breathecode.admissions.domain.enrolment import active_students
from breathecode.admissions.models import Cohort
from breathecode.attendance.models import Attendance, CohortDay, DayMark, Mark

Entry = dict[str, Any]
DayKey = tuple[int, datetime.date]  # of a cohort's id and a day
NOTES = ("teacher_comments", "current_module")


class LoggedDay(NamedTuple):
    row: CohortDay
    entry: Entry


def read_log(cohort_id: int) -> dict[str, Entry]:
    """All entries by ISO date, oldest first. Three statements."""
    days = list(CohortDay.objects.filter(cohort=cohort_id).order_by("day"))
    attended = _attended_by_day(Q(live_class__cohort=cohort_id), Q(cohort_day__cohort=cohort_id)) if days else {}
    return {row.day.isoformat(): _entry(row, attended.get((cohort_id, row.day), {})) for row in days}


def read_history_log(cohort_id: int) -> dict[str, Entry]:
    """`Cohort.history_log`: the same without the notes that are not written, as the document shows it."""
    log = read_log(cohort_id)
    for entry in log.values():
        for name in NOTES:
            if entry[name] is None:
                del entry[name]
    return log


def read_day(cohort_id: int, day: datetime.date) -> LoggedDay | None:
    """None where the day is not logged."""
    row = CohortDay.objects.filter(cohort=cohort_id, day=day).first()
    return LoggedDay(row, _entry(row, _attended_on(row))) if row else None


def empty_entry() -> Entry:
    return {"updated_at": None, "attendance_ids": [], "unattendance_ids": [], **dict.fromkeys(NOTES)}


def _attended_on(row: CohortDay, *, has_day_marks: bool = True) -> Mapping[int, bool | None]:
    of_classes = Q(live_class__cohort=row.cohort_id, live_class__day=row.day)
    return _attended_by_day(of_classes, Q(cohort_day=row) if has_day_marks else None).get((row.cohort_id, row.day), {})


def _attended_by_day(of_classes: Q, of_days: Q | None) -> dict[DayKey, dict[int, bool | None]]:
    """By cohort, day and user id, whether they attended. The marks of classes come before a `DayMark`.

    Two statements.
    """
    statuses: dict[tuple[DayKey, int], set[str]] = {}
    marks = Attendance.objects.filter(of_classes, live_class__cancelled_at__isnull=True)
    rows = marks.values_list("live_class__cohort_id", "live_class__day", "user_id", "status")
    for cohort_id, day, user_id, status in rows:
        statuses.setdefault(((cohort_id, day), user_id), set()).add(status)
    found: dict[DayKey, dict[int, bool | None]] = {}
    day_marks = DayMark.objects.filter(of_days) if of_days is not None else DayMark.objects.none()
    marked = day_marks.values_list("cohort_day__cohort_id", "cohort_day__day", "user_id", "attended")
    for cohort_id, day, user_id, attended in marked:
        found.setdefault((cohort_id, day), {})[user_id] = attended
    for (key, user_id), of_user in statuses.items():
        found.setdefault(key, {})[user_id] = attended_by_marks(of_user)
    return found


def _entry(row: CohortDay, attended: Mapping[int, bool | None]) -> Entry:
    return {
        "updated_at": row.updated_at.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z"),
        "attendance_ids": sorted(user_id for user_id, was_there in attended.items() if was_there is True),
        "unattendance_ids": sorted(user_id for user_id, was_there in attended.items() if was_there is False),
        **{name: getattr(row, name) for name in NOTES},
    }


def attended_by_marks(statuses: Iterable[str]) -> bool | None:
    """Whether a student attended a day, by their marks in its classes; None where they say neither.

    Attended: `Attendance.ATTENDED` in any class. Not attended: ABSENT in one, and attended none.
    """
    found = set(statuses)
    if found.intersection(Attendance.ATTENDED):
        return True
    return False if Mark.ABSENT in found else None


def log_change(
    cohort_id: int,
    day: datetime.date,
    *,
    before: LoggedDay | None,
    now: datetime.datetime,
    notes: Mapping[str, Any] | None = None,
    day_marks: Mapping[int, bool] | None = None,
) -> Entry:
    """Completes a change of a day: logs the day, writes its notes and `DayMark`s, and returns its entry.

    `before`: what `read_day` returned before the marks of its classes changed. `updated_at` changes only where the
    entry does.
    """
    row = before.row if before else _add_day(cohort_id, day, now=now)
    for name, value in (notes or {}).items():
        setattr(row, name, value)
    if before:
        _delete_replaced_day_marks(row)
    _save_day_marks(row, day_marks or {})
    entry = _entry(row, _attended_on(row, has_day_marks=bool(before or day_marks)))
    if before and entry != before.entry:
        row.updated_at = now
        entry = _entry(row, {}) | {name: entry[name] for name in ("attendance_ids", "unattendance_ids")}
    if notes or (before and entry != before.entry):
        row.save()
    return entry


def read_days(keys: Collection[DayKey]) -> dict[DayKey, LoggedDay]:
    """`read_day` of many days of many cohorts, without those that are not logged. Three statements."""
    cohorts, days = {cohort_id for cohort_id, _day in keys}, {day for _cohort_id, day in keys}
    rows = {(row.cohort_id, row.day): row for row in CohortDay.objects.filter(cohort__in=cohorts, day__in=days)}
    logged = {key: row for key, row in rows.items() if key in keys}
    if not logged:
        return {}
    of_classes = Q(live_class__cohort__in=cohorts, live_class__day__in=days)
    attended = _attended_by_day(of_classes, Q(cohort_day__in=[row.pk for row in logged.values()]))
    return {key: LoggedDay(row, _entry(row, attended.get(key, {}))) for key, row in logged.items()}


def log_attended(
    users: Mapping[DayKey, set[int]], *, before: Mapping[DayKey, LoggedDay], now: datetime.datetime
) -> None:
    """Completes new marks that these users attended: as `log_change`, of many days at once.

    `before`: what `read_days` returned before the marks were stored.
    """
    _add_days(sorted(set(users) - set(before)), now=now)
    marks = Attendance.objects.filter(
        live_class__cohort=OuterRef("cohort_day__cohort"),
        live_class__day=OuterRef("cohort_day__day"),
        live_class__cancelled_at__isnull=True,
        user=OuterRef("user"),
    )
    if before:
        DayMark.objects.filter(Exists(marks), cohort_day__in=[logged.row for logged in before.values()]).delete()
    changed = [day.row.pk for key, day in before.items() if users[key] - set(day.entry["attendance_ids"])]
    if changed:
        CohortDay.objects.filter(pk__in=changed).update(updated_at=now)


def _add_days(keys: Sequence[DayKey], *, now: datetime.datetime) -> None:
    if not keys:
        return
    counts = Counter(cohort_id for cohort_id, _day in keys)
    added = Case(*(When(pk=pk, then=count) for pk, count in counts.items()), output_field=IntegerField())
    Cohort.objects.filter(pk__in=counts).update(current_day=F("current_day") + added)
    CohortDay.objects.bulk_create([CohortDay(cohort_id=pk, day=day, updated_at=now) for pk, day in keys])


def _add_day(cohort_id: int, day: datetime.date, *, now: datetime.datetime) -> CohortDay:
    Cohort.objects.filter(pk=cohort_id).update(current_day=F("current_day") + 1)
    return CohortDay.objects.create(cohort_id=cohort_id, day=day, updated_at=now)


def _delete_replaced_day_marks(row: CohortDay) -> None:
    """A student with a mark in a class of the day needs no `DayMark` any more."""
    marks = Attendance.objects.filter(live_class__cohort=row.cohort_id, live_class__day=row.day)
    marks = marks.filter(live_class__cancelled_at__isnull=True)
    DayMark.objects.filter(cohort_day=row, user__in=marks.values("user_id")).delete()


def _save_day_marks(row: CohortDay, attended: Mapping[int, bool]) -> None:
    DayMark.objects.bulk_create(
        [DayMark(cohort_day=row, user_id=user_id, attended=there) for user_id, there in sorted(attended.items())],
        update_conflicts=True,
        unique_fields=["cohort_day", "user"],
        update_fields=["attended"],
    )


def current_students(cohort_id: int) -> QuerySet[Any, int]:
    """Ids of the active students of the cohort (rule L7)."""
    return active_students().filter(cohort_id=cohort_id).values_list("user_id", flat=True)
