"""Why a cohort has no classes, or not those that staff expect (rule P7).

`diagnose_cohort` is the one answer, for the API and for `diagnose_live_classes`. Whether a time slot gives classes it
asks `planning`, as a build does.
"""

import datetime
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Min, Q
from django.utils.dates import WEEKDAYS as WEEKDAY_NAMES
from django.utils.formats import date_format

from breathecode.admissions.domain.notices import notices_of_time_slot
from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser
from breathecode.common.observability import beat
from breathecode.events.domain.planning import (
    closures_of_cohort,
    cohort_issues,
    end_of_schedule,
    is_due,
    schedule_issue,
    timetable_of,
)
from breathecode.events.models import LiveClass
from breathecode.events.schedule.recurrence import WEEKDAYS, Closure, Occurrence, expand
from breathecode.schedules.domain.findings import Finding, finding

# Under these, what else a cohort lacks does not matter.
_OVER = frozenset({"cohort-deleted", "cohort-ended"})


def diagnose_cohort(cohort: Cohort, *, now: datetime.datetime) -> list[Finding]:
    """The findings, those of the cohort first; empty where all is well.

    Reads the cohort's academy, and as many statements for many time slots as for one.
    """
    slots = time_slots_with_next_class(cohort, now=now)
    issues = cohort_issues(cohort=cohort, zone=cohort.effective_timezone, now=now)
    findings = [finding(slug, date=_date(cohort.ending_date)) for slug in issues]
    findings += _without_time_slots(slots)
    findings += _of_time_slots(slots, closures_of_cohort(cohort), now=now)
    if not _OVER.intersection(issues):
        findings += _what_is_forgotten(cohort, now=now)
    return findings


def time_slots_with_next_class(cohort: Cohort, *, now: datetime.datetime) -> list[CohortTimeSlot]:
    """Removed ones too; each with `next_class_at`, the start of its next class that is not cancelled."""
    coming = Q(live_classes__starting_at__gt=now, live_classes__cancelled_at__isnull=True)
    slots = cohort.time_slots.annotate(next_class_at=Min("live_classes__starting_at", filter=coming))
    return list(slots.order_by("id"))


def _date(day: datetime.date | None) -> str:
    return date_format(day, "DATE_FORMAT") if day else ""


def _without_time_slots(slots: list[CohortTimeSlot]) -> Iterator[Finding]:
    if not slots:
        yield finding("cohort-without-time-slots")
    elif (removed := [slot.removed_at for slot in slots if slot.removed_at]) and len(removed) == len(slots):
        yield finding("time-slots-removed", date=_date(max(removed).date()))


def _of_time_slots(
    slots: list[CohortTimeSlot], closures: tuple[Closure, ...], *, now: datetime.datetime
) -> Iterator[Finding]:
    waiting = False
    for slot in slots:
        if slot.removed_at is None:
            yield from _of_schedule(slot, closures, now=now)
        if is_due(slot, now=now):
            waiting = True
            yield _of_waiting(slot)
    if waiting:
        yield from _of_background_tasks()


def _of_schedule(slot: CohortTimeSlot, closures: tuple[Closure, ...], *, now: datetime.datetime) -> Iterator[Finding]:
    values = {"time_slot": slot}
    try:
        issue = schedule_issue(slot, closures=closures, now=now)
        if issue is None:
            yield from _of_occurrences(slot, list(expand(timetable_of(slot, closures=closures, now=now))), now=now)
        elif not issue.startswith("cohort-"):  # those are the cohort's findings
            last = _date(end_of_schedule(slot))
            yield finding(issue, **values, date=last, days=settings.GENERATION_HORIZON_DAYS)
    except (KeyError, ValueError):
        yield finding("time-slot-cannot-be-built", **values)
    for notice in notices_of_time_slot(slot):
        yield finding(notice["slug"], **values, notice=notice["detail"])
    if slot.zone_data_version > settings.TIME_ZONE_DATA_VERSION:
        yield finding("old-zone-data-on-server", **values, **_zone_data(slot))


def _of_occurrences(
    slot: CohortTimeSlot, occurrences: list[Occurrence], *, now: datetime.datetime
) -> Iterator[Finding]:
    values = {"time_slot": slot}
    coming = next((occurrence for occurrence in occurrences if occurrence.starting_at > now), None)
    if coming is None:
        yield finding("no-dates-left", **values, date=_date(occurrences[-1].planned_date))
    elif coming.closed_by is not None and not _has_class_by(slot, coming.starting_at):
        yield finding("covered-by-holiday", **values, date=_date(coming.planned_date), holiday=coming.closed_by)
    empty = set(slot.weekdays) - {WEEKDAYS[occurrence.planned_date.weekday()] for occurrence in occurrences}
    if empty:
        names = (str(WEEKDAY_NAMES[WEEKDAYS.index(name)]) for name in sorted(empty, key=WEEKDAYS.index))
        yield finding("weekday-without-occurrences", **values, weekdays=", ".join(names))


def _has_class_by(slot: Any, moment: datetime.datetime) -> bool:
    """A class that staff restored on a holiday takes place (rule G15)."""
    return slot.next_class_at is not None and slot.next_class_at <= moment


def _zone_data(slot: CohortTimeSlot) -> dict[str, str]:
    return {"built": slot.zone_data_version, "installed": settings.TIME_ZONE_DATA_VERSION}


def _of_waiting(slot: CohortTimeSlot) -> Finding:
    if slot.revision == slot.built_revision and slot.zone_data_version < settings.TIME_ZONE_DATA_VERSION:
        return finding("old-zone-data", time_slot=slot, **_zone_data(slot))
    return finding("never-built" if slot.built_revision == 0 else "waits-to-be-built", time_slot=slot)


def _of_background_tasks() -> Iterator[Finding]:
    """What waits is built by the next sweep, unless none comes."""
    seconds = beat.seconds_since_run()
    if seconds == float("inf"):
        yield finding("background-tasks-never-ran")
    elif seconds > beat.max_seconds():
        yield finding("queue-backlog", minutes=round(seconds / 60))


def _what_is_forgotten(cohort: Cohort, *, now: datetime.datetime) -> Iterator[Finding]:
    if not CohortUser.objects.filter(cohort=cohort, role=CohortUser.Role.TEACHER).exists():
        yield finding("cohort-without-teacher")
    if not cohort.online_meeting_url:
        coming = LiveClass.objects.filter(cohort=cohort, starting_at__gt=now, cancelled_at=None)
        own_links = set(coming.values_list("remote_meeting_url", flat=True).distinct())
        if not own_links or "" in own_links:
            yield finding("cohort-without-meeting-url")
