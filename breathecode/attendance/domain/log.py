"""The attendance log of a cohort, `history_log`: an entry a day, in the document's format (rule A4).

    {"2025-10-28": {"updated_at": "2025-10-28T20:00:00Z", "attendance_ids": [101], "unattendance_ids": [102],
                    "teacher_comments": "…", "current_module": "…"}}

Written here alone, under the cohort's lock, and read anew under it, so that two teachers at once lose nothing.
"""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.db.models import QuerySet

from breathecode.admissions.domain.enrolment import active_students
from breathecode.admissions.models import Cohort

Entry = dict[str, Any]
NOTES = ("teacher_comments", "current_module")


def ids_of(entry: Mapping[str, Any], name: str) -> set[int]:
    """The people of one list of an entry, whoever wrote it: an import or a shell may have left anything there."""
    listed = entry.get(name)
    return {pk for pk in listed if type(pk) is int} if isinstance(listed, list) else set()


def read_log(cohort_id: int) -> dict[str, Entry]:
    """All entries, oldest day first, each with all of its fields."""
    log = Cohort.objects.values_list("history_log", flat=True).get(pk=cohort_id)
    return {day: complete(entry) for day, entry in sorted(log.items()) if isinstance(entry, dict)}


def complete(entry: Mapping[str, Any]) -> Entry:
    """The entry with the fields that nobody has written yet."""
    return {
        "updated_at": None,
        "attendance_ids": [],
        "unattendance_ids": [],
        **dict.fromkeys(NOTES),
        **entry,
    }


def with_attendance(
    entry: Mapping[str, Any], *, attended: Iterable[int] = (), absent: Iterable[int] = (), decided: Iterable[int] = ()
) -> Entry:
    """The entry with these people in these lists. Who is decided about and in neither leaves both; others stay."""
    attended, absent = set(attended), set(absent)
    moved = attended | absent | set(decided)
    return {
        **entry,
        "attendance_ids": sorted((ids_of(entry, "attendance_ids") - moved) | attended),
        "unattendance_ids": sorted((ids_of(entry, "unattendance_ids") - moved) | absent),
    }


def stored_log(cohort_id: int) -> dict[str, Any]:
    """`history_log` as it is stored. To change it, read it under the cohort's lock."""
    log: dict[str, Any] = Cohort.objects.values_list("history_log", flat=True).get(pk=cohort_id)
    return log


def entry_of(log: Mapping[str, Any], day: datetime.date) -> Entry:
    """The entry of a day, empty where there is none."""
    entry = log.get(day.isoformat())
    return entry if isinstance(entry, dict) else {}


def write_entry(
    cohort_id: int, log: dict[str, Any], day: datetime.date, entry: Entry, *, now: datetime.datetime
) -> Entry:
    """Puts an entry in its day's place in `log` and counts the days logged; nothing where it is there already.

    The caller holds the cohort's lock, has raised its version, and has read `log` under it.
    """
    stored = log.get(day.isoformat())
    if isinstance(stored, dict) and complete(stored) == complete(entry):
        return stored
    entry = {**entry, "updated_at": now.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")}
    log[day.isoformat()] = entry
    # Not `Cohort.objects`, which would lock the row and raise its version once more.
    models.QuerySet(Cohort).filter(pk=cohort_id).update(history_log=log, current_day=len(log))
    return entry


def current_students(cohort_id: int) -> QuerySet[Any, int]:
    """Ids of the students who take part now: those who are away are none (rule L7)."""
    return active_students().filter(cohort_id=cohort_id).values_list("user_id", flat=True)
