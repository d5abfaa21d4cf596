"""What a time slot would give, before it is saved (rule T6)."""

import dataclasses
import datetime
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import islice

from breathecode.admissions.domain.queries import holidays_of_cohort
from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.events.domain.generation import generation_issue, timetable_of
from breathecode.events.models import LiveClass
from breathecode.events.schedule.recurrence import Closure, Occurrence, expand

MOST_PREVIEWED = 500  # occurrences


@dataclasses.dataclass(frozen=True, slots=True)
class Preview:
    """The first occurrences, each with the ids of the classes it collides with, and the number of all."""

    occurrences: list[tuple[Occurrence, list[int]]]
    total: int


def preview_time_slot(slot: CohortTimeSlot, *, now: datetime.datetime) -> Preview:
    """The classes that this unsaved slot stands for, past ones and those to come. Writes nothing.

    A cohort in prework is previewed as it will be built once it starts; where a date is missing, or the
    cohort has ended or is deleted, there is nothing to show.
    """
    slot.timezone = slot.timezone or slot.cohort.effective_timezone
    issue = generation_issue(cohort=slot.cohort, zone=slot.timezone, now=now)
    has_dates = slot.cohort.kickoff_date and (slot.cohort.ending_date or slot.cohort.never_ends)
    if not has_dates or issue not in (None, "cohort-in-prework"):
        return Preview([], 0)
    holidays = holidays_of_cohort(slot.cohort)
    closures = tuple(Closure(holiday.starts_on, holiday.ends_on, holiday.name) for holiday in holidays)
    open_days = (o for o in expand(timetable_of(slot, closures=closures, now=now)) if o.closed_by is None)
    shown = list(islice(open_days, MOST_PREVIEWED))
    return Preview(list(_with_collisions(shown, slot.cohort)), len(shown) + sum(1 for _ in open_days))


def _with_collisions(shown: list[Occurrence], cohort: Cohort) -> Iterator[tuple[Occurrence, list[int]]]:
    if not shown:
        return
    first = min(occurrence.starting_at for occurrence in shown)
    last = max(occurrence.ending_at for occurrence in shown)
    diary = _Diary(_classes_between(cohort, first, last))
    for occurrence in shown:
        yield occurrence, diary.during(occurrence)


def _classes_between(
    cohort: Cohort, first: datetime.datetime, last: datetime.datetime
) -> Iterable[tuple[datetime.datetime, datetime.datetime, int]]:
    classes = LiveClass.objects.filter(cohort_time_slot__cohort=cohort, cancelled_at__isnull=True)
    overlapping = classes.filter(starting_at__lt=last, ending_at__gt=first)
    return overlapping.order_by("starting_at", "id").values_list("starting_at", "ending_at", "id")


class _Diary:
    """Classes by their start: whoever asks for one session looks at its neighbours alone."""

    def __init__(self, classes: Iterable[tuple[datetime.datetime, datetime.datetime, int]]) -> None:
        self._classes = list(classes)
        self._starts = [start for start, _, _ in self._classes]
        self._longest = max((end - start for start, end, _ in self._classes), default=datetime.timedelta())

    def during(self, occurrence: Occurrence) -> list[int]:
        """The ids of the classes that share some time with it, by id. One that begins as another ends does not."""
        low = bisect_left(self._starts, occurrence.starting_at - self._longest)
        high = bisect_left(self._starts, occurrence.ending_at)
        return sorted(pk for _, end, pk in self._classes[low:high] if end > occurrence.starting_at)
