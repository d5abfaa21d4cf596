"""Random worlds and edits: what is announced is what happens, and what happens is the difference of the rows."""

import datetime

import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from breathecode.admissions.models import Cohort, CohortTimeSlot, Holiday
from breathecode.events.models import ClassJoin, LiveClass
from breathecode.schedules.domain.generation import build_time_slot
from tests.support.plans import check_kept, check_plan, class_rows

UTC = datetime.UTC
DAY = datetime.timedelta(days=1)
KICKOFF = datetime.date(2024, 12, 16)  # over new year, and over the change of clocks of each zone below
COHORT = "/v1/admissions/academy/cohort/web-dev"
HOLIDAYS = "/v1/admissions/academy/holiday"
ZONES = ["America/New_York", "Europe/Madrid", "Pacific/Auckland", "Asia/Kolkata"]  # Auckland is 13 hours ahead

dates = st.integers(0, 130).map(lambda days: KICKOFF + days * DAY)
clocks = st.sampled_from([(900, 1100), (1400, 1600), (2300, 130), (130, 330), (0, 2359)])
slot_fields = st.fixed_dictionaries(
    {},
    optional={
        "timezone": st.sampled_from(ZONES),
        "weekdays": st.lists(st.sampled_from(["MO", "WE", "FR", "SU"]), unique=True, max_size=3),
        "interval": st.integers(1, 3),
        "recurrent": st.sampled_from([True, True, True, False]),
        "starts_on": dates.map(str),
    },
)
slots = st.tuples(slot_fields, clocks).map(
    lambda given: {**given[0], "starting_at": given[1][0], "ending_at": given[1][1]}
)
holidays = st.tuples(dates, st.integers(0, 12), st.booleans()).map(
    lambda given: {
        "name": f"Closed from {given[0]}",
        "starts_on": str(given[0]),
        "ends_on": str(given[0] + given[1] * DAY),
        "cohort": "web-dev" if given[2] else None,
    }
)
cohort_fields = st.one_of(
    dates.map(lambda date: {"ending_date": str(date + 20 * DAY)}),
    st.integers(0, 20).map(lambda days: {"kickoff_date": str(KICKOFF + days * DAY)}),
    st.sampled_from(["STARTED", "PREWORK", "DELETED"]).map(lambda stage: {"stage": stage}),
    st.just({"never_ends": True, "ending_date": None}),
)
touches = st.tuples(st.sampled_from(["start", "cancel", "move", "make", "restore", "join"]), st.integers(0, 30))
edits = st.one_of(
    st.tuples(st.just("PUT"), st.just("slot"), slots),
    st.tuples(st.just("DELETE"), st.sampled_from(["slot", "slot kept"]), st.none()),
    st.tuples(st.just("PUT"), st.just("cohort"), cohort_fields),
    st.tuples(st.just("POST"), st.just("holiday"), holidays),
    st.tuples(st.just("PUT"), st.just("holiday"), holidays),
    st.tuples(st.just("DELETE"), st.just("holiday"), st.none()),
)


def touch(world, now, kind, number):
    """Somebody does something to one of the coming classes."""
    coming = LiveClass.objects.filter(starting_at__gt=now).order_by("starting_at", "pk")
    if kind == "restore":
        coming = coming.filter(cancelled_by_schedule=True)
    elif kind != "make":
        coming = coming.filter(started_at=None, cancelled_at=None)
    ids = list(coming.values_list("pk", flat=True))
    if not ids and kind != "make":
        return
    if kind == "make":
        start = now + (number + 0.3) * DAY
        slot = CohortTimeSlot.objects.earliest("pk")
        LiveClass.objects.create(cohort_time_slot=slot, starting_at=start, ending_at=start + 0.1 * DAY)
        return
    chosen = LiveClass.objects.filter(pk=ids[number % len(ids)])
    start = now + (number % 12 + 0.7) * DAY
    if kind == "join":  # a class that somebody was in is cancelled, where others are deleted
        ClassJoin.objects.get_or_create(live_class=chosen.get(), user=world.student, defaults={"joined_at": now})
        return
    changes = {
        "start": {"started_at": now},
        "cancel": {"cancelled_at": now, "cancel_reason": "Ill"},
        "move": {"moved_by_hand": True, "starting_at": start, "ending_at": start + 0.1 * DAY},
        "restore": {"cancelled_at": None, "cancelled_by_schedule": False, "cancel_reason": "", "kept_by_staff": True},
    }
    chosen.update(**changes[kind])


def address(target, number):
    if target == "cohort":
        return COHORT
    model = Holiday if target == "holiday" else CohortTimeSlot
    pks = list(model.objects.order_by("pk").values_list("pk", flat=True))
    root = HOLIDAYS if target == "holiday" else f"{COHORT}/timeslot"
    return f"{root}/{pks[number % len(pks)]}" if pks else None


@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    first=st.lists(slots, min_size=1, max_size=3),
    closed=st.lists(holidays, max_size=2),
    start=st.integers(-3, 140 * 24),
    done=st.lists(touches, max_size=5),
    change=edits,
    number=st.integers(0, 5),
)
def test_any_change(world, call, first, closed, start, done, change, number):
    """P1, P2, P3: the dry run saves nothing, and its plan is the real one's and the difference of the rows."""
    point = transaction.savepoint()
    now = datetime.datetime.combine(KICKOFF, datetime.time(7), tzinfo=UTC) + datetime.timedelta(hours=start)
    call.keys.clear()
    try:
        with time_machine.travel(now, tick=False):
            live(world, call, first, closed, now, done, change, number)
    finally:
        transaction.savepoint_rollback(point)


def live(world, call, first, closed, now, done, change, number):
    build_world(world, first, closed, now)
    for kind, which in done:
        touch(world, now, kind, which)
    method, target, body = change
    path = HOLIDAYS if method == "POST" else address(target.split()[0], number)
    option = "&kept=cancel" if target == "slot kept" else ""

    def send(dry_run, **headers):
        url = f"{path}?dry_run={dry_run}{option}"
        return call(method, url, as_=world.admin, academy=world.miami, body=body, headers=headers)

    if path is not None:
        check(send, now)


def build_world(world, first, closed, now):
    Cohort.objects.filter(pk=world.cohort.pk).update(kickoff_date=KICKOFF, ending_date=KICKOFF + 120 * DAY)
    for fields in first:
        CohortTimeSlot.objects.create(cohort=Cohort.objects.get(pk=world.cohort.pk), **fields)
    build(now)
    for fields in closed:
        cohort = world.cohort if fields["cohort"] else None
        Holiday.objects.create(academy=world.miami, **{**fields, "cohort": cohort})
    build(now)


def build(now):
    for slot in CohortTimeSlot.objects.order_by("pk"):
        build_time_slot(time_slot_id=slot.pk, now=now)


def check(send, now):
    before = class_rows()
    announced = send("true")
    assert class_rows() == before
    if announced.status_code == 400:  # such as an end before the kickoff
        assert send("false").status_code == 400
        assert class_rows() == before
        return
    plan = announced.json()["plan"]
    assert send("false", **{"If-Match": f'"{plan["version"]}"'}).json()["plan"] == plan
    after = class_rows()
    check_plan(plan, before, after)
    check_kept(plan, before, after, now)
    build(now)  # what is queued after the commit finds nothing left
    assert class_rows() == after
