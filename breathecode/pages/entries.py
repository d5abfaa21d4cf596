"""Classes as the grids of calendars show them."""

import datetime
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from breathecode.common.db.expressions import Interval
from breathecode.events.models import LiveClass
from breathecode.pages.states import State, state_of
from breathecode.pages.times import in_zone

MOST = {"month": 3, "week": 12, "day": 500}  # entries of one day
_COLUMNS = (
    "pk", "title", "cohort__name", "starting_at", "started_at", "ended_at", "cancelled_at", "moved_from",
    "cohort_time_slot__timezone",
)  # fmt: skip


class Entry(NamedTuple):
    """A class in a grid, by `_COLUMNS`."""

    id: int
    own_title: str
    cohort: str
    starting_at: datetime.datetime
    started_at: datetime.datetime | None
    ended_at: datetime.datetime | None
    cancelled_at: datetime.datetime | None
    moved_from: datetime.datetime | None
    zone: str

    @property
    def title(self) -> str:
        return self.own_title or self.cohort

    @property
    def state(self) -> State:
        return state_of(self, now=timezone.now())

    def day_in(self, zone: str) -> datetime.date:
        """The date of its start in this zone, in its own where that is empty."""
        return in_zone(self.starting_at, zone or self.zone).date()


def entries_of(classes: QuerySet[LiveClass]) -> list[Entry]:
    """By start; one query."""
    return [Entry(*row) for row in classes.order_by("starting_at", "id").values_list(*_COLUMNS)]


def first_entries(
    classes: QuerySet[LiveClass], beginnings: Sequence[datetime.datetime], *, most: int
) -> dict[int, tuple[list[Entry], int]]:
    """The first `most` classes of each day, by start, and how many the day has; by the day's place in `beginnings`.

    These are the instants at which the days begin, with the end of the last one at the end. A day without classes is
    not in the dict. One query, which returns only what is shown.
    """
    *days, end = beginnings
    partition: Any = {"partition_by": F("interval")}
    numbered = classes.filter(starting_at__gte=days[0], starting_at__lt=end).annotate(
        interval=Interval("starting_at", beginnings=days),
        place=Window(RowNumber(), order_by=("starting_at", "id"), **partition),
        of_day=Window(Count("*"), **partition),
    )
    shown = numbered.filter(place__lte=most).order_by("starting_at", "id")
    found: dict[int, tuple[list[Entry], int]] = {}
    for *columns, day, number in shown.values_list(*_COLUMNS, "interval", "of_day"):
        found.setdefault(day, ([], number))[0].append(Entry(*columns))
    return found
