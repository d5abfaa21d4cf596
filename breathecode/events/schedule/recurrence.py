"""When the classes of a time slot take place (rules G1 to G4, G13 and T3 of the contract).

A `Timetable` is the template, an `Occurrence` one dated session of it. Days are picked on the calendar first
and turned into instants last, each on its own, so that the wall clock never drifts over a change of daylight
saving time.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice
from zoneinfo import ZoneInfo

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")  # RFC 5545 names; the index is `date.weekday()`


class Frequency(StrEnum):
    """The unit that `Timetable.interval` counts in."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


@dataclass(frozen=True, slots=True)
class Closure:
    """Days without class, `starts_on` and `ends_on` included (G13)."""

    starts_on: date
    ends_on: date
    name: str


@dataclass(frozen=True, slots=True)
class Timetable:
    """A time slot and the dates it applies to; dates are counted in `zone`.

    `starting_at` and `ending_at` are HHMM as an integer (1430 is half past two); an `ending_at` smaller than
    `starting_at` is on the next day. `first` is the anchor that days, weeks and months count from (G2, T3),
    `last` is included. `weekdays` belong to WEEKLY alone; without any, it is the weekday of `first`.

    Raises ValueError for what no class can be made of: an hour that no clock shows, an empty slot, an
    interval below 1 or an unknown weekday.
    """

    zone: ZoneInfo
    starting_at: int
    ending_at: int
    first: date
    last: date
    recurrent: bool = True
    frequency: Frequency = Frequency.WEEKLY
    interval: int = 1
    weekdays: tuple[str, ...] = ()
    closures: tuple[Closure, ...] = ()

    def __post_init__(self) -> None:
        if _clock(self.starting_at) == _clock(self.ending_at):
            raise ValueError(f"a slot from {self.starting_at} to {self.ending_at} is empty")
        if self.interval < 1:
            raise ValueError(f"interval must be at least 1, not {self.interval}")
        if unknown := set(self.weekdays).difference(WEEKDAYS):
            raise ValueError(f"unknown weekdays: {', '.join(sorted(unknown))}")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One session: its name within the slot (`planned_date`, G6) and its two instants, in UTC.

    `planned_date` is the day that the calendar asked for; where a gap swallows that hour, the session may
    start on the next. `closed_by` is the name of the first closure that holds `planned_date` (G13).
    """

    planned_date: date
    starting_at: datetime
    ending_at: datetime
    closed_by: str | None = None


def expand(timetable: Timetable) -> Iterator[Occurrence]:
    """Yield the occurrences of `timetable`, by planned date (G1 to G4, G13, T3).

    Nothing where `last` is before `first`. A session that leaves the years 1 to 9999 in UTC is left out.
    """
    hours = _Hours.of(timetable)
    closures = _closures_within(timetable)
    for day in _planned_dates(timetable):
        try:
            starting_at, ending_at = hours.on(day)
        except OverflowError:
            continue
        yield Occurrence(day, starting_at, ending_at, _closed_by(closures, day))


def _planned_dates(timetable: Timetable) -> Iterator[date]:
    days = _RECURRENCES[timetable.frequency](timetable)
    return days if timetable.recurrent else islice(days, 1)  # G4


# Days are counted as ordinals and months as numbers since year 0: plain integers do not overflow at date.max.


def _daily(timetable: Timetable) -> Iterator[date]:
    ordinals = range(timetable.first.toordinal(), timetable.last.toordinal() + 1, timetable.interval)
    return map(date.fromordinal, ordinals)


def _weekly(timetable: Timetable) -> Iterator[date]:
    first, last = timetable.first.toordinal(), timetable.last.toordinal()
    monday = first - timetable.first.weekday()  # WKST=MO; may be before date.min
    offsets = _weekday_offsets(timetable)
    for week in range(monday, last + 1, 7 * timetable.interval):
        for offset in offsets:
            if first <= week + offset <= last:
                yield date.fromordinal(week + offset)


def _weekday_offsets(timetable: Timetable) -> list[int]:
    if not timetable.weekdays:
        return [timetable.first.weekday()]
    return sorted({WEEKDAYS.index(name) for name in timetable.weekdays})


def _monthly(timetable: Timetable) -> Iterator[date]:
    # Each month counts from the anchor, not from the month before: 28 Feb must not make 31 Mar 28 Mar (G3).
    anchor = timetable.first
    for month in range(_month_number(anchor), _month_number(timetable.last) + 1, timetable.interval):
        day = _day_or_month_end(month, anchor.day)
        if day <= timetable.last:
            yield day


def count_dates(timetable: Timetable) -> int:
    """How many occurrences `expand` yields, closed ones too, without expanding anything (rule T7)."""
    count = _COUNTS[timetable.frequency](timetable)
    return count if timetable.recurrent else min(count, 1)


def _count_days(timetable: Timetable) -> int:
    return len(range(timetable.first.toordinal(), timetable.last.toordinal() + 1, timetable.interval))


def _count_weeks(timetable: Timetable) -> int:
    first, last = timetable.first.toordinal(), timetable.last.toordinal()
    monday = first - timetable.first.weekday()
    days = (range(monday + offset, last + 1, 7 * timetable.interval) for offset in _weekday_offsets(timetable))
    # Each weekday of the first week that lies before the first date is one too many.
    return sum(len(range_) - (len(range_) > 0 and range_[0] < first) for range_ in days)


def _count_months(timetable: Timetable) -> int:
    first, last = timetable.first, timetable.last
    months = range(_month_number(first), _month_number(last) + 1, timetable.interval)
    return len(months) - (len(months) > 0 and _day_or_month_end(months[-1], first.day) > last)


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _day_or_month_end(month_number: int, day: int) -> date:
    year, month0 = divmod(month_number, 12)
    return date(year, month0 + 1, min(day, monthrange(year, month0 + 1)[1]))


_RECURRENCES = {Frequency.DAILY: _daily, Frequency.WEEKLY: _weekly, Frequency.MONTHLY: _monthly}
_COUNTS = {Frequency.DAILY: _count_days, Frequency.WEEKLY: _count_weeks, Frequency.MONTHLY: _count_months}


@dataclass(frozen=True, slots=True)
class _Hours:
    """The hours of a slot on the wall clock; `length` is what that clock shows between them."""

    start: time
    end: time
    overnight: bool
    length: timedelta

    @classmethod
    def of(cls, timetable: Timetable) -> _Hours:
        start, end = _clock(timetable.starting_at), _clock(timetable.ending_at)
        overnight = end < start
        length = _since_midnight(end) - _since_midnight(start) + timedelta(days=overnight)
        zone = timetable.zone
        return cls(start.replace(tzinfo=zone), end.replace(tzinfo=zone), overnight, length)

    def on(self, day: date) -> tuple[datetime, datetime]:
        """The instants in UTC of the session that starts on `day` (G1).

        Raises OverflowError where one of them, or the next day, leaves the years 1 to 9999.
        """
        # With fold=0 the zone counts a time in a gap by the offset before it, which is the time moved forward
        # by the gap, and a time that exists twice by the first of its offsets. A change may lie between start
        # and end, so neither can be had from the other.
        starting_at = datetime.combine(day, self.start).astimezone(UTC)
        end_day = day + _ONE_DAY if self.overnight else day
        ending_at = datetime.combine(end_day, self.end).astimezone(UTC)
        if ending_at <= starting_at:  # a gap moved the start up to the end or over it
            ending_at = starting_at + self.length
        return starting_at, ending_at


_ONE_DAY = timedelta(days=1)


def _clock(hhmm: int) -> time:
    return time(hhmm // 100, hhmm % 100)


def _since_midnight(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute)


def _closures_within(timetable: Timetable) -> tuple[Closure, ...]:
    # An academy keeps the holidays of all its years, a timetable meets few of them.
    return tuple(
        closure
        for closure in timetable.closures
        if closure.starts_on <= timetable.last and timetable.first <= closure.ends_on
    )


def _closed_by(closures: tuple[Closure, ...], day: date) -> str | None:
    for closure in closures:
        if closure.starts_on <= day <= closure.ends_on:
            return closure.name
    return None
