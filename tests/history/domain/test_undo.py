"""Random edits: the way back leads to the schedule that was (rule P8)."""

import datetime

import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from breathecode.admissions.models import Cohort, CohortTimeSlot, Holiday
from breathecode.events.models import ClassJoin, LiveClass
from breathecode.schedules.domain.generation import build_time_slot

UTC = datetime.UTC
DAY = datetime.timedelta(days=1)
KICKOFF = datetime.date(2024, 12, 16)
COHORT = "/v1/admissions/academy/cohort/web-dev"
HOLIDAYS = "/v1/admissions/academy/holiday"
dates = st.integers(0, 130).map(lambda days: KICKOFF + days * DAY)
clocks = st.sampled_from([(900, 1100), (1400, 1600), (2300, 130), (0, 2359)])
slots = st.builds(
    lambda hours, more: {**more, "starting_at": hours[0], "ending_at": hours[1]},
    clocks,
    st.fixed_dictionaries(
        {},
        optional={
            "timezone": st.sampled_from(["America/New_York", "Europe/Madrid", "Pacific/Auckland"]),
            "weekdays": st.lists(st.sampled_from(["MO", "WE", "SU"]), unique=True, max_size=2),
            "interval": st.integers(1, 3),
            "starts_on": dates.map(str),
        },
    ),
)
holidays = st.builds(
    lambda first, days, own: {
        "name": f"Closed from {first}",
        "starts_on": str(first),
        "ends_on": str(first + days * DAY),
        "cohort": "web-dev" if own else None,
    },
    dates,
    st.integers(0, 12),
    st.booleans(),
)
cohorts = st.one_of(
    dates.map(lambda date: {"ending_date": str(date + 20 * DAY)}),
    st.integers(0, 20).map(lambda days: {"kickoff_date": str(KICKOFF + days * DAY)}),
    st.sampled_from(["STARTED", "PREWORK", "DELETED"]).map(lambda stage: {"stage": stage}),
    st.just({"never_ends": True, "ending_date": None}),
)
edits = st.one_of(
    st.tuples(st.just("PUT"), st.just("slot"), slots),
    st.tuples(st.just("DELETE"), st.just("slot"), st.none()),
    st.tuples(st.just("PUT"), st.just("cohort"), cohorts),
    st.tuples(st.just("POST"), st.just("holiday"), holidays),
    st.tuples(st.just("PUT"), st.just("holiday"), holidays),
    st.tuples(st.just("DELETE"), st.just("holiday"), st.none()),
)


def schedule():
    """What takes place, and what staff cancelled. What the schedule has not is cancelled by it, or deleted: off."""
    return {
        (row.cohort_time_slot_id, row.planned_date or row.pk): (
            row.starting_at,
            row.ending_at,
            row.cancelled_at is not None,
            row.cancel_reason,
        )
        for row in LiveClass.objects.filter(cancelled_by_schedule=False)
    }


def ids():
    return dict(LiveClass.objects.exclude(planned_date=None).values_list("pk", "planned_date"))


def written():
    counters = {"updated_at", "created_at", "revision", "classes_version"}
    hidden = counters | {"built_revision", "built_until", "extends_at", "horizon_days", "first_built_at"}
    hidden |= {"zone_data_version"}
    return [
        {name: value for name, value in row.items() if name not in hidden}
        for model in (Cohort, CohortTimeSlot, Holiday)
        for row in model.objects.order_by("pk").values()
    ]


def make(world, slot, closed, now):
    Cohort.objects.filter(pk=world.cohort.pk).update(kickoff_date=KICKOFF, ending_date=KICKOFF + 120 * DAY)
    made = CohortTimeSlot.objects.create(cohort=Cohort.objects.get(pk=world.cohort.pk), **slot)
    for fields in closed:
        Holiday.objects.create(academy=world.miami, **{**fields, "cohort": world.cohort if fields["cohort"] else None})
    build_time_slot(time_slot_id=made.pk, now=now)
    LiveClass.objects.create(cohort_time_slot=made, starting_at=now + 9.3 * DAY, ending_at=now + 9.4 * DAY)
    coming = list(LiveClass.objects.filter(starting_at__gt=now, cancelled_at=None).exclude(planned_date=None)[:3])
    if len(coming) == 3:
        start = now + 5.7 * DAY
        LiveClass.objects.filter(pk=coming[0].pk).update(
            moved_by_hand=True, starting_at=start, ending_at=start + 0.1 * DAY
        )
        LiveClass.objects.filter(pk=coming[1].pk).update(cancelled_at=now, cancel_reason="Ill")
        ClassJoin.objects.create(live_class=coming[2], user=world.student, joined_at=now)
    return made


@settings(
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(slot=slots, closed=st.lists(holidays, max_size=2), start=st.integers(0, 100 * 24), edit=edits)
def test_the_schedule_that_was(world, call, slot, closed, start, edit):
    """P8: for any edit; classes that are still there are the same ones, and the plan is what happens."""
    point = transaction.savepoint()
    now = datetime.datetime.combine(KICKOFF, datetime.time(7), tzinfo=UTC) + datetime.timedelta(hours=start)
    call.keys.clear()
    try:
        with time_machine.travel(now, tick=False):
            there_and_back(world, call, make(world, slot, closed, now), edit)
    finally:
        transaction.savepoint_rollback(point)


def there_and_back(world, call, slot, edit):
    method, kind, body = edit
    holiday = Holiday.objects.order_by("pk").first()
    paths = {"slot": f"{COHORT}/timeslot/{slot.pk}", "cohort": COHORT, "holiday": HOLIDAYS}
    path = paths[kind]
    if kind == "holiday" and method != "POST":
        if holiday is None:
            return
        path = f"{HOLIDAYS}/{holiday.pk}"

    def send(method, path, **options):
        return call(method, path, as_=world.admin, academy=world.miami, **options)

    before, same, rows = schedule(), ids(), written()
    answer = send(method, path, body=body)
    if answer.status_code == 400:  # such as an end before the kickoff
        return
    kept = ids()
    if written() == rows:
        return
    if method == "POST":
        path = f"{HOLIDAYS}/{answer.json()['id']}"
    url = f"{path}/history/{send('GET', f'{path}/history').json()[0]['id']}/undo"
    announced = send("POST", f"{url}?dry_run=true").json()["plan"]
    assert send("POST", url, headers={"If-Match": f'"{announced["version"]}"'}).json()["plan"] == announced
    assert written() == rows
    assert schedule() == before
    assert {pk: day for pk, day in ids().items() if pk in same} == {pk: same[pk] for pk in kept if pk in same}
