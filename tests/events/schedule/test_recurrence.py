"""When classes take place: tables of cases, each worked out by hand."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest

from breathecode.events.schedule.recurrence import WEEKDAYS, Closure, Frequency, Occurrence, Timetable, expand

NEW_YORK = ZoneInfo("America/New_York")
DAILY, WEEKLY, MONTHLY = Frequency.DAILY, Frequency.WEEKLY, Frequency.MONTHLY


def timetable(first: str, last: str, **changes) -> Timetable:
    fields: dict[str, Any] = {"zone": NEW_YORK, "starting_at": 1400, "ending_at": 1600} | changes
    return Timetable(first=date.fromisoformat(first), last=date.fromisoformat(last), **fields)


def planned(table: Timetable) -> list[str]:
    return [str(occurrence.planned_date) for occurrence in expand(table)]


def session(zone: str, day: str, hours: str) -> Occurrence:
    """The one class of a slot such as "2300-0100" on one day."""
    start, end = hours.split("-")
    table = timetable(day, day, zone=ZoneInfo(zone), starting_at=int(start), ending_at=int(end))
    (occurrence,) = expand(table)
    return occurrence


def in_utc(occurrence: Occurrence) -> str:
    return f"{occurrence.starting_at:%Y-%m-%d %H:%M} - {occurrence.ending_at:%d %H:%M}"


class TestTheDocumentsExample:
    """Kickoff 2025-01-15, ending 2025-06-30, Wednesdays 1400 to 1600 in New York."""

    classes = tuple(expand(timetable("2025-01-15", "2025-06-30")))

    def test_number_and_days(self):
        """G2: the kickoff counts itself, and every Wednesday up to the ending date follows."""
        days = [occurrence.planned_date for occurrence in self.classes]
        assert days == [date(2025, 1, 15) + timedelta(weeks=n) for n in range(24)]
        assert days[-1] == date(2025, 6, 25)
        assert {day.weekday() for day in days} == {WEEKDAYS.index("WE")}

    def test_wall_clock_over_the_change_of_9_march(self):
        """G1: 14:00 to 16:00 in New York before and after daylight saving time begins."""
        local = {
            (c.starting_at.astimezone(NEW_YORK).time(), c.ending_at.astimezone(NEW_YORK).time()) for c in self.classes
        }
        assert local == {(time(14), time(16))}
        starts = {c.planned_date: c.starting_at for c in self.classes}
        assert starts[date(2025, 3, 5)] == datetime(2025, 3, 5, 19, tzinfo=UTC)
        assert starts[date(2025, 3, 12)] == datetime(2025, 3, 12, 18, tzinfo=UTC)

    def test_times_are_utc(self):
        """G1: the instants are aware and in UTC, whatever the slot's zone."""
        assert {t.tzinfo for c in self.classes for t in (c.starting_at, c.ending_at)} == {UTC}


@pytest.mark.parametrize(
    ("zone", "day", "hours", "expected"),
    [
        # New York, 9 March 2025: 02:00 becomes 03:00 at 07:00 UTC.
        ("America/New_York", "2025-03-09", "0130-0400", "2025-03-09 06:30 - 09 08:00"),
        ("America/New_York", "2025-03-09", "0230-0400", "2025-03-09 07:30 - 09 08:00"),
        ("America/New_York", "2025-03-09", "0130-0230", "2025-03-09 06:30 - 09 07:30"),
        ("America/New_York", "2025-03-09", "0210-0250", "2025-03-09 07:10 - 09 07:50"),
        ("America/New_York", "2025-03-09", "0300-0400", "2025-03-09 07:00 - 09 08:00"),
        ("America/New_York", "2025-03-08", "2300-0230", "2025-03-09 04:00 - 09 07:30"),
        # Madrid, 30 March 2025: 02:00 becomes 03:00 at 01:00 UTC.
        ("Europe/Madrid", "2025-03-30", "0215-0430", "2025-03-30 01:15 - 30 02:30"),
        # Santiago, 7 September 2025: midnight itself becomes 01:00 at 04:00 UTC.
        ("America/Santiago", "2025-09-07", "0000-0200", "2025-09-07 04:00 - 07 05:00"),
        ("America/Santiago", "2025-09-07", "0015-0045", "2025-09-07 04:15 - 07 04:45"),
        ("America/Santiago", "2025-09-06", "2300-0030", "2025-09-07 03:00 - 07 04:30"),
        # Lord Howe, 5 October 2025: 02:00 becomes 02:30 at 15:30 UTC of the day before.
        ("Australia/Lord_Howe", "2025-10-05", "0215-0400", "2025-10-04 15:45 - 04 17:00"),
        # Apia had no 30 December 2011: from -10 to +14 at the end of the 29th.
        ("Pacific/Apia", "2011-12-29", "1400-1600", "2011-12-30 00:00 - 30 02:00"),
        ("Pacific/Apia", "2011-12-30", "1400-1600", "2011-12-31 00:00 - 31 02:00"),
        ("Pacific/Apia", "2011-12-29", "2300-0100", "2011-12-30 09:00 - 30 11:00"),
    ],
)
def test_a_time_that_does_not_exist(zone, day, hours, expected):
    """G1: it moves forward by the gap, start and end each on its own."""
    assert in_utc(session(zone, day, hours)) == expected


@pytest.mark.parametrize(
    ("zone", "day", "hours", "expected"),
    [
        ("America/New_York", "2025-03-09", "0200-0300", "2025-03-09 07:00 - 09 08:00"),
        ("America/New_York", "2025-03-09", "0230-0315", "2025-03-09 07:30 - 09 08:15"),
        ("America/Santiago", "2025-09-07", "0030-0100", "2025-09-07 04:30 - 07 05:00"),
        ("Australia/Lord_Howe", "2025-10-05", "0200-0230", "2025-10-04 15:30 - 04 16:00"),
        ("Pacific/Apia", "2011-12-30", "2300-0100", "2011-12-31 09:00 - 31 11:00"),
    ],
)
def test_an_end_that_the_gap_leaves_behind(zone, day, hours, expected):
    """G1: an end that is no longer after the start is the start plus the slot's length."""
    assert in_utc(session(zone, day, hours)) == expected


@pytest.mark.parametrize(
    ("zone", "day", "hours", "expected"),
    [
        # New York, 2 November 2025: 02:00 becomes 01:00 at 06:00 UTC.
        ("America/New_York", "2025-11-02", "0130-0300", "2025-11-02 05:30 - 02 08:00"),
        ("America/New_York", "2025-11-02", "0030-0130", "2025-11-02 04:30 - 02 05:30"),
        ("America/New_York", "2025-11-02", "0100-0159", "2025-11-02 05:00 - 02 05:59"),
        ("America/New_York", "2025-11-01", "2300-0130", "2025-11-02 03:00 - 02 05:30"),
        # Madrid, 26 October 2025: 03:00 becomes 02:00 at 01:00 UTC.
        ("Europe/Madrid", "2025-10-26", "0230-0330", "2025-10-26 00:30 - 26 02:30"),
        # Santiago, 5 April 2025: midnight becomes 23:00 of the same day at 03:00 UTC.
        ("America/Santiago", "2025-04-05", "2330-0100", "2025-04-06 02:30 - 06 05:00"),
        # Lord Howe, 6 April 2025: 02:00 becomes 01:30 at 15:00 UTC of the day before.
        ("Australia/Lord_Howe", "2025-04-06", "0145-0215", "2025-04-05 14:45 - 05 15:45"),
    ],
)
def test_a_time_that_exists_twice(zone, day, hours, expected):
    """G1: it is the first of the two."""
    assert in_utc(session(zone, day, hours)) == expected


@pytest.mark.parametrize(
    ("zone", "day", "hours", "expected"),
    [
        ("UTC", "2025-05-05", "2300-0100", "2025-05-05 23:00 - 06 01:00"),
        ("Asia/Tokyo", "2025-12-31", "2300-0100", "2025-12-31 14:00 - 31 16:00"),
        ("America/New_York", "2025-05-05", "2300-0100", "2025-05-06 03:00 - 06 05:00"),
        ("America/New_York", "2025-05-05", "1400-0000", "2025-05-05 18:00 - 06 04:00"),
        ("UTC", "2024-02-28", "0001-0000", "2024-02-28 00:01 - 29 00:00"),
    ],
)
def test_overnight(zone, day, hours, expected):
    """T2: an end smaller than the start is on the next day, and the planned date is the day of the start."""
    occurrence = session(zone, day, hours)
    assert in_utc(occurrence) == expected
    assert str(occurrence.planned_date) == day


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2025-01-15", "2025-01-15", ["2025-01-15"]),
        ("2025-01-15", "2025-01-21", ["2025-01-15"]),
        ("2025-01-15", "2025-01-22", ["2025-01-15", "2025-01-22"]),
        ("2025-01-15", "2025-01-14", []),
        ("2025-01-15", "2024-01-15", []),
    ],
)
def test_both_ends_count(first, last, expected):
    """G2: the first and the last date are included; a last before the first leaves nothing."""
    assert planned(timetable(first, last)) == expected


@pytest.mark.parametrize("frequency", Frequency)
def test_a_range_that_is_empty(frequency):
    """G2: no frequency makes a class where the last date is before the first."""
    assert planned(timetable("2025-03-31", "2025-03-30", frequency=frequency)) == []


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        (1, ["2025-02-27", "2025-02-28", "2025-03-01", "2025-03-02", "2025-03-03", "2025-03-04"]),
        (2, ["2025-02-27", "2025-03-01", "2025-03-03"]),
        (5, ["2025-02-27", "2025-03-04"]),
        (52, ["2025-02-27"]),
    ],
)
def test_daily(interval, expected):
    """T3: every n days, counted from the first date."""
    assert planned(timetable("2025-02-27", "2025-03-04", frequency=DAILY, interval=interval)) == expected


@pytest.mark.parametrize("frequency", [DAILY, MONTHLY])
def test_weekdays_belong_to_weekly(frequency):
    """T3: weekdays change nothing where the slot is not weekly."""
    plain = timetable("2025-01-15", "2025-06-30", frequency=frequency)
    with_days = timetable("2025-01-15", "2025-06-30", frequency=frequency, weekdays=("MO",))
    assert planned(with_days) == planned(plain)


@pytest.mark.parametrize(
    ("first", "weekdays", "interval", "expected"),
    [
        # 2025-01-15 is a Wednesday; its week began on Monday the 13th.
        ("2025-01-15", (), 2, ["15", "29"]),
        ("2025-01-15", ("MO", "WE"), 1, ["15", "20", "22", "27", "29"]),
        ("2025-01-15", ("MO", "WE"), 2, ["15", "27", "29"]),
        ("2025-01-15", ("SU", "MO"), 2, ["19", "27"]),
        ("2025-01-15", ("TU",), 2, ["28"]),
        ("2025-01-15", ("TU",), 3, []),
        ("2025-01-13", ("SU",), 2, ["19"]),
        ("2025-01-19", ("MO", "SU"), 2, ["19", "27"]),
        ("2025-01-15", ("FR", "WE", "FR"), 2, ["15", "17", "29", "31"]),
        ("2025-01-25", WEEKDAYS, 1, ["25", "26", "27", "28", "29", "30", "31"]),
    ],
)
def test_weekly(first, weekdays, interval, expected):
    """T3: weeks begin on Monday and count from the week of the first date; its earlier days are left out."""
    table = timetable(first, "2025-01-31", weekdays=weekdays, interval=interval)
    assert [day[-2:] for day in planned(table)] == expected


@pytest.mark.parametrize(
    ("first", "last", "interval", "expected"),
    [
        ("2025-01-31", "2025-05-31", 1, ["01-31", "02-28", "03-31", "04-30", "05-31"]),
        ("2024-01-31", "2024-03-31", 1, ["01-31", "02-29", "03-31"]),
        ("2024-01-30", "2024-03-31", 1, ["01-30", "02-29", "03-30"]),
        ("2025-01-29", "2025-03-31", 1, ["01-29", "02-28", "03-29"]),
        ("2025-02-28", "2025-04-30", 1, ["02-28", "03-28", "04-28"]),
        ("2025-01-31", "2025-03-30", 1, ["01-31", "02-28"]),
        ("2025-10-15", "2026-02-15", 2, ["10-15", "12-15", "02-15"]),
        ("2025-08-31", "2026-09-01", 3, ["08-31", "11-30", "02-28", "05-31", "08-31"]),
        ("2024-02-29", "2026-02-28", 12, ["02-29", "02-28", "02-28"]),
    ],
)
def test_monthly(first, last, interval, expected):
    """G3: the last day of a month that lacks the day, and back to the day afterwards."""
    table = timetable(first, last, frequency=MONTHLY, interval=interval)
    assert [day[5:] for day in planned(table)] == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"frequency": DAILY}, ["2025-01-15"]),
        ({"frequency": WEEKLY}, ["2025-01-15"]),
        ({"frequency": MONTHLY}, ["2025-01-15"]),
        ({"weekdays": ("MO", "TU")}, ["2025-01-20"]),
        ({"weekdays": ("MO",), "interval": 2}, ["2025-01-27"]),
    ],
)
def test_not_recurrent(changes, expected):
    """G4: the first occurrence alone, on the first date that the weekdays allow."""
    assert planned(timetable("2025-01-15", "2025-06-30", recurrent=False, **changes)) == expected


def test_not_recurrent_on_a_closed_day():
    """G4, G13: a closed day does not push the only class to a later one."""
    closure = Closure(date(2025, 1, 15), date(2025, 1, 15), "Snow")
    table = timetable("2025-01-15", "2025-06-30", recurrent=False, closures=(closure,))
    assert [(str(o.planned_date), o.closed_by) for o in expand(table)] == [("2025-01-15", "Snow")]


def closed_days(*closures: Closure, **changes) -> dict[int, str]:
    table = timetable("2025-12-20", "2025-12-31", frequency=DAILY, closures=closures, **changes)
    return {o.planned_date.day: o.closed_by for o in expand(table) if o.closed_by is not None}


CHRISTMAS = Closure(date(2025, 12, 24), date(2025, 12, 26), "Christmas")
BREAK = Closure(date(2025, 12, 26), date(2025, 12, 28), "Winter break")


@pytest.mark.parametrize(
    ("closures", "expected"),
    [
        ((), {}),
        ((CHRISTMAS,), dict.fromkeys((24, 25, 26), "Christmas")),
        (
            (CHRISTMAS, BREAK),
            dict.fromkeys((24, 25, 26), "Christmas") | dict.fromkeys((27, 28), "Winter break"),
        ),
        (
            (BREAK, CHRISTMAS),
            dict.fromkeys((26, 27, 28), "Winter break") | dict.fromkeys((24, 25), "Christmas"),
        ),
        ((Closure(date(2025, 12, 1), date(2025, 12, 20), "Early"),), {20: "Early"}),
        ((Closure(date(2025, 12, 31), date(2026, 1, 6), "Late"),), {31: "Late"}),
        ((Closure(date(2024, 12, 24), date(2024, 12, 26), "Last year"),), {}),
        ((Closure(date.min, date.max, "Always"),), dict.fromkeys(range(20, 32), "Always")),
        ((Closure(date(2025, 12, 26), date(2025, 12, 24), "Backwards"),), {}),
        ((Closure(date(2025, 12, 25), date(2025, 12, 25), ""),), {25: ""}),
    ],
)
def test_closures(closures, expected):
    """G13: both days of a closure are closed, under the name of the first closure that holds them."""
    assert closed_days(*closures) == expected


def test_a_closure_holds_the_planned_date():
    """G13: the day in the slot's zone decides, not the day in UTC nor the day of the end."""
    closure = Closure(date(2025, 12, 25), date(2025, 12, 25), "Christmas")
    assert closed_days(closure, starting_at=2300, ending_at=100) == {25: "Christmas"}


@pytest.mark.parametrize("frequency", Frequency)
@pytest.mark.parametrize("interval", [1, 7, 52])
def test_the_last_days_of_the_calendar(frequency, interval):
    """G2: counting stops quietly at the end of the year 9999."""
    table = timetable("9999-12-01", "9999-12-31", zone=ZoneInfo("UTC"), frequency=frequency, interval=interval)
    step = {DAILY: 1, WEEKLY: 7, MONTHLY: 31}[frequency] * interval
    assert planned(table) == [f"9999-12-{day:02}" for day in range(1, 32, step)]


@pytest.mark.parametrize(
    ("zone", "hours", "day", "classes"),
    [
        ("UTC", (1400, 1600), "9999-12-31", 1),
        ("UTC", (2300, 100), "9999-12-31", 0),
        ("UTC", (2300, 100), "9999-12-30", 1),
        ("America/New_York", (2000, 2100), "9999-12-31", 0),
        ("America/New_York", (1800, 1900), "9999-12-31", 0),
        ("America/New_York", (1700, 1800), "9999-12-31", 1),
        ("Asia/Tokyo", (0, 100), "0001-01-01", 0),
        ("Asia/Tokyo", (900, 1000), "0001-01-01", 0),
        ("Asia/Tokyo", (1000, 1100), "0001-01-01", 1),
    ],
)
def test_instants_beyond_the_calendar(zone, hours, day, classes):
    """G1: a session outside the years 1 to 9999 of UTC is left out, without an error."""
    table = timetable(day, day, zone=ZoneInfo(zone), starting_at=hours[0], ending_at=hours[1])
    assert len(planned(table)) == classes


@pytest.mark.parametrize("hours", [(0, 1), (2359, 2358), (2358, 2359)])
def test_every_zone_at_both_ends_of_the_calendar(hours):
    """G1: no zone raises on the first or the last days there are."""
    for name in sorted(available_timezones()):
        for first, last in (("0001-01-01", "0001-01-03"), ("9999-12-29", "9999-12-31")):
            zone = ZoneInfo(name)
            table = timetable(first, last, zone=zone, starting_at=hours[0], ending_at=hours[1], frequency=DAILY)
            assert 1 <= len(planned(table)) <= 3


def test_occurrences_are_made_as_they_are_read():
    """G12: a range without end costs nothing until it is read."""
    table = timetable("2025-01-15", "9999-12-31")
    assert [str(o.planned_date) for o in islice(expand(table), 2)] == ["2025-01-15", "2025-01-22"]


@pytest.mark.parametrize(
    "changes",
    [
        {"starting_at": 2400},
        {"ending_at": 2400},
        {"starting_at": 1360},
        {"ending_at": -1},
        {"starting_at": 1600},
        {"interval": 0},
        {"interval": -1},
        {"weekdays": ("MO", "mo")},
        {"weekdays": ("XX",)},
    ],
)
def test_what_no_class_can_be_made_of(changes):
    """T2, T3: an impossible timetable is refused when it is made, not when it is read."""
    with pytest.raises(ValueError):
        timetable("2025-01-15", "2025-06-30", **changes)
