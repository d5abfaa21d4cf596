"""`POST …/history/{id}/undo` (rule P8)."""

import datetime

import pytest
import time_machine

from breathecode.admissions.models import Cohort, CohortTimeSlot, Holiday
from breathecode.events.models import LiveClass
from breathecode.history.models import Change
from tests.support.client import error
from tests.support.queries import captured_queries

NOW = datetime.datetime(2025, 3, 3, 12, tzinfo=datetime.UTC)
COHORT = "/v1/admissions/academy/cohort/web-dev"
HOLIDAYS = "/v1/admissions/academy/holiday"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def send(world, call):
    """As the admin in Miami, unless said otherwise."""

    def send(method, path, **options):
        return call(method, path, **{"as_": world.admin, "academy": world.miami, **options})

    return send


@pytest.fixture
def slot(send):
    """Made by the API, so that its classes are there."""
    answer = send("POST", f"{COHORT}/timeslot", body={"starting_at": 1400, "ending_at": 1600})
    assert answer.status_code == 201, answer.content
    return f"{COHORT}/timeslot/{answer.json()['id']}"


@pytest.fixture
def holiday(send):
    body = {"name": "Spring", "starts_on": "2025-04-01", "ends_on": "2025-04-20"}
    return f"{HOLIDAYS}/{send('POST', HOLIDAYS, body=body).json()['id']}"


def classes():
    return list(
        LiveClass.objects.order_by("pk").values("id", "starting_at", "ending_at", "cancelled_at", "cancel_reason")
    )


def undo_url(send, path, nth=0):
    return f"{path}/history/{send('GET', f'{path}/history').json()[nth]['id']}/undo"


def undo(send, path, **options):
    answer = send("POST", undo_url(send, path), **options)
    assert answer.status_code == 200, answer.content
    return answer.json()["plan"]


def test_an_edit_of_a_time_slot(world, send, slot):
    """P8, P1, P2: announced, carried out as announced, and a change of its own: who, and that it can be undone too."""
    before, old = classes(), CohortTimeSlot.objects.values("starting_at", "ending_at").get()
    send("PUT", slot, body={"starting_at": 900, "ending_at": 1100})
    moved = classes()
    assert moved != before
    url = undo_url(send, slot)
    announced = send("POST", f"{url}?dry_run=true").json()["plan"]
    assert classes() == moved
    assert len(send("GET", f"{slot}/history").json()) == 2
    assert announced["totals"]["moved"] == 17
    stale = send("POST", url, headers={"If-Match": '"0"'})
    assert (stale.status_code, stale.json()["slug"], stale.json()["plan"]) == (412, "plan-outdated", announced)
    done = send("POST", url, headers={"If-Match": f'"{announced["version"]}"'}, as_=world.coordinator)
    assert done.json()["plan"] == announced
    assert classes() == before
    assert CohortTimeSlot.objects.values("starting_at", "ending_at").get() == old
    newest = send("GET", f"{slot}/history").json()[0]
    assert newest["changes"] == {"starting_at": [900, 1400], "ending_at": [1100, 1600]}
    assert (newest["by"]["id"], newest["through"]) == (world.coordinator.pk, "api")
    undo(send, slot)
    assert classes() == moved


def test_the_removal_of_a_time_slot(send, slot):
    """P8, T5: its classes come back, at the hours that they had."""
    hours = set(LiveClass.objects.values_list("starting_at", "ending_at"))
    send("DELETE", slot)
    assert LiveClass.objects.filter(starting_at__gt=NOW).count() == 0
    assert undo(send, slot)["totals"]["created"] == 17
    assert set(LiveClass.objects.values_list("starting_at", "ending_at")) == hours
    assert CohortTimeSlot.objects.get().removed_at is None


@pytest.mark.parametrize(
    "body",
    [
        {"ending_date": "2025-04-30"},
        {"never_ends": True, "ending_date": None},
        {"kickoff_date": "2025-04-01"},
        {"stage": "DELETED"},
        {"stage": "PREWORK"},
        {"timezone": "Europe/Madrid", "ending_date": "2025-04-30"},
    ],
)
def test_the_dates_of_a_cohort(send, slot, body):
    """P8: dates, stage and time zone; a later change of another field does not stand in the way, and stays."""
    hours = set(LiveClass.objects.values_list("starting_at", "ending_at", "cancelled_at"))
    before = Cohort.objects.values("kickoff_date", "ending_date", "never_ends", "stage", "timezone").get(slug="web-dev")
    assert send("PUT", COHORT, body={**body, "online_meeting_url": "https://meet.example.org/x"}).status_code == 200
    url = undo_url(send, COHORT)
    send("PUT", COHORT, body={"name": "Renamed"})
    assert send("POST", url).status_code == 200
    assert set(LiveClass.objects.values_list("starting_at", "ending_at", "cancelled_at")) == hours
    cohort = Cohort.objects.values(*before, "name", "online_meeting_url").get(slug="web-dev")
    assert cohort == {**before, "name": "Renamed", "online_meeting_url": "https://meet.example.org/x"}


def test_a_holiday_added_changed_and_deleted(send, slot):
    """P8, G13: each of the three and all ways back, the deleted one under its own id."""
    opened = classes()
    body = {"name": "Spring", "starts_on": "2025-04-01", "ends_on": "2025-04-20", "cohort": "web-dev"}
    path = f"{HOLIDAYS}/{send('POST', HOLIDAYS, body=body).json()['id']}"
    closed = [{**row, "cancelled_at": row["cancelled_at"] is not None} for row in classes()]
    assert undo(send, path)["totals"]["restored"] == 3
    assert (classes(), Holiday.objects.count()) == (opened, 0)

    assert undo(send, path)["totals"]["cancelled"] == 3
    assert [{**row, "cancelled_at": row["cancelled_at"] is not None} for row in classes()] == closed
    assert Holiday.objects.values("name", "cohort__slug").get() == {"name": "Spring", "cohort__slug": "web-dev"}

    send("PUT", path, body={"ends_on": "2025-04-02", "cohort": None, "name": "Day"})
    assert undo(send, path)["totals"]["cancelled"] == 3, "two more, and the reason of the first"
    assert send("GET", path).json()["ends_on"] == "2025-04-20"

    send("DELETE", path)
    assert classes() == opened
    undo(send, path)
    assert send("GET", path).json()["name"] == "Spring"
    assert [{**row, "cancelled_at": row["cancelled_at"] is not None} for row in classes()] == closed


def test_only_the_last_change(send, slot, holiday):
    """P8: 409, nothing saved; of a cohort the last change of its dates."""
    for path, bodies in (
        (slot, ({"starting_at": 1300}, {"starting_at": 1200})),
        (holiday, ({"name": "A"}, {"name": "B"})),
        (COHORT, ({"ending_date": "2025-05-31"}, {"ending_date": "2025-05-30"})),
    ):
        for body in bodies:
            assert send("PUT", path, body=body).status_code == 200
        before = classes()
        assert error(send("POST", undo_url(send, path, nth=1))) == (409, "not-the-last-change")
        assert error(send("POST", undo_url(send, path, nth=1) + "?dry_run=true")) == (409, "not-the-last-change")
        assert classes() == before
        assert send("POST", undo_url(send, path)).status_code == 200
        assert error(send("POST", undo_url(send, path, nth=1))) == (409, "not-the-last-change"), "once"


def test_what_cannot_be_undone(world, send, slot):
    """P8: the creation of a slot or a cohort, what is no date of a cohort, a slot or a cohort that is gone."""
    assert error(send("POST", undo_url(send, slot))) == (409, "cannot-be-undone")
    new = send("POST", "/v1/admissions/academy/cohort", body={"slug": "new", "name": "New"}).json()
    assert error(send("POST", undo_url(send, f"/v1/admissions/academy/cohort/{new['id']}"))) == (
        409,
        "cannot-be-undone",
    )
    send("PUT", COHORT, body={"name": "Renamed"})
    assert error(send("POST", undo_url(send, COHORT))) == (409, "cannot-be-undone")
    body = {"name": "Own", "starts_on": "2025-04-01", "ends_on": "2025-04-01", "cohort": "web-dev"}
    holiday = f"{HOLIDAYS}/{send('POST', HOLIDAYS, body=body).json()['id']}"
    pk = world.cohort.pk
    world.cohort.delete()
    for path in (f"/v1/admissions/academy/cohort/{pk}", slot.replace("web-dev", str(pk)), holiday):
        assert error(send("POST", undo_url(send, path))) == (409, "cannot-be-undone"), path


def test_too_many_classes(send, slot):
    """P8, T7: the way back is checked as any other change."""
    send("PUT", COHORT, body={"kickoff_date": "2025-01-16"})
    Change.objects.filter(kind="cohort").update(changes={"kickoff_date": ["1900-01-15", "2025-01-16"]})
    send("PUT", slot, body={"recurrency_type": "DAILY"})
    assert error(send("POST", undo_url(send, COHORT))) == (400, "too-many-classes")
    assert str(Cohort.objects.get(slug="web-dev").kickoff_date) == "2025-01-16"


def test_another_object_s_change(world, send, slot, holiday):
    """P8, H4: a change is found under its own object only, and in its own academy."""
    send("PUT", slot, body={"starting_at": 1300})
    pk = send("GET", f"{slot}/history").json()[0]["id"]
    for path in (holiday, COHORT, slot):
        assert send("POST", f"{path}/history/{pk}/undo?dry_run=true").status_code == (200 if path == slot else 404)
    foreign = send("POST", f"{slot}/history/{pk}/undo", as_=world.foreign_admin, academy=world.madrid)
    assert error(foreign) == (404, "not-found")
    assert error(send("POST", f"{slot}/history/{pk}/undo", as_=world.reader)) == (403, "missing-capability")
    assert CohortTimeSlot.objects.get().starting_at == 1300


def test_statements_do_not_grow(send, slot):
    """P8: with the number of classes."""
    counts = []
    for weekdays in (["MO"], ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]):
        send("PUT", slot, body={"weekdays": weekdays})
        send("PUT", slot, body={"starting_at": 1300})
        url = undo_url(send, slot)
        with captured_queries() as found:
            assert send("POST", url).status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[1]
