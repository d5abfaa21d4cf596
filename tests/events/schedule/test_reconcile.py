"""What a rebuild may write: a slot of Wednesdays at 14:00 UTC, seen at noon of Wednesday 15 January 2025."""

from datetime import UTC, date, datetime, timedelta

import pytest

from breathecode.events.schedule.reconcile import ExistingClass, Plan, reconcile
from breathecode.events.schedule.recurrence import Occurrence

NOW = datetime(2025, 1, 15, 12, tzinfo=UTC)
LAST_WEEK, TODAY, NEXT_WEEK, LATER = (date(2025, 1, day) for day in (8, 15, 22, 29))


def at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def wants(day: date, hour: int = 14, *, hours: int = 2, closed_by: str | None = None) -> Occurrence:
    return Occurrence(day, at(day, hour), at(day, hour) + timedelta(hours=hours), closed_by)


def row(day: date, hour: int = 14, *, id: int = 0, fixed: bool = False, closed_by: str | None = None):
    times = (at(day, hour), at(day, hour + 2))
    return ExistingClass(id or day.day, day, *times, fixed=fixed, closed_by=closed_by)


def plan(wanted, existing, *, now=NOW, first_build=False) -> Plan:
    return reconcile(wanted=wanted, existing=existing, now=now, first_build=first_build)


class TestCreate:
    def test_first_build_makes_the_past_too(self):
        """G5: the first build makes the whole range."""
        wanted = [wants(LAST_WEEK), wants(TODAY), wants(NEXT_WEEK)]
        assert plan(wanted, [], first_build=True) == Plan(create=tuple(wanted))

    def test_later_builds_make_what_is_coming(self):
        """G5: a later build never makes a class that lies in the past."""
        wanted = [wants(LAST_WEEK), wants(TODAY), wants(NEXT_WEEK)]
        assert plan(wanted, []) == Plan(create=(wants(TODAY), wants(NEXT_WEEK)))

    @pytest.mark.parametrize(("hour", "created"), [(11, False), (12, False), (13, True)])
    def test_coming_begins_after_now(self, hour, created):
        """G5: a class that starts at this instant is no longer coming."""
        assert bool(plan([wants(TODAY, hour)], []).create) is created

    @pytest.mark.parametrize("first_build", [True, False])
    def test_nothing_on_a_closed_day(self, first_build):
        """G13: closed dates give no class."""
        wanted = [wants(LAST_WEEK, closed_by="Snow"), wants(NEXT_WEEK, closed_by="")]
        assert plan(wanted, [], first_build=first_build).is_empty

    @pytest.mark.parametrize("first_build", [True, False])
    def test_a_date_that_has_its_class(self, first_build):
        """G6: a planned date has one class."""
        wanted = [wants(LAST_WEEK), wants(NEXT_WEEK)]
        assert plan(wanted, [row(LAST_WEEK), row(NEXT_WEEK)], first_build=first_build).is_empty


class TestMove:
    @pytest.mark.parametrize("target", [wants(NEXT_WEEK, 15), wants(NEXT_WEEK, hours=3), wants(NEXT_WEEK, 9)])
    def test_new_hours_move_the_class(self, target):
        """G6: a change of the hours moves a coming class in place."""
        assert plan([target], [row(NEXT_WEEK)]) == Plan(move=((22, target),))

    def test_the_planned_date_names_the_class(self):
        """G6: a class is found by its planned date, wherever its hours are."""
        moved = ExistingClass(7, NEXT_WEEK, at(LATER, 14), at(LATER, 16))
        assert plan([wants(NEXT_WEEK)], [moved]) == Plan(move=((7, wants(NEXT_WEEK)),))

    def test_times_are_compared_as_instants(self):
        """G8: the same instant in another zone is no change."""
        brussels = datetime.fromisoformat("2025-01-22T15:00+01:00")
        same = ExistingClass(22, NEXT_WEEK, brussels, brussels + timedelta(hours=2))
        assert plan([wants(NEXT_WEEK)], [same]).is_empty

    @pytest.mark.parametrize(("hour", "moved"), [(9, False), (10, False), (11, True), (13, True)])
    def test_hours_moved_into_the_past(self, hour, moved):
        """G6: a coming class whose new hours are over stays where it was; hours that run are still moved to."""
        expected = Plan(move=((15, wants(TODAY, hour)),)) if moved else Plan()
        assert plan([wants(TODAY, hour)], [row(TODAY)]) == expected

    def test_hours_that_are_over_on_a_closed_day(self):
        """G6, G13: it is not moved, and cancelled where it was."""
        assert plan([wants(TODAY, 9, closed_by="Snow")], [row(TODAY)]) == Plan(cancel=((15, "Snow"),))

    def test_a_closed_day_opened_after_the_new_hours(self):
        """G6, G13: it returns where it was."""
        assert plan([wants(TODAY, 9)], [row(TODAY, closed_by="Snow")]) == Plan(restore=(15,))


class TestDelete:
    def test_a_date_that_the_schedule_lost(self):
        """G7: a coming, untouched class that the schedule no longer has is deleted."""
        assert plan([wants(LATER)], [row(NEXT_WEEK), row(LATER)]) == Plan(delete=(22,))

    def test_everything_to_come(self):
        """T5: without a schedule what took place stays, and what was to come goes."""
        assert plan([], [row(LAST_WEEK), row(TODAY), row(NEXT_WEEK)]) == Plan(delete=(15, 22))


UNTOUCHABLE = [
    pytest.param(row(LAST_WEEK), id="past"),
    pytest.param(row(TODAY, 12), id="starts now"),
    pytest.param(row(LAST_WEEK, closed_by="Snow"), id="past, cancelled by a holiday"),
    pytest.param(row(NEXT_WEEK, fixed=True), id="coming, touched by a person"),
    pytest.param(row(LAST_WEEK, fixed=True), id="past, touched by a person"),
]


@pytest.mark.parametrize("first_build", [True, False])
@pytest.mark.parametrize("existing", UNTOUCHABLE)
def test_what_no_build_touches(existing, first_build):
    """G5, G7: whatever the schedule wants, a past or fixed class stays as it is and keeps its date."""
    day = existing.planned_date
    for wanted in ([], [wants(day)], [wants(day, 18)], [wants(day, closed_by="Holiday")]):
        assert plan(wanted, [existing], first_build=first_build).is_empty


class TestHolidays:
    def test_added(self):
        """G13: a holiday added later cancels the coming class, with its name."""
        wanted = [wants(NEXT_WEEK, closed_by="Snow")]
        assert plan(wanted, [row(NEXT_WEEK)]) == Plan(cancel=((22, "Snow"),))

    def test_still_there(self):
        """G8, G13: a class that is cancelled already is not cancelled again."""
        assert plan([wants(NEXT_WEEK, closed_by="Snow")], [row(NEXT_WEEK, closed_by="Snow")]).is_empty

    def test_under_another_name(self):
        """G13: the reason follows the holiday's name."""
        wanted = [wants(NEXT_WEEK, closed_by="Strike")]
        assert plan(wanted, [row(NEXT_WEEK, closed_by="Snow")]) == Plan(cancel=((22, "Strike"),))

    @pytest.mark.parametrize("name", ["Snow", ""])
    def test_removed(self, name):
        """G13: once the holiday is removed the class returns."""
        assert plan([wants(NEXT_WEEK)], [row(NEXT_WEEK, closed_by=name)]) == Plan(restore=(22,))

    def test_removed_after_the_hours_changed(self):
        """G6, G13: the class returns at the hours of today's schedule."""
        wanted = [wants(NEXT_WEEK, 18)]
        expected = Plan(restore=(22,), move=((22, wants(NEXT_WEEK, 18)),))
        assert plan(wanted, [row(NEXT_WEEK, closed_by="Snow")]) == expected

    def test_hours_of_a_cancelled_class(self):
        """G6, G13: a class that a holiday cancelled follows the hours like the others."""
        target = wants(NEXT_WEEK, 18, closed_by="Snow")
        assert plan([target], [row(NEXT_WEEK, closed_by="Snow")]) == Plan(move=((22, target),))

    @pytest.mark.parametrize("wanted", [[], [wants(TODAY, 9, closed_by="Snow")]])
    def test_a_cancelled_class_is_never_deleted(self, wanted):
        """G7, G13: also where the schedule no longer has it, or has it closed and in the past."""
        assert plan(wanted, [row(TODAY, closed_by="Snow")]).is_empty

    def test_back_on_the_schedule(self):
        """G13: a cancelled class whose date was given up returns with its date, under the same id."""
        assert plan([wants(LATER)], [row(LATER, id=3, closed_by="Snow")]) == Plan(restore=(3,))


class TestKeptByStaff:
    """A class that staff restored against the schedule."""

    kept = ExistingClass(22, NEXT_WEEK, at(NEXT_WEEK, 14), at(NEXT_WEEK, 16), kept_by_staff=True)

    @pytest.mark.parametrize("wanted", [[], [wants(NEXT_WEEK)], [wants(NEXT_WEEK, closed_by="Snow")]])
    def test_stays(self, wanted):
        """G15: no holiday cancels it, and no lost date deletes it."""
        assert plan(wanted, [self.kept]).is_empty

    def test_follows_the_hours(self):
        """G15, G6: on its date it is a class of the slot like the others."""
        target = wants(NEXT_WEEK, 18)
        assert plan([wants(NEXT_WEEK, 18, closed_by="Snow")], [self.kept]) == Plan(move=((22, target),))


def test_every_part_is_ordered_by_date():
    """G8: the plan does not depend on the order of what it is given."""
    days = [date(2025, 2, day) for day in range(1, 16)]
    wanted = [
        *(wants(day) for day in days[0:3]),
        *(wants(day, 18) for day in days[3:6]),
        *(wants(day, closed_by="Snow") for day in days[6:9]),
        *(wants(day) for day in days[9:12]),
    ]
    existing = [
        *(row(day) for day in days[3:9]),
        *(row(day, closed_by="Snow") for day in days[9:12]),
        *(row(day) for day in days[12:15]),
    ]
    forward, backward = plan(wanted, existing), plan(reversed(wanted), reversed(existing))
    assert forward == backward
    assert [o.planned_date.day for o in forward.create] == [1, 2, 3]
    assert [id for id, _ in forward.move] == [4, 5, 6]
    assert forward.cancel == ((7, "Snow"), (8, "Snow"), (9, "Snow"))
    assert forward.restore == (10, 11, 12)
    assert forward.delete == (13, 14, 15)


@pytest.mark.parametrize(
    "part",
    [
        {"create": (wants(TODAY),)},
        {"move": ((1, wants(TODAY)),)},
        {"delete": (1,)},
        {"cancel": ((1, "Snow"),)},
        {"restore": (1,)},
    ],
)
def test_is_empty(part):
    """G8: a plan is empty when no part of it writes."""
    assert Plan().is_empty
    assert not Plan(**part).is_empty
