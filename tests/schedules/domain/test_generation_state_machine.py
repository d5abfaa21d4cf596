"""Random lives of a time slot, through the database, against an oracle that shares no code with the schedule."""

import datetime
from typing import Any
from zoneinfo import ZoneInfo

import time_machine
from dateutil.rrule import DAILY, FR, MO, SA, SU, TH, TU, WE, WEEKLY, rrule
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.events.models import LiveClass
from breathecode.schedules.domain.generation import build_time_slot

UTC = datetime.UTC
DAY = datetime.timedelta(days=1)
KICKOFF = datetime.date(2025, 3, 3)  # the clocks change on 9 March in New York, on 30 March in Madrid
DAYS = {"MO": MO, "TU": TU, "WE": WE, "TH": TH, "FR": FR, "SA": SA, "SU": SU}
UNTOUCHED = {"started_at": None, "ended_at": None, "cancelled_at": None, "moved_by_hand": False}


def oracle(slot):
    """The planned dates of the slot and their UTC hours, by dateutil; hours that no change of clocks swallows."""
    cohort = slot.cohort
    first = max(cohort.kickoff_date, slot.starts_on or cohort.kickoff_date)
    days = [DAYS[name] for name in slot.weekdays] or [list(DAYS.values())[first.weekday()]]
    daily = slot.recurrency_type == "DAILY"
    rule = rrule(
        DAILY if daily else WEEKLY,
        dtstart=datetime.datetime.combine(first, datetime.time()),
        until=datetime.datetime.combine(cohort.ending_date, datetime.time()),
        interval=slot.interval,
        wkst=MO,
        byweekday=None if daily else days,
    )
    dates = [moment.date() for moment in rule][: None if slot.recurrent else 1]
    return {date: (instant(slot, date, slot.starting_at), instant(slot, date, slot.ending_at)) for date in dates}


def instant(slot, date, hhmm):
    date += DAY if hhmm == slot.ending_at < slot.starting_at else 0 * DAY
    clock = datetime.time(hhmm // 100, hhmm % 100)
    return datetime.datetime.combine(date, clock, tzinfo=ZoneInfo(slot.timezone)).astimezone(UTC)


hours = st.sampled_from([(900, 1100), (1400, 1600), (2200, 100), (1030, 1230)])
slot_edits = st.one_of(
    hours.map(lambda pair: {"starting_at": pair[0], "ending_at": pair[1]}),
    st.sampled_from(["America/New_York", "Europe/Madrid", "Asia/Tokyo"]).map(lambda zone: {"timezone": zone}),
    st.lists(st.sampled_from(list(DAYS)), unique=True, max_size=4).map(
        lambda days: {"weekdays": days, "recurrency_type": "WEEKLY"}
    ),
    st.just({"recurrency_type": "DAILY", "weekdays": []}),
    st.integers(1, 3).map(lambda interval: {"interval": interval}),
    st.booleans().map(lambda recurrent: {"recurrent": recurrent}),
    st.one_of(st.none(), st.integers(0, 20).map(lambda days: KICKOFF + days * DAY)).map(
        lambda date: {"starts_on": date}
    ),
)
cohort_edits = st.one_of(
    st.integers(0, 10).map(lambda days: {"kickoff_date": KICKOFF + days * DAY}),
    st.integers(25, 45).map(lambda days: {"ending_date": KICKOFF + days * DAY}),
)
touches = st.sampled_from(["start", "end", "cancel", "move", "manual"])
steps = st.tuples(
    st.sampled_from([0, 3, 30, 24 * 5]),  # hours that pass
    st.one_of(
        st.tuples(st.just("slot"), slot_edits),
        st.tuples(st.just("cohort"), cohort_edits),
        st.tuples(touches, st.integers(0, 10)),
    ),
)


def touch(slot, kind, number, now):
    """Somebody does something to one of the classes that are left to do it to."""
    if kind == "manual":
        LiveClass.objects.create(cohort_time_slot=slot, starting_at=now + DAY, ending_at=now + 1.1 * DAY)
        return
    free = LiveClass.objects.filter(
        started_at=None, ended_at=None, cancelled_at=None, moved_by_hand=False, planned_date__isnull=False
    )
    ids = list(free.order_by("planned_date").values_list("pk", flat=True))
    if not ids:
        return
    change: dict[str, Any] = {
        "start": {"started_at": now},
        "end": {"started_at": now, "ended_at": now},
        "cancel": {"cancelled_at": now, "cancel_reason": "Ill"},
        "move": {"moved_by_hand": True, "starting_at": now + 2 * DAY, "ending_at": now + 2.1 * DAY},
    }[kind]
    LiveClass.objects.filter(pk=ids[number % len(ids)]).update(**change)


def snapshot():
    return {row["id"]: row for row in LiveClass.objects.values()}


def is_free(row, now):
    """Whether a build may touch this class: generated, coming, and nobody's but the schedule's."""
    return (
        row["planned_date"] is not None
        and row["starting_at"] > now
        and all(row[name] == value for name, value in UNTOUCHED.items())
    )


def check(slot, before, after, now):
    fixed = {pk: row for pk, row in before.items() if not is_free(row, now)}
    assert {pk: after.get(pk) for pk in fixed} == fixed
    dates = [row["planned_date"] for row in after.values() if row["planned_date"]]
    assert len(dates) == len(set(dates))
    taken = {row["planned_date"] for row in fixed.values()}
    free = {row["planned_date"]: (row["starting_at"], row["ending_at"]) for row in before.values() if is_free(row, now)}
    wanted = {
        # A coming class whose new hours are over stays where it was (G6); none is made in the past (G5).
        date: free[date] if end <= now else (start, end)
        for date, (start, end) in oracle(slot).items()
        if date not in taken and (start > now or date in free)
    }
    made = {row["planned_date"]: (row["starting_at"], row["ending_at"]) for pk, row in after.items() if pk not in fixed}
    assert made == wanted
    # What stayed of the free ones is the same class, link and all (G6).
    names = {row["planned_date"]: (row["id"], row["hash"]) for row in before.values() if is_free(row, now)}
    kept = {row["planned_date"]: (row["id"], row["hash"]) for pk, row in after.items() if pk in before}
    assert {date: name for date, name in names.items() if date in wanted} == {
        date: name for date, name in kept.items() if date in names and date in wanted
    }


@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(first=slot_edits, start=st.integers(-48, 24 * 30), history=st.lists(steps, min_size=1, max_size=8))
@example(  # Friday's class, 19:00 by UTC, gets hours that end at this very moment
    first={"timezone": "America/New_York"},
    start=96,
    history=[
        (0, ("slot", {"starting_at": 1400, "ending_at": 1600})),
        (4, ("slot", {"starting_at": 900, "ending_at": 1100})),
    ],
)
def test_any_life_of_a_time_slot(world, first, start, history):
    """G5, G6, G7, G8: whatever happens between builds, what is touched stays and the rest is as the oracle says."""
    point = transaction.savepoint()  # each example begins with the same world
    try:
        live(world, first, start, history)
    finally:
        transaction.savepoint_rollback(point)


def live(world, first, start, history):
    now = datetime.datetime.combine(KICKOFF, datetime.time(12), tzinfo=UTC) + datetime.timedelta(hours=start)
    with time_machine.travel(now, tick=False) as clock:
        Cohort.objects.filter(pk=world.cohort.pk).update(
            kickoff_date=KICKOFF, ending_date=KICKOFF + 40 * DAY, stage="STARTED"
        )
        slot = world.time_slot(weekdays=["MO", "WE", "FR"])
        CohortTimeSlot.objects.filter(pk=slot.pk).update(**first)
        slot = CohortTimeSlot.objects.select_related("cohort").get(pk=slot.pk)
        if now.astimezone(ZoneInfo(slot.timezone)).date() <= KICKOFF + 40 * DAY:
            build_time_slot(time_slot_id=slot.pk, now=now)
            rows = snapshot().values()
            assert {row["planned_date"]: (row["starting_at"], row["ending_at"]) for row in rows} == oracle(slot)
        for passed, (kind, what) in history:
            now += datetime.timedelta(hours=passed)
            clock.move_to(now, tick=False)
            step(slot.pk, kind, what, now)


def step(slot_id, kind, what, now):
    slot = CohortTimeSlot.objects.select_related("cohort").get(pk=slot_id)
    if kind in ("slot", "cohort"):
        edited = slot if kind == "slot" else slot.cohort
        for name, value in what.items():
            setattr(edited, name, value)
        edited.save()
    else:
        touch(slot, kind, what, now)
    before = snapshot()
    result = build_time_slot(time_slot_id=slot_id, now=now)
    after = snapshot()
    if result.issue == "cohort-ended":
        assert after == {pk: row for pk, row in before.items() if not is_free(row, now)}
    else:
        check(slot, before, after, now)
    build_time_slot(time_slot_id=slot_id, now=now)
    assert snapshot() == after
