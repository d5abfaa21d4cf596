"""Make-up classes: what they replace, and when they could take place (rule P5)."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from heapq import nsmallest
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import F, Q
from django.utils import timezone

from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.common.ids import MAX_ID
from breathecode.events import errors
from breathecode.events.domain.planning import closures_of_cohort
from breathecode.events.domain.staffing.conflicts import Times, conflicts_of, conflicts_of_class
from breathecode.events.domain.staffing.overlaps import OverlapIndex, overlaps_between
from breathecode.events.domain.staffing.substitutes import possible_teachers_of_academy
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
    if not 0 < replaced_id <= MAX_ID or not cancelled.filter(pk=replaced_id).exists():
        raise errors.NotCancelled
    if LiveClass.objects.filter(replaces=replaced_id).exists():
        raise errors.AlreadyReplaced
    mark_link_changed(replaced_id)


def mark_link_changed(replaced_id: int | None) -> None:
    """Calendars show the link from the replaced class to its make-up class, so its event has changed too (rule I3)."""
    if replaced_id is not None:
        LiveClass.objects.filter(pk=replaced_id).update(sequence=F("sequence") + 1, updated_at=timezone.now())


def create_makeups(chosen: Sequence[tuple[LiveClass, Times]]) -> list[LiveClass]:
    """A make-up class for each of these cancelled classes of one cohort, whose lock the caller holds.

    Each has the title, the link and the substitute of the class that it replaces; not a substitute who may no longer
    teach. Three statements, however many, and one where there are substitutes. The caller has checked that they are
    cancelled, not replaced yet, and that the cohort is free at these moments.
    """
    may_teach = _who_may_teach([missed for missed, _times in chosen])
    made = LiveClass.objects.bulk_create(
        LiveClass(
            cohort_time_slot=missed.cohort_time_slot,
            cohort=missed.cohort,
            academy_id=missed.academy_id,
            starting_at=starting_at,
            ending_at=ending_at,
            title=missed.title,
            remote_meeting_url=missed.remote_meeting_url,
            teacher_id=missed.teacher_id if missed.teacher_id in may_teach else None,
            replaces=missed,
        )
        for missed, (starting_at, ending_at) in chosen
    )
    replaced = LiveClass.objects.filter(pk__in=[missed.pk for missed, _times in chosen])
    replaced.update(sequence=F("sequence") + 1, updated_at=timezone.now())  # see `mark_link_changed`
    return made


def _who_may_teach(classes: Sequence[LiveClass]) -> set[int]:
    """Of the substitutes of these classes of one academy, those who may teach there still."""
    substitutes = {live_class.teacher_id for live_class in classes if live_class.teacher_id is not None}
    if not substitutes:
        return set()
    teachers = possible_teachers_of_academy(classes[0].cohort.academy_id).filter(pk__in=substitutes)
    return set(teachers.values_list("pk", flat=True))


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
    return makeup_moments_of_cohort([live_class], now=now)[live_class.pk]


def makeup_moments_of_cohort(classes: Sequence[LiveClass], *, now: datetime.datetime) -> dict[int, list[Times]]:
    """The moments of each of these classes of one cohort, by id; none that overlaps with a moment of one before it.

    As many statements as for one class, and one for each class with a substitute.
    """
    cohort = classes[0].cohort
    slots, closures = _slots(classes), closures_of_cohort(cohort)
    candidates = {c.pk: set(_candidates(c, _usual_slots(slots, c), closures=closures, now=now)) for c in classes}
    open_ = _without_conflicts(cohort, set().union(*candidates.values()))
    proposed: dict[int, list[Times]] = {}
    for live_class in classes:
        free = _free_for_substitute(live_class, candidates[live_class.pk] & open_)
        taken = [moment for moments in proposed.values() for moment in moments]
        free = {found for found in free if not any(_overlap(found.times, moment) for moment in taken)}
        proposed[live_class.pk] = [found.times for found in nsmallest(PROPOSED, free)]
    return proposed


def _without_conflicts(cohort: Cohort, candidates: set[_Candidate]) -> set[_Candidate]:
    """Those at which neither the cohort nor one of its teachers and students has a class."""
    if not candidates:
        return candidates
    index = _classes_of_cohort(cohort, candidates)
    open_ = {candidate for candidate in candidates if not index.overlapping(*candidate.times)}
    conflicts = conflicts_of(cohort, sorted({candidate.times for candidate in open_}))
    taken = {moment for conflict in conflicts for moment in conflict.times}
    return {candidate for candidate in open_ if candidate.times not in taken}


def _free_for_substitute(live_class: LiveClass, candidates: set[_Candidate]) -> set[_Candidate]:
    if live_class.teacher_id is None or not candidates:
        return candidates
    conflicts = conflicts_of_class(live_class, sorted({candidate.times for candidate in candidates}))
    taken = {moment for conflict in conflicts for moment in conflict.times}
    return {candidate for candidate in candidates if candidate.times not in taken}


def _overlap(one: Times, other: Times) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _classes_of_cohort(cohort: Cohort, candidates: Iterable[_Candidate]) -> OverlapIndex:
    """Of all its classes, cancelled ones and those to make up for too, around the candidates."""
    times = [candidate.times for candidate in candidates]
    first, last = min(start for start, _ in times), max(end for _, end in times)
    return overlaps_between(LiveClass.objects.all(), cohort.pk, first, last)


def _candidates(
    live_class: LiveClass, slots: Iterable[CohortTimeSlot], *, closures: tuple[Closure, ...], now: datetime.datetime
) -> Iterator[_Candidate]:
    """The usual hours of each day from now on, in each time slot's zone; none on a holiday or before the kickoff."""
    length = live_class.ending_at - live_class.starting_at
    for slot in slots:
        weekdays = _usual_weekdays(slot)
        for occurrence in _every_day(slot, closures, now):
            if occurrence.closed_by is None and now < occurrence.starting_at <= now + RANGE:
                is_unusual = WEEKDAYS[occurrence.planned_date.weekday()] not in weekdays
                yield _Candidate(is_unusual, (occurrence.starting_at, occurrence.starting_at + length))


def _slots(classes: Sequence[LiveClass]) -> list[CohortTimeSlot]:
    """The time slots of the classes' cohort, and their own, which may have been removed."""
    cohort, own = classes[0].cohort, {live_class.cohort_time_slot_id for live_class in classes}
    slots = CohortTimeSlot.objects.filter(cohort=cohort).filter(Q(removed_at=None) | Q(pk__in=own))
    found = list(slots.order_by("pk"))
    for slot in found:
        slot.cohort = cohort
    return found


def _usual_slots(slots: Iterable[CohortTimeSlot], live_class: LiveClass) -> list[CohortTimeSlot]:
    """Those of the cohort; where all were removed, the class's own."""
    kept = [slot for slot in slots if slot.removed_at is None]
    return kept or [slot for slot in slots if slot.pk == live_class.cohort_time_slot_id]


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
