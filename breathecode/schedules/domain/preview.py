"""The occurrences that a time slot would have (rule T6)."""

import dataclasses
import datetime
from collections.abc import Iterator
from itertools import islice

from breathecode.admissions.models import CohortTimeSlot
from breathecode.events.domain.planning import closures_of_cohort, cohort_issue, timetable_of
from breathecode.events.domain.staffing.conflicts import conflicts_of
from breathecode.events.domain.staffing.overlaps import overlaps_between
from breathecode.events.domain.staffing.warnings import sentences
from breathecode.events.models import LiveClass
from breathecode.events.schedule.recurrence import Occurrence, expand

MAX_PREVIEWED = 500  # occurrences


@dataclasses.dataclass(frozen=True, slots=True)
class Preview:
    """The first occurrences, each with the ids of the classes it collides with; the number of all; conflicts (P6)."""

    occurrences: list[tuple[Occurrence, list[int]]]
    total: int
    warnings: list[str]


def preview_time_slot(slot: CohortTimeSlot, *, now: datetime.datetime) -> Preview:
    """The classes that this unsaved slot stands for, past ones and those to come. Writes nothing.

    A slot with the id of a stored one is that slot after an edit: its own classes collide with none of these.
    A cohort in prework is previewed as it will be built once it starts; where a date is missing, or the
    cohort has ended or is deleted, there is nothing to show.
    """
    slot.timezone = slot.timezone or slot.cohort.effective_timezone
    issue = cohort_issue(cohort=slot.cohort, zone=slot.timezone, now=now)
    has_dates = slot.cohort.kickoff_date and (slot.cohort.ending_date or slot.cohort.never_ends)
    if not has_dates or issue not in (None, "cohort-in-prework"):
        return Preview([], 0, [])
    closures = closures_of_cohort(slot.cohort)
    open_days = (o for o in expand(timetable_of(slot, closures=closures, now=now)) if o.closed_by is None)
    shown = list(islice(open_days, MAX_PREVIEWED))
    return Preview(
        occurrences=list(_with_collisions(shown, slot)),
        total=len(shown) + sum(1 for _ in open_days),
        warnings=_warnings(shown, slot, now=now),
    )


def _warnings(shown: list[Occurrence], slot: CohortTimeSlot, *, now: datetime.datetime) -> list[str]:
    """Rule P6: about the classes to come, of those that are shown."""
    times = [(o.starting_at, o.ending_at) for o in shown if o.starting_at > now]
    return sentences(conflicts_of(slot.cohort, times, time_slot_ids=_own(slot)), zone=slot.timezone)


def _own(slot: CohortTimeSlot) -> tuple[int, ...]:
    return (slot.pk,) if slot.pk else ()


def _with_collisions(shown: list[Occurrence], slot: CohortTimeSlot) -> Iterator[tuple[Occurrence, list[int]]]:
    if not shown:
        return
    first = min(occurrence.starting_at for occurrence in shown)
    last = max(occurrence.ending_at for occurrence in shown)
    others = LiveClass.objects.filter(cancelled_at__isnull=True).exclude(cohort_time_slot__in=_own(slot))
    index = overlaps_between(others, slot.cohort_id, first, last)
    for occurrence in shown:
        yield occurrence, index.overlapping(occurrence.starting_at, occurrence.ending_at)
