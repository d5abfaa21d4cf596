"""Make-up classes: what they replace, and when they could take place (rule P5)."""

import datetime
from collections.abc import Iterable, Iterator
from heapq import nsmallest
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import F, Q
from django.utils import timezone

from breathecode.admissions.models import CohortTimeSlot
from breathecode.events import errors
from breathecode.events.domain.planning import closures_of_cohort
from breathecode.events.domain.staffing.conflicts import Times, conflicts_of, conflicts_of_class
from breathecode.events.domain.staffing.overlaps import OverlapIndex, overlaps_between
from breathecode.events.models import LiveClass
from breathecode.events.schedule.recurrence import WEEKDAYS, Closure, Frequency, Occurrence, Timetable, expand

PROPOSED = 3  # moments
RANGE = datetime.timedelta(days=28)


def link_to_replaced_class(replaced_id: int | None, *, cohort_id: int) -> None:
    """For a make-up class that is about to be made, under the cohort's lock; None: it replaces nothing.

    Raises `not-cancelled` unless it is a cancelled class of the cohort, `already-replaced`.
    """
    if replaced_id is None:
        return
    cancelled = LiveClass.objects.filter(cohort=cohort_id, cancelled_at__isnull=False)
    if not 0 < replaced_id < 2**63 or not cancelled.filter(pk=replaced_id).exists():
        raise errors.NotCancelled
    if LiveClass.objects.filter(replaces=replaced_id).exists():
        raise errors.AlreadyReplaced
    mark_link_changed(replaced_id)


def mark_link_changed(replaced_id: int | None) -> None:
    """Calendars show the link from the replaced class to its make-up class, so its event has changed too (rule I3)."""
    if replaced_id is not None:
        LiveClass.objects.filter(pk=replaced_id).update(sequence=F("sequence") + 1, updated_at=timezone.now())


class _Candidate(NamedTuple):
    """A possible moment. In this order: on a usual weekday of the cohort first, then the earliest."""

    is_unusual_weekday: bool
    times: Times


def makeup_moments(live_class: LiveClass, *, now: datetime.datetime) -> list[Times]:
    """Up to three moments for a class of this length, the usual weekdays first, then by time (rule P5).

    They begin within 28 days at an hour at which a time slot of the cohort does. At none of them has the cohort a class
    (a cancelled one neither: there was a reason for it), a holiday, or one of the users concerned another class: its
    teachers, its active students, and the substitute of this class. Five statements, or six; reads cohort and academy.
    """
    cohort = live_class.cohort
    candidates = list(_candidates(live_class, closures=closures_of_cohort(cohort), now=now))
    if not candidates:
        return []
    index = _classes_of_cohort(live_class, candidates)
    open_ = [candidate for candidate in candidates if not index.overlapping(*candidate.times)]
    times = [candidate.times for candidate in open_]
    conflicts = conflicts_of(cohort, times)
    if times and live_class.teacher_id is not None:
        conflicts += conflicts_of_class(live_class, times)
    taken = {moment for conflict in conflicts for moment in conflict.times}
    return [found.times for found in nsmallest(PROPOSED, {found for found in open_ if found.times not in taken})]


def _classes_of_cohort(live_class: LiveClass, candidates: Iterable[_Candidate]) -> OverlapIndex:
    """Of all its classes, cancelled ones and this one too, around the candidates."""
    times = [candidate.times for candidate in candidates]
    first, last = min(start for start, _ in times), max(end for _, end in times)
    return overlaps_between(LiveClass.objects.all(), live_class.cohort_id, first, last)


def _candidates(
    live_class: LiveClass, *, closures: tuple[Closure, ...], now: datetime.datetime
) -> Iterator[_Candidate]:
    """The usual hours of each day from now on, in each time slot's zone; none on a holiday or before the kickoff."""
    length = live_class.ending_at - live_class.starting_at
    for slot in _usual_slots(live_class):
        weekdays = _usual_weekdays(slot)
        for occurrence in _every_day(slot, closures, now):
            if occurrence.closed_by is None and now < occurrence.starting_at <= now + RANGE:
                is_unusual = WEEKDAYS[occurrence.planned_date.weekday()] not in weekdays
                yield _Candidate(is_unusual, (occurrence.starting_at, occurrence.starting_at + length))


def _usual_slots(live_class: LiveClass) -> list[CohortTimeSlot]:
    """The cohort's time slots, and the class's own, which may have been removed."""
    slots = CohortTimeSlot.objects.filter(cohort=live_class.cohort_id)
    found = list(slots.filter(Q(removed_at=None) | Q(pk=live_class.cohort_time_slot_id)).order_by("pk"))
    for slot in found:
        slot.cohort = live_class.cohort
    return [slot for slot in found if slot.removed_at is None] or found


def _usual_weekdays(slot: CohortTimeSlot) -> frozenset[str]:
    """Those of its schedule; none where its dates follow from the month, or where it has one date only."""
    if not slot.recurrent or slot.recurrency_type == Frequency.MONTHLY:
        return frozenset()
    if slot.recurrency_type == Frequency.DAILY:
        return frozenset(WEEKDAYS)
    anchor = slot.starts_on or slot.cohort.kickoff_date
    return frozenset(slot.weekdays or ([WEEKDAYS[anchor.weekday()]] if anchor else []))


def _every_day(slot: CohortTimeSlot, closures: tuple[Closure, ...], now: datetime.datetime) -> Iterator[Occurrence]:
    """The slot's hours on each day of the range, as a build would have them there (rule G1)."""
    try:
        zone = ZoneInfo(slot.timezone)
    except (KeyError, ValueError):  # unknown here: its build says so
        return iter(())
    first = now.astimezone(zone).date()
    last = first + RANGE
    begins = max(first, slot.starts_on or first, slot.cohort.kickoff_date or first)
    return expand(
        Timetable(zone, slot.starting_at, slot.ending_at, begins, last, frequency=Frequency.DAILY, closures=closures)
    )
