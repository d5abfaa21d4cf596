"""`…/history` of a live class, a time slot, a cohort and a holiday (rule P8)."""

import datetime
from typing import Any

import pytest
import time_machine

from breathecode.admissions.models import Holiday
from breathecode.events.models import LiveClass
from tests.support.client import error
from tests.support.queries import captured_queries

NOW = datetime.datetime(2025, 3, 3, 12, tzinfo=datetime.UTC)
COHORT = "/v1/admissions/academy/cohort"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def urls(world):
    """Of an object of each kind, its address and a change of it."""
    slot = world.time_slot()
    live_class = LiveClass.objects.create(
        cohort_time_slot=slot, starting_at="2025-03-05T19:00Z", ending_at="2025-03-05T21:00Z"
    )
    holiday = Holiday.objects.create(academy=world.miami, name="May Day", starts_on="2025-05-01", ends_on="2025-05-01")
    return {
        "live_class": f"/v1/events/academy/event/liveclass/{live_class.pk}",
        "cohort": f"{COHORT}/{world.cohort.pk}",
        "time_slot": f"{COHORT}/web-dev/timeslot/{slot.pk}",
        "holiday": f"/v1/admissions/academy/holiday/{holiday.pk}",
    }


BODIES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "live_class": ({"title": "One"}, {"title": "Two"}),
    "cohort": ({"name": "One"}, {"name": "Two"}),
    "time_slot": ({"starting_at": 1300}, {"starting_at": 1200}),
    "holiday": ({"name": "One"}, {"name": "Two"}),
}
KINDS = pytest.mark.parametrize("kind", BODIES)


def history(call, world, url, **extra):
    answer = call("GET", f"{url}/history", as_=world.admin, academy=world.miami, **extra)
    assert answer.status_code == 200, answer.content
    return answer.json()


@KINDS
def test_newest_first(call, world, urls, kind):
    """P8: each change in its shape, with who made it."""
    world.coordinator.first_name, world.coordinator.last_name = "Ana", "Ruiz"
    world.coordinator.save()
    for body in BODIES[kind]:
        answer = call("PUT", urls[kind], as_=world.coordinator, academy=world.miami, body=body)
        assert answer.status_code == 200, answer.content
    second, first, made = history(call, world, urls[kind])
    (name, one), (_name, two) = (next(iter(body.items())) for body in BODIES[kind])
    assert first["changes"][name][1] == one
    assert second == {
        "id": second["id"],
        "at": second["at"],
        "by": {"id": world.coordinator.pk, "first_name": "Ana", "last_name": "Ruiz"},
        "through": "api",
        "changes": {name: [one, two]},
    }
    assert second["id"] > first["id"] > made["id"]
    assert second["at"].endswith("Z")
    assert (made["by"], made["through"]) == (None, "command")
    assert {before for before, _after in made["changes"].values()} == {None}


@KINDS
def test_pages_and_queries(call, world, urls, kind):
    """P8, H8: a page of it, and as many statements for many changes of several users as for one."""
    call("PUT", urls[kind], as_=world.admin, academy=world.miami, body=BODIES[kind][0])
    history(call, world, urls[kind])
    with captured_queries() as few:
        history(call, world, urls[kind])
    for number in range(6):
        user = (world.admin, world.coordinator)[number % 2]
        body = BODIES[kind][(number + 1) % 2]
        assert call("PUT", urls[kind], as_=user, academy=world.miami, body=body).status_code == 200
    with captured_queries() as many:
        assert len(history(call, world, urls[kind])) == 8
    assert len(few) == len(many)
    answer = call("GET", f"{urls[kind]}/history?limit=3&offset=6", as_=world.admin, academy=world.miami)
    assert (len(answer.json()), answer.headers["X-Total-Count"]) == (2, "8")


@KINDS
def test_who_may_read(call, world, urls, kind):
    """P8, H4: who may read the object; for all others, and under another academy, there is none."""
    url = f"{urls[kind]}/history"
    assert error(call("GET", url, as_=world.student, academy=world.miami)) == (403, "not-academy-member")
    assert error(call("GET", url, as_=world.foreign_admin, academy=world.madrid)) == (404, "not-found")
    reader = call("GET", url, as_=world.reader, academy=world.miami)
    assert reader.status_code == (403 if kind == "live_class" else 200)
    assert call("GET", url, as_=world.staff_teacher, academy=world.miami).status_code == 200
    assert error(call("GET", url.replace(urls[kind], f"{urls[kind]}999"), as_=world.admin, academy=world.miami)) == (
        404,
        "not-found",
    )


@pytest.mark.parametrize("kind", ["live_class", "holiday"])
def test_of_what_is_gone(call, world, urls, kind):
    """P8: what was deleted keeps its history, the deletion with it."""
    answer = call("DELETE", urls[kind], as_=world.admin, academy=world.miami)
    assert answer.status_code < 300, answer.content
    assert call("GET", urls[kind], as_=world.admin, academy=world.miami).status_code == 404
    deleted, _made = history(call, world, urls[kind])
    assert {after for _before, after in deleted["changes"].values()} == {None}
    assert deleted["by"]["id"] == world.admin.pk
    url = f"{urls[kind]}/history"
    assert error(call("GET", url, as_=world.foreign_admin, academy=world.madrid)) == (404, "not-found")


def test_under_its_own_cohort(call, world, urls):
    """P8: a time slot is not found under another cohort's address; a cohort that an admin deleted is, by its id."""
    other = call("POST", COHORT, as_=world.admin, academy=world.miami, body={"slug": "new", "name": "New"}).json()
    url = urls["time_slot"].replace("web-dev", str(other["id"]))
    assert error(call("GET", f"{url}/history", as_=world.admin, academy=world.miami)) == (404, "not-found")
    pk = world.cohort.pk
    world.cohort.delete()
    assert history(call, world, f"{COHORT}/{pk}")[0]["changes"]["slug"] == ["web-dev", None]
    assert len(history(call, world, urls["time_slot"].replace("web-dev", str(pk)))) == 2


def test_a_class_that_a_build_made(call, world):
    """P8: it has no history before somebody changes it."""
    slot = call(
        "POST",
        f"{COHORT}/web-dev/timeslot",
        as_=world.admin,
        academy=world.miami,
        body={"starting_at": 900, "ending_at": 1000},
    ).json()
    live_class = LiveClass.objects.filter(cohort_time_slot=slot["id"]).earliest("pk")
    assert history(call, world, f"/v1/events/academy/event/liveclass/{live_class.pk}") == []
