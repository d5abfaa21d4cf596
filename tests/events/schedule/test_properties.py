"""What holds for every timetable and every history of a slot, against definitions that share no code."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from breathecode.events.schedule.reconcile import ExistingClass, Plan, reconcile
from breathecode.events.schedule.recurrence import (
    WEEKDAYS,
    Closure,
    Frequency,
    Occurrence,
    Timetable,
    count_dates,
    expand,
)

pytestmark = pytest.mark.slow

ZONES = (
    "UTC",
    "America/New_York",
    "America/Santiago",  # changes at midnight
    "America/Sao_Paulo",  # changed at midnight until 2019
    "Africa/Casablanca",  # changes for Ramadan
    "Asia/Kathmandu",  # +05:45
    "Australia/Lord_Howe",  # changes by 30 minutes
    "Europe/Dublin",  # its winter is the exception
    "Europe/Madrid",
    "Pacific/Apia",  # skipped a day in 2011
    "Pacific/Kiritimati",  # +14:00
)
ONE_DAY = timedelta(days=1)

zones = st.sampled_from(ZONES).map(ZoneInfo)
clocks = st.builds(lambda hour, minute: hour * 100 + minute, st.integers(0, 23), st.integers(0, 59))
hours = st.lists(clocks, min_size=2, max_size=2, unique=True)
firsts = st.dates(date(1990, 1, 1), date(2060, 12, 31))
early_in_the_month = st.builds(date, st.integers(1990, 2060), st.integers(1, 12), st.integers(1, 28))
late_in_the_month = st.builds(
    date, st.integers(1990, 2060), st.sampled_from([1, 3, 5, 7, 8, 10, 12]), st.integers(29, 31)
)
no_closures = st.just(())


@st.composite
def timetables(draw, *, frequencies=tuple(Frequency), firsts=firsts, longest=500, closures=no_closures):
    starting_at, ending_at = draw(hours)
    first = draw(firsts)
    return Timetable(
        zone=draw(zones),
        starting_at=starting_at,
        ending_at=ending_at,
        first=first,
        last=min(first, date.max - timedelta(days=longest)) + timedelta(days=draw(st.integers(-2, longest))),
        recurrent=draw(st.sampled_from([True, True, True, False])),
        frequency=draw(st.sampled_from(frequencies)),
        interval=draw(st.one_of(st.integers(1, 4), st.integers(1, 52))),
        weekdays=tuple(draw(st.lists(st.sampled_from(WEEKDAYS), max_size=4))),
        closures=draw(closures),
    )


def planned_dates(table: Timetable) -> list[date]:
    return [occurrence.planned_date for occurrence in expand(table)]


# Expansion


def dateutil_dates(table: Timetable) -> list[date]:
    weekly = table.frequency is Frequency.WEEKLY
    rule = rrule.rrule(
        getattr(rrule, table.frequency),
        dtstart=datetime.combine(table.first, time()),
        until=datetime.combine(table.last, time()),
        interval=table.interval,
        wkst=rrule.MO,
        byweekday=[getattr(rrule, name) for name in table.weekdays] or None if weekly else None,
    )
    days = [moment.date() for moment in rule]
    return days if table.recurrent else days[:1]


@given(timetables(frequencies=(Frequency.DAILY, Frequency.WEEKLY)))
def test_days_and_weeks_are_those_of_rfc_5545(table):
    """G2, G4, T3: daily and weekly slots fall on the days that dateutil computes."""
    assert planned_dates(table) == dateutil_dates(table)


@given(timetables(frequencies=(Frequency.MONTHLY,), firsts=early_in_the_month, longest=3000))
def test_months_are_those_of_rfc_5545(table):
    """G2, G4, T3: so do monthly ones, on a day that every month has."""
    assert planned_dates(table) == dateutil_dates(table)


def is_monthly_date(day: date, table: Timetable) -> bool:
    months = (day.year - table.first.year) * 12 + day.month - table.first.month
    ends_month = (day + ONE_DAY).month != day.month
    return months % table.interval == 0 and (day.day == table.first.day or (day.day < table.first.day and ends_month))


@given(timetables(frequencies=(Frequency.MONTHLY,), firsts=late_in_the_month, longest=1500))
def test_months_that_lack_the_day(table):
    """G3: a day is in if its month is, and it is the anchor's day or the end of a month that is too short."""
    every_day = (table.first + timedelta(days=n) for n in range((table.last - table.first).days + 1))
    expected = [day for day in every_day if is_monthly_date(day, table)]
    assert planned_dates(table) == (expected if table.recurrent else expected[:1])


def on_the_clock(day: date, hhmm: int) -> datetime:
    return datetime(day.year, day.month, day.day, hhmm // 100, hhmm % 100)


def shown_at(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


def shows(instant: datetime, wall: datetime, zone: ZoneInfo) -> bool:
    """G1 read backwards: is `instant` the first to show `wall`, or `wall` and the gap if none does?"""
    if shown_at(instant, zone) == wall:
        return instant.astimezone(zone).fold == 0
    before, after = instant - 2 * ONE_DAY, instant + 2 * ONE_DAY
    gap = (shown_at(after, zone) - shown_at(before, zone)) - (after - before)
    moved_by_the_gap = gap > timedelta(0) and shown_at(instant, zone) == wall + gap
    return moved_by_the_gap and all(
        shown_at(instant + timedelta(minutes=n), zone) != wall for n in range(-26 * 60, 26 * 60, 15)
    )


# Days on which clocks change are rare: most of the cases are drawn close to one.
change_days = st.sampled_from(
    [
        ("America/New_York", date(2025, 3, 9)),
        ("America/New_York", date(2025, 11, 2)),
        ("America/Santiago", date(2025, 9, 7)),
        ("America/Santiago", date(2025, 4, 6)),
        ("America/Sao_Paulo", date(2018, 11, 4)),
        ("Australia/Lord_Howe", date(2025, 10, 5)),
        ("Australia/Lord_Howe", date(2025, 4, 6)),
        ("Europe/Dublin", date(2025, 3, 30)),
        ("Europe/Madrid", date(2025, 10, 26)),
        ("Pacific/Apia", date(2011, 12, 30)),
    ]
)


@st.composite
def timetables_over_a_change(draw):
    zone, day = draw(change_days)
    first = day - timedelta(days=draw(st.integers(0, 3)))
    table = draw(timetables(frequencies=(Frequency.DAILY,), longest=0))
    near_midnight = st.builds(lambda hour, minute: hour % 24 * 100 + minute, st.integers(22, 28), st.integers(0, 59))
    starting_at, ending_at = draw(st.lists(near_midnight, min_size=2, max_size=2, unique=True))
    return replace(
        table,
        zone=ZoneInfo(zone),
        starting_at=starting_at,
        ending_at=ending_at,
        first=first,
        last=first + 5 * ONE_DAY,
        interval=1,
        recurrent=True,
    )


def slot_length(table: Timetable) -> timedelta:
    day = date(2000, 1, 1)
    length = on_the_clock(day, table.ending_at) - on_the_clock(day, table.starting_at)
    return length if length > timedelta(0) else length + ONE_DAY


@settings(max_examples=400)
@given(timetables(longest=100) | timetables_over_a_change())
def test_the_wall_clock_never_drifts(table):
    """G1, T2: start and end show the slot's hours in its zone, or the gap later where there is no such time.

    Only where a gap moved the start to the end or beyond is the end the start plus the slot's length.
    """
    for occurrence in expand(table):
        start, end = occurrence.starting_at, occurrence.ending_at
        wall_start = on_the_clock(occurrence.planned_date, table.starting_at)
        wall_end = wall_start + slot_length(table)
        assert end > start
        assert shows(start, wall_start, table.zone)
        if not shows(end, wall_end, table.zone):
            assert shown_at(start, table.zone) >= wall_end
            assert end - start == slot_length(table)


closures = st.lists(
    st.builds(
        lambda start, days, name: Closure(start, start + timedelta(days=days), name),
        st.dates(date(2025, 1, 1), date(2025, 3, 31)),
        st.integers(-1, 30),
        st.sampled_from(["Snow", "Strike", "Carnival"]),
    ),
    max_size=4,
).map(tuple)
first_of_a_slot = st.dates(date(2024, 12, 20), date(2025, 2, 15))


@given(timetables(firsts=first_of_a_slot, longest=90, closures=closures))
def test_closures_only_mark(table):
    """G13: closures change neither the dates nor the times, and mark each day that they hold."""
    occurrences = list(expand(table))
    assert [replace(o, closed_by=None) for o in occurrences] == list(expand(replace(table, closures=())))
    for occurrence in occurrences:
        names = [c.name for c in table.closures if c.starts_on <= occurrence.planned_date <= c.ends_on]
        assert occurrence.closed_by == (names[0] if names else None)


@given(timetables(longest=3000))
def test_the_number_of_dates(table):
    """T7: counted without expanding, it is the number of those that are expanded."""
    assert count_dates(table) == len(list(expand(table)))


up_to_the_last_day = timetables(firsts=st.dates(date(9999, 1, 1))).map(lambda t: replace(t, last=date.max))


@given(timetables() | up_to_the_last_day)
def test_dates_rise_within_the_range(table):
    """G2, G6: planned dates rise, each is there once, within the range; nothing raises near the last date."""
    days = planned_dates(table)
    assert all(earlier < later for earlier, later in pairwise(days))
    assert all(table.first <= day <= table.last for day in days)


# Reconciliation: a simulated table of classes, rebuilt after each edit while the clock advances.


class Table:
    """The classes of one slot, as a database would hold them."""

    def __init__(self) -> None:
        self.rows: dict[int, ExistingClass] = {}
        self.last_id = 0

    def apply(self, plan: Plan) -> None:
        for id in plan.delete:
            del self.rows[id]
        for id, target in plan.move:
            self.change(id, starting_at=target.starting_at, ending_at=target.ending_at)
        for id, name in plan.cancel:
            self.change(id, closed_by=name)
        for id in plan.restore:
            self.change(id, closed_by=None)
        for occurrence in plan.create:
            self.create(occurrence)

    def change(self, id: int, **fields) -> None:
        self.rows[id] = replace(self.rows[id], **fields)

    def create(self, occurrence: Occurrence) -> None:
        self.last_id += 1
        self.rows[self.last_id] = ExistingClass(
            self.last_id, occurrence.planned_date, occurrence.starting_at, occurrence.ending_at
        )

    def touched_by_a_person(self, draw) -> None:
        """Someone starts, cancels or moves one class that no holiday cancelled."""
        open_rows = [row for row in self.rows.values() if row.closed_by is None and not row.fixed]
        if open_rows:
            row = draw(st.sampled_from(open_rows))
            shift = timedelta(hours=draw(st.sampled_from([0, 0, -30, 5, 400])))
            self.change(row.id, fixed=True, starting_at=row.starting_at + shift, ending_at=row.ending_at + shift)

    def restored_by_staff(self, draw) -> None:
        """Someone restores one class that a holiday, or the loss of its date, cancelled (G15)."""
        if closed := [row for row in self.rows.values() if row.closed_by is not None]:
            self.change(draw(st.sampled_from(closed)).id, closed_by=None, kept_by_staff=True)

    def untouchable(self, now: datetime) -> dict[int, ExistingClass]:
        return {id: row for id, row in self.rows.items() if row.fixed or row.starting_at <= now}


def assert_plan_is_tidy(plan: Plan, before: dict[int, ExistingClass], now: datetime) -> None:
    """G7, G13: one write of a kind for a row, none to a row out of bounds, no cancelled row deleted."""
    moved, cancelled = [id for id, _ in plan.move], [id for id, _ in plan.cancel]
    for ids in (moved, cancelled, plan.delete, plan.restore):
        assert list(ids) == sorted(set(ids), key=lambda id: before[id].planned_date)
        assert all(not before[id].fixed and before[id].starting_at > now for id in ids)
    assert not set(plan.delete) & {*moved, *cancelled, *plan.restore}
    assert not set(cancelled) & set(plan.restore)
    assert all(before[id].closed_by is None and not before[id].kept_by_staff for id in plan.delete)


def assert_table_says_the_schedule(
    table: Table, wanted: list[Occurrence], before: dict[int, ExistingClass], now: datetime, *, first_build: bool
) -> None:
    """G5, G6, G7, G13, G15: each date has the class that it had or gets one, at its hours, cancelled where closed."""
    by_date = {row.planned_date: row for row in table.rows.values()}
    touchable = {r.planned_date: r for r in before.values() if not r.fixed and r.starting_at > now}
    planned = {o.planned_date: o for o in wanted}
    for day, old in touchable.items():
        row, occurrence = by_date.get(day), planned.get(day)
        if occurrence is None:
            # Given up: gone, unless a holiday had cancelled it or staff keep it; what remains is as it was.
            assert row == (old if old.closed_by is not None or old.kept_by_staff else None)
            continue
        assert row is not None
        assert row.id == old.id
        times = old if occurrence.ending_at <= now else occurrence
        assert (row.starting_at, row.ending_at) == (times.starting_at, times.ending_at)
        assert row.closed_by == (None if old.kept_by_staff else occurrence.closed_by)
    had = {row.planned_date for row in before.values()}
    new = {day for day, o in planned.items() if o.closed_by is None and (first_build or o.starting_at > now)} - had
    assert {row.planned_date for row in table.rows.values() if row.id not in before} == new
    assert all((by_date[day].starting_at, by_date[day].ending_at) == times_of(planned[day]) for day in new)


def times_of(occurrence: Occurrence) -> tuple[datetime, datetime]:
    return occurrence.starting_at, occurrence.ending_at


def rebuild(table: Table, wanted: list[Occurrence], now: datetime, *, first_build: bool) -> None:
    before = dict(table.rows)
    plan = reconcile(wanted=wanted, existing=before.values(), now=now, first_build=first_build)
    assert_plan_is_tidy(plan, before, now)
    untouchable = table.untouchable(now)
    table.apply(plan)
    assert untouchable.items() <= table.rows.items()
    dates = [row.planned_date for row in table.rows.values()]
    assert len(dates) == len(set(dates))
    if not first_build:
        assert all(occurrence.starting_at > now for occurrence in plan.create)
    assert_table_says_the_schedule(table, wanted, before, now, first_build=first_build)
    again = reconcile(wanted=wanted, existing=table.rows.values(), now=now, first_build=first_build)
    assert again.is_empty


slots = timetables(firsts=first_of_a_slot, longest=60, closures=closures)
# Many classes and few months, so that edits, holidays and the present meet.
busy_slots = st.builds(
    lambda slot, interval, days: replace(
        slot, interval=interval, recurrent=True, last=slot.first + timedelta(days=days)
    ),
    timetables(firsts=first_of_a_slot, frequencies=(Frequency.DAILY, Frequency.WEEKLY), closures=closures),
    st.integers(1, 2),
    st.integers(30, 60),
)


# A holiday is renamed only after it was added to classes that exist: both are drawn often.
EDITS = ("nothing", "hours", "end", *2 * ("closures", "names"), "last", "weekdays", "all")


@st.composite
def edits(draw, slot: Timetable) -> Timetable:
    """One edit by staff: other hours, other holidays, other dates, or another slot altogether."""
    kind = draw(st.sampled_from(EDITS))
    if kind == "hours":
        starting_at, ending_at = draw(hours)
        return replace(slot, starting_at=starting_at, ending_at=ending_at)
    if kind == "end":
        return replace(slot, ending_at=draw(clocks.filter(lambda clock: clock != slot.starting_at)))
    if kind == "names":
        return replace(slot, closures=tuple(replace(c, name=f"New {c.name}") for c in slot.closures))
    if kind == "closures":
        return replace(slot, closures=draw(closures))
    if kind == "last":
        return replace(slot, last=draw(st.dates(date(2024, 12, 1), date(2025, 4, 30))))
    if kind == "weekdays":
        return replace(slot, weekdays=tuple(draw(st.lists(st.sampled_from(WEEKDAYS), max_size=4))))
    return draw(busy_slots | slots) if kind == "all" else slot


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_any_history_of_a_slot(data):
    """G5, G6, G7, G8, G13, G15: whatever people do between builds, the table ends up right, the past untouched."""
    table, slot = Table(), data.draw(busy_slots | slots)
    now = datetime.combine(slot.first, time(12), tzinfo=UTC) + timedelta(hours=data.draw(st.integers(-99, 500)))
    rebuild(table, list(expand(slot)), now, first_build=True)
    for _ in range(data.draw(st.integers(2, 8))):
        now += timedelta(hours=data.draw(st.sampled_from([0, 1, 6, 24, 24 * 9])))
        table.touched_by_a_person(data.draw)
        if data.draw(st.booleans()):
            table.restored_by_staff(data.draw)
        slot = data.draw(edits(slot))
        rebuild(table, list(expand(slot)), now, first_build=False)


@given(slots, st.datetimes(datetime(2024, 12, 1), datetime(2025, 6, 1), timezones=st.just(UTC)))
def test_the_first_build_makes_the_whole_range(slot, now):
    """G5: every open occurrence becomes a class, wherever the present lies in the range."""
    wanted = list(expand(slot))
    plan = reconcile(wanted=wanted, existing=[], now=now, first_build=True)
    assert plan == Plan(create=tuple(o for o in wanted if o.closed_by is None))


@pytest.mark.parametrize("days", [-3, 0, 3])
@given(slot=slots)
def test_given_up_and_taken_back(days, slot):
    """G7: a schedule that is emptied and filled again has the same coming classes as before."""
    now = datetime.combine(slot.first, time(), tzinfo=UTC) + timedelta(days=days)
    table, wanted = Table(), list(expand(slot))
    rebuild(table, wanted, now, first_build=True)
    full = sorted((row.planned_date, row.starting_at) for row in table.rows.values())
    rebuild(table, [], now, first_build=False)
    rebuild(table, wanted, now, first_build=False)
    assert sorted((row.planned_date, row.starting_at) for row in table.rows.values()) == full
