"""Which classes stay though the schedule no longer wants them so (rule P1)."""

import datetime
from zoneinfo import ZoneInfo

import pytest

from breathecode.events.schedule.kept import KeptReason, PresentClass, WantedSchedule, is_unwanted, reason_to_keep
from breathecode.events.schedule.recurrence import Closure, Timetable, expand

UTC = datetime.UTC
NOW = datetime.datetime(2025, 3, 5, 12, tzinfo=UTC)
DAY = datetime.timedelta(days=1)
PLANNED = datetime.date(2025, 3, 12)
NOTHING = WantedSchedule({}, None)


def at(hour, date=PLANNED):
    return datetime.datetime.combine(date, datetime.time(hour), tzinfo=UTC)


def schedule(starting_at=1400, closed=None, last=datetime.date(2025, 3, 31)):
    """Wednesdays of March, two hours, by UTC."""
    closures = (Closure(closed, closed, "Closed"),) if closed else ()
    first = datetime.date(2025, 3, 5)
    timetable = Timetable(ZoneInfo("UTC"), starting_at, starting_at + 200, first, last, closures=closures)
    return WantedSchedule({found.planned_date: found for found in expand(timetable)}, timetable)


def generated(**fields):
    return PresentClass(**{"id": 1, "planned_date": PLANNED, "starting_at": at(14), "ending_at": at(16), **fields})


MOVED = generated(moved=True, starting_at=at(10), ending_at=at(12))
MADE = generated(planned_date=None, starting_at=at(9, PLANNED + DAY), ending_at=at(10, PLANNED + DAY))
SAME, LATER, CLOSED = schedule(), schedule(1700), schedule(closed=PLANNED)
CLOSED_NEXT_DAY, SHORTER = schedule(closed=PLANNED + DAY), schedule(last=PLANNED - DAY)


@pytest.mark.parametrize(
    ("present", "after", "reason"),
    [
        (generated(), LATER, None),  # it is moved
        (generated(), CLOSED, None),  # it is cancelled
        (generated(), NOTHING, None),  # it is deleted
        (generated(started=True), SAME, None),
        (generated(started=True), LATER, KeptReason.STARTED),
        (generated(started=True), CLOSED, KeptReason.STARTED),
        (generated(started=True), NOTHING, KeptReason.STARTED),
        (MOVED, SAME, None),
        (MOVED, LATER, KeptReason.MOVED_BY_HAND),
        (MOVED, CLOSED, KeptReason.MOVED_BY_HAND),
        (MOVED, SHORTER, KeptReason.MOVED_BY_HAND),
        (MOVED, NOTHING, KeptReason.MOVED_BY_HAND),
        (MOVED, schedule(1000), None),  # where it is, the schedule wants it now
        (MOVED, CLOSED_NEXT_DAY, None),
        (generated(moved=True, starting_at=at(9, PLANNED + DAY)), CLOSED_NEXT_DAY, KeptReason.MOVED_BY_HAND),
        (MADE, LATER, None),
        (MADE, CLOSED, None),
        (MADE, CLOSED_NEXT_DAY, KeptReason.MADE_BY_HAND),
        (MADE, SHORTER, KeptReason.MADE_BY_HAND),
        (MADE, NOTHING, KeptReason.MADE_BY_HAND),
        (generated(restored=True), CLOSED, KeptReason.MADE_BY_HAND),
        (generated(restored=True), NOTHING, KeptReason.MADE_BY_HAND),
        (generated(restored=True), LATER, None),
    ],
)
def test_what_a_change_does_to_a_class(present, after, reason):
    """P1: from a schedule of Wednesdays at 14:00 to another one."""
    assert reason_to_keep(present, before=SAME, after=after, now=NOW) == reason
    assert reason_to_keep(present, before=after, after=after, now=NOW) is None


def test_hours_that_have_passed():
    """P1, G6: of today's class, which stays where it was."""
    today = generated(planned_date=NOW.date(), starting_at=at(14, NOW.date()), ending_at=at(16, NOW.date()))
    for now_hour, reason in ((10, None), (11, KeptReason.OVER_BY_NOW), (12, KeptReason.OVER_BY_NOW)):
        now = at(now_hour, NOW.date())
        assert reason_to_keep(today, before=SAME, after=schedule(900), now=now) == reason


@pytest.mark.parametrize("present", [MOVED, generated(starting_at=at(13))])
def test_without_a_schedule_before(present):
    """P1: all that differs from the schedule counts, as for the plan of a build."""
    assert is_unwanted(present, before=None, after=SAME)
    assert not is_unwanted(generated(), before=None, after=SAME)
