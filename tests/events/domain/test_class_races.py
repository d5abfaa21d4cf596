"""Several people change the same class in the same moment: one wins, the others are told (rule W5)."""

import datetime
from collections import Counter
from typing import Any

import pytest
from django.utils import timezone

from breathecode.events.models import ClassJoin, LiveClass
from breathecode.schedules.domain.generation import build_time_slot
from tests.support.client import Call
from tests.support.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6
LIST = "/v1/events/academy/event/liveclass"
MINUTE = datetime.timedelta(minutes=1)


def outcome(response: Any) -> tuple[int, str]:
    return response.status_code, "" if response.status_code < 400 else response.json()["slug"]


@pytest.fixture
def scene(world):
    """A class whose time has come, and a way to call as somebody on a thread."""
    keys = Call()
    people = ("staff_teacher", "coordinator", "teacher", "assistant", "admin")
    known = {name: keys.key(getattr(world, name)) for name in people}
    slot = world.time_slot()
    LiveClass.objects.all().delete()

    def make(start=-5 * MINUTE, **fields):
        now = timezone.now()
        times = {"starting_at": now + start, "ending_at": now + start + 60 * MINUTE}
        return LiveClass.objects.create(cohort_time_slot=slot, **{**times, **fields})

    def job(name, method, url, body=None):
        def run():
            call = Call()
            call.keys = {getattr(world, name).pk: known[name]}
            return call(method, url, as_=getattr(world, name), academy=world.miami, body=body)

        return run

    return make, job


def stamp(moment):
    return moment.isoformat().replace("+00:00", "Z")


def test_two_staff_and_a_joining_teacher_start_a_class(scene):
    """W5, J6: one start, one time; the others hear `started-at-already-set`, and the teacher gets in all the same."""
    make, job = scene
    winners: Counter[str] = Counter()
    for _ in range(ROUNDS):
        live_class, now = make(), timezone.now()
        times = {"staff_teacher": now - MINUTE, "coordinator": now + MINUTE}
        url = f"{LIST}/{live_class.pk}"
        *staff, joined = together(
            *(job(name, "PUT", url, {"started_at": stamp(at)}) for name, at in times.items()),
            job("teacher", "GET", f"/v1/events/me/event/liveclass/join/{live_class.hash}"),
        )
        assert joined.status_code == 302
        live_class.refresh_from_db()
        accepted = [name for name, answer in zip(times, staff, strict=True) if answer.status_code == 200]
        refused = [outcome(answer) for answer in staff if answer.status_code != 200]
        assert refused == [(400, "started-at-already-set")] * (2 - len(accepted))
        by_join = ClassJoin.objects.get(live_class=live_class).joined_at
        assert live_class.started_at == (times[accepted[0]] if accepted else by_join)
        assert len(accepted) <= 1
        winners[accepted[0] if accepted else "teacher"] += 1
    assert sum(winners.values()) == ROUNDS


def test_two_end_a_class(scene):
    """W5: one end; the other hears `ended-at-already-set`."""
    make, job = scene
    for _ in range(ROUNDS):
        now = timezone.now()
        live_class = make(-120 * MINUTE, started_at=now - 100 * MINUTE)
        url = f"{LIST}/{live_class.pk}"
        times = [now - 10 * MINUTE, now - 20 * MINUTE]
        people = ("staff_teacher", "coordinator")
        jobs = [job(name, "PUT", url, {"ended_at": stamp(at)}) for name, at in zip(people, times, strict=True)]
        answers = together(*jobs)
        assert sorted(map(outcome, answers)) == [(200, ""), (400, "ended-at-already-set")]
        live_class.refresh_from_db()
        assert live_class.ended_at == times[[answer.status_code for answer in answers].index(200)]


def test_one_cancels_while_another_starts(scene):
    """W5, W6: a class is started or cancelled, never both, and the later one hears why not."""
    make, job = scene
    for _ in range(ROUNDS):
        live_class = make()
        url = f"{LIST}/{live_class.pk}"
        started, cancelled = together(
            job("staff_teacher", "PUT", url, {"started_at": stamp(timezone.now())}),
            job("coordinator", "POST", f"{url}/cancel", {"reason": "Snow"}),
        )
        assert (outcome(started), outcome(cancelled)) in {
            ((200, ""), (409, "class-already-started")),
            ((400, "class-cancelled"), (200, "")),
        }
        live_class.refresh_from_db()
        assert (live_class.started_at is None) != (live_class.cancelled_at is None)


def test_the_same_class_is_made_twice(scene):
    """W1: one 201, the others 409, one row."""
    make, job = scene
    slot_id = make(-500 * MINUTE).cohort_time_slot_id
    for hour in range(ROUNDS):
        body = {
            "cohort_time_slot": slot_id,
            "starting_at": f"2031-10-28T{hour:02}:00:00Z",
            "ending_at": f"2031-10-28T{hour:02}:30:00Z",
            "remote_meeting_url": "https://zoom.us/j/1",
        }
        answers = together(*(job(name, "POST", LIST, body) for name in ("staff_teacher", "coordinator", "admin")))
        assert sorted(map(outcome, answers)) == [(201, ""), *[(409, "live-class-already-exists")] * 2]
        assert LiveClass.objects.filter(starting_at=body["starting_at"]).count() == 1


def test_a_class_is_moved_while_its_schedule_is_rebuilt(world, scene):
    """W4, G10: whoever comes first, the class moved by hand stays where it was put, once."""
    _make, job = scene
    today = timezone.now().date()
    world.cohort.kickoff_date, world.cohort.ending_date = today, today + datetime.timedelta(days=30)
    world.cohort.save()
    slot = world.time_slot(recurrency_type="DAILY")
    build_time_slot(time_slot_id=slot.pk, now=timezone.now())
    coming = LiveClass.objects.filter(cohort_time_slot=slot, starting_at__gt=timezone.now() + 1440 * MINUTE)
    for number, live_class in enumerate(coming.order_by("starting_at")[:ROUNDS]):
        slot.starting_at, slot.ending_at = 1000 + number, 1100 + number
        slot.save()
        moved = live_class.starting_at + datetime.timedelta(hours=3)
        body = {"starting_at": stamp(moved), "ending_at": stamp(moved + 60 * MINUTE)}
        answer, _built = together(
            job("staff_teacher", "PUT", f"{LIST}/{live_class.pk}", body),
            lambda: build_time_slot(time_slot_id=slot.pk, now=timezone.now()),
        )
        assert answer.status_code == 200
        live_class.refresh_from_db()
        assert (live_class.starting_at, live_class.moved_by_hand) == (moved, True)
        assert LiveClass.objects.filter(cohort_time_slot=slot, planned_date=live_class.planned_date).count() == 1
    build_time_slot(time_slot_id=slot.pk, now=timezone.now())
    assert LiveClass.objects.filter(cohort_time_slot=slot, moved_by_hand=True).count() == ROUNDS
