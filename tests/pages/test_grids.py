"""Months and weeks as grids of days (rule V1)."""

import calendar
import datetime

import pytest

from breathecode.pages import grids


@pytest.mark.parametrize("year", [2023, 2024, 2026, 2100])
@pytest.mark.parametrize("month", range(1, 13))
def test_a_month(year, month):
    """V1: whole weeks from Monday, as Python's own calendar has them."""
    expected = [day for week in calendar.Calendar().monthdatescalendar(year, month) for day in week]
    for day in (1, 15, 28):
        assert grids.days_of_month(datetime.date(year, month, day)) == expected


def test_around_a_month():
    """V1: the first of the months before and after, over new year too."""
    day = datetime.date(2026, 12, 31)
    assert grids.next_month(day) == datetime.date(2027, 1, 1)
    assert grids.previous_month(datetime.date(2027, 1, 31)) == datetime.date(2026, 12, 1)


def test_a_full_day():
    """V1: so many entries and no more; the others are counted. Entries of other days are left out."""
    day = datetime.date(2026, 3, 4)
    entries = [day] * 5 + [datetime.date(2026, 5, 1)]
    days = grids.fill(grids.days_of_week(day), entries, day_of=lambda found: found, today=day, most=3)
    assert [(len(cell.entries), cell.more) for cell in days] == [(0, 0), (0, 0), (3, 2), *[(0, 0)] * 4]
    assert [cell.is_today for cell in days].index(True) == 2
