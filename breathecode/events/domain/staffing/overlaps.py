"""Which of a cohort's classes are at the same time as another."""

import datetime
from bisect import bisect_left
from collections.abc import Iterable

from django.db.models import QuerySet

from breathecode.events.models import LiveClass


class OverlapIndex:
    """Classes as (start, end, id), sorted by their start: a look-up reads the neighbours of a time alone."""

    def __init__(self, classes: Iterable[tuple[datetime.datetime, datetime.datetime, int]]) -> None:
        self._classes = list(classes)
        self._starts = [start for start, _, _ in self._classes]
        self._longest = max((end - start for start, end, _ in self._classes), default=datetime.timedelta())

    def overlapping(self, starting_at: datetime.datetime, ending_at: datetime.datetime) -> list[int]:
        """The ids of the classes that share some time with it, by id. One that begins as another ends does not."""
        low = bisect_left(self._starts, starting_at - self._longest)
        high = bisect_left(self._starts, ending_at)
        return sorted(pk for _, end, pk in self._classes[low:high] if end > starting_at)


def overlaps_between(
    classes: QuerySet[LiveClass], cohort_id: int, first: datetime.datetime, last: datetime.datetime
) -> OverlapIndex:
    """The index of those of `classes` that are the cohort's and between the two instants; one query."""
    mine = classes.filter(cohort=cohort_id, starting_at__lt=last, ending_at__gt=first)
    return OverlapIndex(mine.order_by("starting_at", "id").values_list("starting_at", "ending_at", "id"))
