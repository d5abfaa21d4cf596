"""What the schedule of a time slot says now (rules G2, G11, G12, T4, G15): which dates, at which hours, and why none.

A build, a restored class, a preview and the API's `generation.issue` all ask here.
"""

import datetime
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.conf import settings

from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.events.models import LiveClass
from breathecode.events.schedule.kept import WantedSchedule
from breathecode.events.schedule.recurrence import Closure, Frequency, Occurrence, Timetable, expand

_LATENESS = datetime.timedelta(minutes=10)  # of a clock, and of a wait for locks
# While these hold nothing is built, and what there is stays, so that nothing is lost.
SUSPENDING_ISSUES = frozenset({"cohort-in-prework", "cohort-without-kickoff-date", "cohort-without-ending-date"})


def horizon(today: datetime.date) -> datetime.date:
    """How far a cohort that never ends is built (rule G12)."""
    return today + datetime.timedelta(days=settings.GENERATION_HORIZON_DAYS)


def end_of_schedule(slot: CohortTimeSlot) -> datetime.date | None:
    """The last date that the slot applies to, in its own zone (rule G2); None where it goes on and on."""
    ends = [slot.cohort.ending_date] if slot.cohort.ending_date else []
    if slot.removed_at:
        ends.append(slot.removed_at.astimezone(ZoneInfo(slot.timezone)).date())
    return min(ends, default=None)


def built_until(slot: CohortTimeSlot, *, now: datetime.datetime) -> datetime.date | None:
    """How far a build at `now` reaches, where a later one has to go on from there; None where none has (rule G12)."""
    reached = horizon(_today(slot.timezone, now))
    end = end_of_schedule(slot)
    return reached if slot.cohort.never_ends and (end is None or end > reached) else None


def extends_at(slot: CohortTimeSlot, *, now: datetime.datetime) -> datetime.datetime:
    """When what a build at `now` reached is not far enough any more: the next midnight in the slot's zone."""
    tomorrow = _today(slot.timezone, now) + datetime.timedelta(days=1)
    return datetime.datetime.combine(tomorrow, datetime.time(), tzinfo=ZoneInfo(slot.timezone))


def timetable_of(slot: CohortTimeSlot, *, closures: tuple[Closure, ...], now: datetime.datetime) -> Timetable:
    """The slot's schedule in its own zone, within the cohort's dates (rules G2, G12)."""
    kickoff = slot.cohort.kickoff_date
    if kickoff is None:
        raise ValueError("A cohort without a kickoff date has no timetable.")
    end = end_of_schedule(slot)
    last = (
        end if slot.cohort.ending_date and end else min(end or datetime.date.max, horizon(_today(slot.timezone, now)))
    )
    return Timetable(
        zone=ZoneInfo(slot.timezone),
        starting_at=slot.starting_at,
        ending_at=slot.ending_at,
        first=max(kickoff, slot.starts_on or kickoff),
        last=last,
        recurrent=slot.recurrent,
        frequency=Frequency(slot.recurrency_type),
        interval=slot.interval,
        weekdays=tuple(slot.weekdays),
        closures=closures,
    )


def closures_of_cohort(cohort: Cohort) -> tuple[Closure, ...]:
    """The closed dates of the cohort and of its academy (rule G13); no query where the academy's are prefetched."""
    return tuple(
        Closure(holiday.starts_on, holiday.ends_on, holiday.name)
        for holiday in cohort.academy.holidays.all()
        if holiday.cohort_id in (None, cohort.pk)
    )


def cohort_issues(*, cohort: Cohort, zone: str, now: datetime.datetime) -> list[str]:
    """Why no time slot of this cohort gives classes, as slugs, the one that matters most first (rules G11, T4)."""
    reasons = (
        ("cohort-deleted", cohort.stage == Cohort.Stage.DELETED),
        ("cohort-in-prework", cohort.stage == Cohort.Stage.PREWORK),
        ("cohort-without-kickoff-date", cohort.kickoff_date is None),
        ("cohort-without-ending-date", cohort.ending_date is None and not cohort.never_ends),
        ("cohort-ended", cohort.ending_date is not None and cohort.ending_date < _today(zone, now)),
    )
    return [slug for slug, applies in reasons if applies]


def cohort_issue(*, cohort: Cohort, zone: str, now: datetime.datetime) -> str | None:
    """The first of `cohort_issues`; None where some time slot may give classes."""
    return next(iter(cohort_issues(cohort=cohort, zone=zone, now=now)), None)


def schedule_issue(slot: CohortTimeSlot, *, closures: tuple[Closure, ...], now: datetime.datetime) -> str | None:
    """Why the schedule of this time slot gives no classes, as a slug; None where it gives some (rule T4)."""
    if issue := cohort_issue(cohort=slot.cohort, zone=slot.timezone, now=now):
        return issue
    occurrences = expand(timetable_of(slot, closures=closures, now=now))
    first = next(occurrences, None)
    if first is None:  # its first date would be beyond the last one that counts
        return "starts-beyond-the-horizon" if built_until(slot, now=now) else "starts-after-the-end"
    is_open = first.closed_by is None or any(occurrence.closed_by is None for occurrence in occurrences)
    return None if is_open else "only-on-holidays"


def generation_issue(slot: CohortTimeSlot, *, now: datetime.datetime) -> str | None:
    """Rule T4 as staff read it: `schedule_issue`, or that what the schedule gives waits to be built."""
    try:
        issue = schedule_issue(slot, closures=closures_of_cohort(slot.cohort), now=now)
    except (KeyError, ValueError):  # a zone or weekdays that nothing can be built of: its build says so, a list goes on
        return "waits-to-be-built"
    return issue or ("waits-to-be-built" if is_due(slot, now=now) else None)


def is_due(slot: CohortTimeSlot, *, now: datetime.datetime) -> bool:
    """Whether the next sweep builds it: changed, built with older zone data, or not far enough (G9, G12, G16)."""
    return (
        slot.revision != slot.built_revision
        or slot.zone_data_version < settings.TIME_ZONE_DATA_VERSION
        or _ends_short(slot, now)
    )


def _ends_short(slot: CohortTimeSlot, now: datetime.datetime) -> bool:
    try:
        return slot.built_until is not None and slot.built_until < horizon(_today(slot.timezone, now))
    except (KeyError, ValueError):
        return True  # a zone that is unknown here: its own build shall say so, and not stop all others


def is_removed(slot: CohortTimeSlot, *, now: datetime.datetime) -> bool:
    """Whether it gives no class any more (rule T5).

    `now` was read before the locks were waited for, perhaps from the clock of another machine than the one that removed
    the slot. By either, a removal that has been made may seem to lie ahead, and tonight's class would come back.
    """
    return slot.removed_at is not None and slot.removed_at <= now + _LATENESS


def wanted_occurrences(
    slot: CohortTimeSlot, *, closures: tuple[Closure, ...], now: datetime.datetime
) -> Iterable[Occurrence]:
    """The occurrences that the slot has now, closed ones too; none where its cohort has no dates, ended or is deleted.

    A removed slot has no class to come: T5 beats the inclusive last day of G2, and after a removal at noon tonight's
    class must be gone, whatever its hours were. Its past is wanted by a first build alone (G5).
    """
    issue = cohort_issue(cohort=slot.cohort, zone=slot.timezone, now=now)
    if issue not in (None, "cohort-in-prework"):
        return ()
    if not is_removed(slot, now=now):
        return expand(timetable_of(slot, closures=closures, now=now))
    if slot.first_built_at:
        return ()
    occurrences = expand(timetable_of(slot, closures=closures, now=now))
    return (occurrence for occurrence in occurrences if occurrence.starting_at <= now)


def wanted_schedule(slot: CohortTimeSlot, *, closures: tuple[Closure, ...], now: datetime.datetime) -> WantedSchedule:
    """The same by planned date, with the dates that the slot applies to while it gives classes to come."""
    occurrences = wanted_occurrences(slot, closures=closures, now=now)
    issue = cohort_issue(cohort=slot.cohort, zone=slot.timezone, now=now)
    is_over = issue not in (None, "cohort-in-prework") or is_removed(slot, now=now)
    timetable = None if is_over else timetable_of(slot, closures=closures, now=now)
    return WantedSchedule({occurrence.planned_date: occurrence for occurrence in occurrences}, timetable)


def wanted_of_class(live_class: LiveClass, *, now: datetime.datetime) -> Occurrence | None:
    """The occurrence that the schedule has now for the date of a generated class; None where it has none (G15)."""
    slot = live_class.cohort_time_slot
    occurrences = wanted_occurrences(slot, closures=closures_of_cohort(slot.cohort), now=now)
    return next((found for found in occurrences if found.planned_date == live_class.planned_date), None)


def _today(zone: str, now: datetime.datetime) -> datetime.date:
    return now.astimezone(ZoneInfo(zone)).date()
