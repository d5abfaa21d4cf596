"""Months and weeks as grids of days that begin on Monday; how many entries a day shows."""

import dataclasses
import datetime
from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")
DAY = datetime.timedelta(days=1)
VIEWS = ("month", "week", "day")


@dataclasses.dataclass(frozen=True, slots=True)
class GridDay(Generic[T]):
    """`more` is the number of entries that are not shown; `is_outside`: of another month than the grid's."""

    day: datetime.date
    entries: list[T]
    more: int = 0
    is_outside: bool = False
    is_today: bool = False


def days_of(view: str, day: datetime.date) -> list[datetime.date]:
    """What a "month", "week" or "day" shows, where it is to show `day`."""
    if view == "month":
        return days_of_month(day)
    return days_of_week(day) if view == "week" else [day]


def around(view: str, day: datetime.date) -> tuple[datetime.date, datetime.date]:
    """A day of what is before, and one of what is after."""
    if view == "month":
        return previous_month(day), next_month(day)
    step = DAY * (7 if view == "week" else 1)
    return day - step, day + step


def day_of_text(text: str | None, *, otherwise: datetime.date) -> datetime.date:
    """A day of the years that classes can have; `otherwise` for anything else."""
    try:
        found = datetime.date.fromisoformat(text or "")
    except ValueError:
        return otherwise
    return found if 2000 <= found.year < 2200 else otherwise


def instants_around(days: list[datetime.date]) -> tuple[datetime.datetime, datetime.datetime]:
    """From a day before the first to a day after the last, since zones differ from UTC by up to 14 hours."""
    first, last = (datetime.datetime.combine(day, datetime.time(), datetime.UTC) for day in (days[0], days[-1]))
    return first - DAY, last + 2 * DAY


def days_of_week(day: datetime.date) -> list[datetime.date]:
    monday = day - DAY * day.weekday()
    return [monday + DAY * number for number in range(7)]


def days_of_month(day: datetime.date) -> list[datetime.date]:
    """Whole weeks, from the Monday on or before the first to the Sunday on or after the last."""
    first = day.replace(day=1)
    last = next_month(first) - DAY
    monday, sunday = days_of_week(first)[0], days_of_week(last)[-1]
    return [monday + DAY * number for number in range((sunday - monday).days + 1)]


def next_month(day: datetime.date) -> datetime.date:
    """The first of the month after."""
    return (day.replace(day=28) + DAY * 4).replace(day=1)


def previous_month(day: datetime.date) -> datetime.date:
    """The first of the month before."""
    return (day.replace(day=1) - DAY).replace(day=1)


def beginnings_of(days: list[datetime.date], zone: datetime.tzinfo) -> list[datetime.datetime]:
    """The instants in UTC at which the days, one after the other, begin in the zone, and at which the last ends."""
    midnights = (datetime.datetime.combine(day, datetime.time(), zone) for day in (*days, days[-1] + DAY))
    return [midnight.astimezone(datetime.UTC) for midnight in midnights]


def fill(
    days: Iterable[datetime.date],
    entries: Iterable[T],
    *,
    day_of: Callable[[T], datetime.date],
    today: datetime.date,
    month: datetime.date | None = None,
    most: int,
) -> list[GridDay[T]]:
    """Each day with its first `most` entries, in the order that they come in; `month` is None for a week."""
    by_day: dict[datetime.date, list[T]] = {day: [] for day in days}
    for entry in entries:
        if (found := by_day.get(day_of(entry))) is not None:
            found.append(entry)
    shown = {day: (found[:most], len(found)) for day, found in by_day.items()}
    return grid_of(by_day, shown, today=today, month=month)


def grid_of(
    days: Iterable[datetime.date],
    shown: Mapping[datetime.date, tuple[list[T], int]],
    *,
    today: datetime.date,
    month: datetime.date | None = None,
) -> list[GridDay[T]]:
    """Each day with the entries that it shows; `shown` also says how many it has. `month` is None for a week."""
    cells = ((day, *shown.get(day, ([], 0))) for day in days)
    return [
        GridDay(
            day,
            entries,
            more=number - len(entries),
            is_outside=month is not None and day.month != month.month,
            is_today=day == today,
        )
        for day, entries, number in cells
    ]
