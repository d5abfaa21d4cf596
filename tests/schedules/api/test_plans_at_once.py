"""Plans and changes beside each other; on PostgreSQL this is where locks prove themselves (rules P2, G10)."""

import datetime

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from breathecode.admissions.models import Cohort, CohortTimeSlot, Holiday
from breathecode.events.models import LiveClass
from breathecode.schedules.domain.generation import build_time_slot, due_time_slot_ids
from tests.support.client import Call
from tests.support.threads import together
from tests.support.world import World

pytestmark = pytest.mark.django_db(transaction=True)

DAY = datetime.timedelta(days=1)
TODAY = timezone.now().date()
COHORT = "/v1/admissions/academy/cohort/web-dev"
HOLIDAYS = "/v1/admissions/academy/holiday"


@pytest.fixture
def world(transactional_db):
    cache.clear()
    world = World.make()
    Cohort.objects.filter(pk=world.cohort.pk).update(kickoff_date=TODAY - 7 * DAY, ending_date=TODAY + 28 * DAY)
    world.cohort.refresh_from_db()
    return world


@pytest.fixture
def staff(world):
    """Sends as the academy's admin; each call has a client of its own."""
    key = Call().key(world.admin)

    def staff(method, path, body=None, **headers):
        call = Call()
        call.keys[world.admin.pk] = key
        return call(method, path, as_=world.admin, academy=world.miami, body=body, headers=headers)

    return staff


@pytest.fixture
def slot(world):
    slot = world.time_slot(recurrency_type="DAILY")
    build_time_slot(time_slot_id=slot.pk, now=timezone.now())
    return slot


def test_two_who_looked_at_one_plan(staff, slot):
    """P2: one carries it out, the other gets 412 and a plan of what is left to do: nothing."""
    url, body = f"{COHORT}/timeslot/{slot.pk}", {"starting_at": 900, "ending_at": 1100}
    plan = staff("PUT", f"{url}?dry_run=true", body).json()["plan"]
    assert plan["totals"]["moved"] > 20

    def send():
        return staff("PUT", url, body, **{"If-Match": f'"{plan["version"]}"'})

    done, outdated = sorted(together(send, send), key=lambda answer: answer.status_code)
    assert (done.status_code, done.json()["plan"]) == (200, plan)
    assert (outdated.status_code, outdated.json()["slug"]) == (412, "plan-outdated")
    assert outdated.json()["plan"]["totals"]["moved"] == 0
    # Today's class stays where the new hour has passed already.
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    assert set(LiveClass.objects.filter(starting_at__gt=tomorrow).values_list("sequence", flat=True)) == {1}


def test_a_plan_and_a_class_that_is_moved(staff, slot):
    """P2: the removal comes before or after the move; what the answer says is what is in the database."""
    url = f"{COHORT}/timeslot/{slot.pk}"
    plan = staff("DELETE", f"{url}?dry_run=true").json()["plan"]
    chosen = LiveClass.objects.latest("starting_at")
    later = {"starting_at": f"{chosen.ending_at:%Y-%m-%dT%H:%M:%SZ}"}
    later["ending_at"] = f"{chosen.ending_at + datetime.timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    removed, moved = together(
        lambda: staff("DELETE", url, **{"If-Match": f'"{plan["version"]}"'}),
        lambda: staff("PUT", f"/v1/events/academy/event/liveclass/{chosen.pk}", later),
    )
    coming = LiveClass.objects.filter(starting_at__gt=timezone.now())
    if removed.status_code == 200:  # first: there is no class left to move
        assert moved.status_code == 404
        assert coming.count() == 0
    else:
        assert (removed.status_code, moved.status_code) == (412, 200)
        assert {"id": chosen.pk, "reason": "moved-by-hand"} in removed.json()["plan"]["kept"]
        assert coming.count() == len(plan["deleted"])


@pytest.mark.parametrize("round_", range(3))
def test_all_kinds_of_changes(world, staff, slot, round_):
    """G10, P2: none fails or waits for another for ever, and in the end the classes are what the schedule says."""
    second = world.time_slot(starting_at=800, ending_at=900)
    holiday = Holiday.objects.create(academy=world.miami, name="A", starts_on=TODAY, ends_on=TODAY + DAY)
    dates = {"starts_on": str(TODAY + 3 * DAY), "ends_on": str(TODAY + 9 * DAY)}
    answers = together(
        lambda: staff("PUT", f"{COHORT}/timeslot/{slot.pk}", {"starting_at": 1000, "ending_at": 1200}),
        lambda: staff("PUT", COHORT, {"ending_date": str(TODAY + 20 * DAY)}),
        lambda: staff("POST", HOLIDAYS, {"name": "B", **dates}),
        lambda: staff("PUT", f"{HOLIDAYS}/{holiday.pk}", {**dates, "cohort": "web-dev"}),
        lambda: staff("POST", f"{COHORT}/timeslot", {"starting_at": 1900, "ending_at": 2000}),
        lambda: staff("DELETE", f"{COHORT}/timeslot/{second.pk}"),
        lambda: staff("POST", f"{HOLIDAYS}?dry_run=true", {"name": "C", **dates}),
        lambda: build_time_slot(time_slot_id=slot.pk, now=timezone.now()),
    )
    assert [answer.status_code for answer in answers[:-1]] == [200, 200, 201, 200, 201, 200, 200]
    assert due_time_slot_ids(now=timezone.now()) == []
    before = list(LiveClass.objects.order_by("pk").values())
    for pk in CohortTimeSlot.objects.values_list("pk", flat=True):
        assert not build_time_slot(time_slot_id=pk, now=timezone.now()).changed
    assert list(LiveClass.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("through", ["api", "page"])
def test_the_class_of_tonight_goes_with_its_time_slot(world, staff, through):
    """T5, P2: the plan says so, also while the clock runs on between the plan and the removal."""
    local = (6 - timezone.now().hour + 12) % 24 - 12  # in this zone it is between 6 and 7
    slot = world.time_slot(recurrency_type="DAILY", starting_at=2000, ending_at=2200, timezone=f"Etc/GMT{-local:+d}")
    build_time_slot(time_slot_id=slot.pk, now=timezone.now())
    tonight = LiveClass.objects.filter(starting_at__gt=timezone.now()).earliest("starting_at")
    assert tonight.starting_at - timezone.now() < datetime.timedelta(hours=15)
    if through == "api":
        plan = staff("DELETE", f"{COHORT}/timeslot/{slot.pk}").json()["plan"]
        deleted = {entry["id"] for entry in plan["deleted"]}
    else:
        client = Client()
        client.force_login(world.admin)
        address = f"/academy/{world.miami.slug}/cohorts/web-dev/slots/{slot.pk}/remove"
        step = client.post(address).context["step"]
        assert client.post(address, {"plan": step.version}).status_code == 303
        deleted = {pk for pk, _hours in step.plan.deleted}
    assert tonight.pk in deleted
    assert not LiveClass.objects.filter(starting_at__gt=timezone.now()).exists()
