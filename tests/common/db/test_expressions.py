"""Expressions that are written for each database by itself."""

from datetime import UTC, datetime, timedelta

import pytest

from breathecode.common.db.expressions import DaysBefore, Interval
from breathecode.events.models import LiveClass

MIDNIGHTS = [datetime(2025, 3, day, tzinfo=UTC) for day in (4, 5, 6)]


@pytest.mark.parametrize(
    ("starting_at", "number"),
    [
        (MIDNIGHTS[0], 0),
        (MIDNIGHTS[1] - timedelta(microseconds=1), 0),
        (MIDNIGHTS[1], 1),
        (MIDNIGHTS[1] + timedelta(microseconds=1), 1),
        (MIDNIGHTS[2], 2),
        (MIDNIGHTS[2] + timedelta(days=400), 2),
    ],
)
@pytest.mark.parametrize("beginnings", [MIDNIGHTS, MIDNIGHTS[:1]])
def test_interval(world, make_class, beginnings, starting_at, number):
    """V4: the number of the interval, whose beginning is part of it; the last one has no end."""
    pk = make_class().pk
    LiveClass.objects.filter(pk=pk).update(starting_at=starting_at, ending_at=starting_at + timedelta(hours=1))
    found = LiveClass.objects.annotate(number=Interval("starting_at", beginnings=beginnings)).get(pk=pk)
    assert found.number == min(number, len(beginnings) - 1)


@pytest.mark.parametrize("microsecond", [0, 1, 999_999])
def test_days_before(world, make_class, microsecond):
    """P6: so many times 24 hours before, to the second; where clocks change in between too."""
    start = datetime(2025, 3, 10, 1, 30, 59, microsecond, tzinfo=UTC)
    pk = make_class().pk
    LiveClass.objects.filter(pk=pk).update(starting_at=start, ending_at=start + timedelta(hours=1))
    found = LiveClass.objects.annotate(before=DaysBefore("starting_at", 2)).get(pk=pk)
    assert abs(found.before - (start - timedelta(days=2))) < timedelta(seconds=1)
