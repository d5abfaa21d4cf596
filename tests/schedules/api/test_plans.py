"""The plan of a change, announced and carried out (rules P1 to P3)."""

import datetime

import pytest
import time_machine

from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser, Holiday
from breathecode.events.models import LiveClass
from breathecode.schedules.domain.generation import build_time_slot
from tests.support.client import error
from tests.support.queries import captured_queries

UTC = datetime.UTC
NOW = datetime.datetime(2025, 3, 5, 12, tzinfo=UTC)  # a Wednesday; the clocks change on 9 March in New York
COHORT = "/v1/admissions/academy/cohort/web-dev"
HOLIDAYS = "/v1/admissions/academy/holiday"
LISTS = ("created", "moved", "cancelled", "restored", "deleted", "kept")
HOLIDAY = {"name": "City day", "starts_on": "2025-03-12", "ends_on": "2025-03-19"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def staff(world, call):
    """Calls as the academy's coordinator."""

    def staff(method, url, body=None, **options):
        return call(method, url, as_=world.coordinator, academy=world.miami, body=body, **options)

    return staff


@pytest.fixture
def slot(world, staff):
    """Wednesdays, 14:00 to 16:00 in New York, built: 7 past classes and 17 to come, the first today."""
    pk = staff("POST", f"{COHORT}/timeslot", {"starting_at": 1400, "ending_at": 1600}).json()["id"]
    return CohortTimeSlot.objects.get(pk=pk)


@pytest.fixture
def url(slot):
    return f"{COHORT}/timeslot/{slot.pk}"


def of(date):
    """The class that the schedule planned for this date."""
    return LiveClass.objects.get(planned_date=date)


def instant(text):
    return datetime.datetime.fromisoformat(text)


def rows():
    return list(LiveClass.objects.order_by("pk").values())


def stored():
    """All that a dry run must leave as it was."""
    models = (LiveClass, CohortTimeSlot, Cohort, Holiday)
    return [list(model.objects.order_by("pk").values()) for model in models]


def plan_of(answer):
    assert answer.status_code in (200, 201), answer.json()
    return answer.json()["plan"]


def dry(path):
    return f"{path}?dry_run=true"


def counts(plan):
    return {name: count for name, count in plan["totals"].items() if count}


def by_hand(slot):
    """What people did to coming classes: one started early, one moved, one cancelled, and one made."""
    LiveClass.objects.filter(pk=of("2025-03-05").pk).update(started_at=NOW)
    moved = of("2025-03-12")
    LiveClass.objects.filter(pk=moved.pk).update(
        moved_by_hand=True, starting_at=instant("2025-03-13T18:00Z"), ending_at=instant("2025-03-13T20:00Z")
    )
    LiveClass.objects.filter(pk=of("2025-03-19").pk).update(cancelled_at=NOW, cancel_reason="Ill")
    made = LiveClass.objects.create(
        cohort_time_slot=slot, starting_at=instant("2025-03-15T15:00Z"), ending_at=instant("2025-03-15T16:00Z")
    )
    return {"started": of("2025-03-05").pk, "moved": moved.pk, "made": made.pk}


def test_new_hours_of_a_time_slot(staff, slot, url):
    """P1, P2: the plan letter by letter; the real request answers the same one beside the time slot."""
    before = stored()
    answer = staff("PUT", dry(url), {"starting_at": 900, "ending_at": 1100})
    assert list(answer.json()) == ["plan"]
    plan = plan_of(answer)
    assert list(plan) == ["version", *LISTS, "totals", "warnings"]
    assert plan["moved"][0] == {
        "id": of("2025-03-05").pk,
        "from": {"starting_at": "2025-03-05T19:00:00Z", "ending_at": "2025-03-05T21:00:00Z"},
        "to": {"starting_at": "2025-03-05T14:00:00Z", "ending_at": "2025-03-05T16:00:00Z"},
    }
    assert plan["moved"][1]["to"]["starting_at"] == "2025-03-12T13:00:00Z"  # summer time by then
    assert plan["totals"] == {
        "created": 0, "moved": 17, "cancelled": 0, "restored": 0, "deleted": 0, "kept": 0, "past": 7,
    }  # fmt: skip
    assert plan["warnings"] == []
    assert stored() == before
    changed = staff("PUT", url, {"starting_at": 900, "ending_at": 1100}).json()
    assert changed.pop("plan") == plan
    assert changed == staff("GET", url).json()
    assert of("2025-03-05").starting_at == instant("2025-03-05T14:00Z")
    assert counts(plan_of(staff("PUT", url, changed))) == {}


def test_what_people_did_is_kept_and_named(staff, slot, url):
    """P1, G7: what another weekday, or no time slot, does not want: started, moved, made by hand; no cancelled one."""
    pks = by_hand(slot)
    plan = plan_of(staff("PUT", dry(url), {"weekdays": ["TU"]}))
    assert plan["kept"] == [
        {"id": pks["started"], "reason": "started"},
        {"id": pks["moved"], "reason": "moved-by-hand"},
    ]
    assert counts(plan) == {"created": 16, "deleted": 14, "kept": 2, "past": 7}
    removal = plan_of(staff("DELETE", dry(url)))
    assert removal["kept"] == [
        {"id": pks["started"], "reason": "started"},
        {"id": pks["moved"], "reason": "moved-by-hand"},
        {"id": pks["made"], "reason": "made-by-hand"},
    ]
    assert counts(removal) == {"deleted": 14, "kept": 3, "past": 7}
    assert removal["deleted"][0] == {
        "id": of("2025-03-26").pk, "starting_at": "2025-03-26T18:00:00Z", "ending_at": "2025-03-26T20:00:00Z",
    }  # fmt: skip


def test_hours_that_are_over(staff, url, clock):
    """P1, G6: today's class stays where it was when its new hours have passed, and the plan says why."""
    clock.move_to(instant("2025-03-05T17:30Z"), tick=False)
    plan = plan_of(staff("PUT", url, {"starting_at": 900, "ending_at": 1100}))
    assert plan["kept"] == [{"id": of("2025-03-05").pk, "reason": "over-by-now"}]
    assert counts(plan) == {"moved": 16, "kept": 1, "past": 7}


def test_a_change_names_only_what_it_makes_a_difference_to(world, staff, slot, url):
    """P1: a class that was moved long ago is not named with every holiday."""
    by_hand(slot)
    elsewhere = {"name": "May", "starts_on": "2025-05-07", "ends_on": "2025-05-07"}
    assert counts(plan_of(staff("POST", dry(HOLIDAYS), elsewhere))) == {"cancelled": 1}
    assert counts(plan_of(staff("PUT", dry(url), {"starting_at": 1400}))) == {}


def test_a_holiday_from_its_plan_to_its_end(staff, slot):
    """P1, P2, G13: POST, PUT and DELETE, each announced and then carried out; what was made by hand stays."""
    pks = by_hand(slot)
    announced = plan_of(staff("POST", dry(HOLIDAYS), HOLIDAY))
    assert Holiday.objects.count() == 0
    assert announced["kept"] == [
        {"id": pks["moved"], "reason": "moved-by-hand"},
        {"id": pks["made"], "reason": "made-by-hand"},
    ]
    assert counts(announced) == {"kept": 2}
    made = staff("POST", HOLIDAYS, HOLIDAY)
    assert (made.status_code, plan_of(made)) == (201, announced)
    url = f"{HOLIDAYS}/{made.json()['id']}"
    longer = plan_of(staff("PUT", dry(url), {"ends_on": "2025-03-26"}))
    assert longer["cancelled"] == [{"id": of("2025-03-26").pk, "reason": "City day"}]
    assert plan_of(staff("PUT", url, {"ends_on": "2025-03-26"})) == longer
    assert of("2025-03-26").cancel_reason == "City day"
    back = plan_of(staff("DELETE", dry(url)))
    assert back["restored"] == [{"id": of("2025-03-26").pk}]
    removed = staff("DELETE", url)
    assert (removed.status_code, removed.json()) == (200, {"plan": back})
    assert of("2025-03-26").cancelled_at is None


@pytest.mark.parametrize(
    ("now", "slot", "closed", "cancelled"),
    [
        pytest.param(
            "2025-03-05T12:00Z",
            {"starting_at": 900, "ending_at": 1000, "timezone": "America/New_York"},
            ("2025-03-08", "2025-03-10"),
            ["2025-03-08T14:00:00Z", "2025-03-09T13:00:00Z", "2025-03-10T13:00:00Z"],
            id="the clocks change on its second day",
        ),
        pytest.param(
            "2025-12-20T12:00Z",
            {"starting_at": 2330, "ending_at": 30, "timezone": "Europe/Madrid"},
            ("2025-12-31", "2026-01-01"),
            ["2025-12-31T22:30:00Z", "2026-01-01T22:30:00Z"],  # and not that of the 30th, which ends on the 31st
            id="over new year, overnight classes",
        ),
        pytest.param(
            "2025-02-01T12:00Z",
            {"starting_at": 900, "ending_at": 1000, "timezone": "Pacific/Auckland"},
            ("2025-02-06", "2025-02-06"),
            ["2025-02-05T20:00:00Z"],  # the day before by UTC and in New York, where the academy is
            id="13 hours from UTC",
        ),
    ],
)
def test_where_a_holiday_is_counted(world, staff, clock, now, slot, closed, cancelled):
    """P1, G13: in the zone of the time slot, by the date on which a class begins."""
    clock.move_to(instant(now), tick=False)
    world.coordinator.tokens.update(expires_at=None)
    staff("PUT", COHORT, {"ending_date": "2026-03-31"})
    staff("POST", f"{COHORT}/timeslot", {**slot, "recurrency_type": "DAILY"})
    starts = {row.pk: row.starting_at.isoformat().replace("+00:00", "Z") for row in LiveClass.objects.all()}
    body = {"name": "Closed", "starts_on": closed[0], "ends_on": closed[1]}
    plan = plan_of(staff("POST", dry(HOLIDAYS), body))
    assert [starts[entry["id"]] for entry in plan["cancelled"]] == cancelled
    made = staff("POST", HOLIDAYS, body)
    assert plan_of(made) == plan
    back = plan_of(staff("DELETE", f"{HOLIDAYS}/{made.json()['id']}"))
    assert [starts[entry["id"]] for entry in back["restored"]] == cancelled
    assert set(LiveClass.objects.values_list("cancelled_at", flat=True)) == {None}


def test_the_dates_of_a_cohort(staff, slot):
    """P1, P2: a cohort that ends earlier, and its stage; the answer has all that it had before, and the plan."""
    plan = plan_of(staff("PUT", dry(COHORT), {"ending_date": "2025-03-20"}))
    assert counts(plan) == {"deleted": 14}
    answer = staff("PUT", COHORT, {"ending_date": "2025-03-20"}).json()
    assert answer.pop("plan") == plan
    assert answer == staff("GET", COHORT).json()
    assert LiveClass.objects.count() == 10
    assert counts(plan_of(staff("PUT", COHORT, {"name": "Another name"}))) == {}
    assert counts(plan_of(staff("PUT", dry(COHORT), {"stage": "DELETED"}))) == {"deleted": 3, "past": 7}
    assert counts(plan_of(staff("PUT", dry(COHORT), {"stage": "PREWORK"}))) == {}
    assert counts(plan_of(staff("PUT", COHORT, {"ending_date": "2025-04-09"}))) == {"created": 3}


def test_several_time_slots_of_a_cohort(staff, slot):
    """P1: one plan of them all, in order of time."""
    staff("POST", f"{COHORT}/timeslot", {"starting_at": 1000, "ending_at": 1200, "weekdays": ["WE", "FR"]})
    plan = plan_of(staff("PUT", dry(COHORT), {"ending_date": "2025-03-07"}))
    starts = [entry["starting_at"] for entry in plan["deleted"]]
    assert len(starts) == 16 + 32
    assert starts == sorted(starts)


def test_a_new_time_slot(staff, world):
    """P2: its plan too, past classes included (G5)."""
    body = {"starting_at": 1400, "ending_at": 1600}
    plan = plan_of(staff("POST", dry(f"{COHORT}/timeslot"), body))
    assert counts(plan) == {"created": 24}
    assert stored()[:2] == [[], []]
    made = staff("POST", f"{COHORT}/timeslot", body)
    assert (made.status_code, plan_of(made)) == (201, plan)
    assert made.json()["generation"] == {"live_classes": 24, "issue": None}


def test_long_lists_are_cut_and_their_totals_are_not(staff, world):
    """P1: at most 500 of each list; the version knows the rest too."""
    staff("PUT", COHORT, {"ending_date": "2027-01-31"})
    body = {"starting_at": 900, "ending_at": 1000, "recurrency_type": "DAILY", "starts_on": "2025-03-06"}
    plan = plan_of(staff("POST", f"{COHORT}/timeslot", body))
    assert (len(plan["created"]), plan["totals"]["created"]) == (500, 697)
    assert plan["created"][0]["starting_at"] == "2025-03-06T14:00:00Z"
    url = f"{COHORT}/timeslot/{CohortTimeSlot.objects.get().pk}"
    versions = {plan_of(staff("PUT", dry(url), {"ending_at": end}))["version"] for end in (1000, 1015, 1030)}
    last = LiveClass.objects.latest("starting_at")
    LiveClass.objects.filter(pk=last.pk).update(moved_by_hand=True)
    assert plan_of(staff("PUT", dry(url), {"ending_at": 1015}))["version"] not in versions
    assert len(versions) == 3


@pytest.mark.parametrize("header", ['"{0}"', '"x", "{0}"', "*"])
def test_a_change_under_the_version_of_its_plan(staff, slot, url, header):
    """P2 (RFC 9110): the same plan still: carried out."""
    body = {"starting_at": 900, "ending_at": 1100}
    plan = plan_of(staff("PUT", dry(url), body))
    answer = staff("PUT", url, body, headers={"If-Match": header.format(plan["version"])})
    assert plan_of(answer) == plan


@pytest.mark.parametrize("header", ['W/"{0}"', "{0}", '"{0}', '"{0}x"', "", '""', "\x7f", "*, *"])
def test_a_version_that_does_not_match(staff, slot, url, header):
    """P2 (RFC 9110): weak, unquoted, cut off, empty or garbage: 412, with the plan, and nothing is saved."""
    before = stored()
    plan = plan_of(staff("PUT", dry(url), {"weekdays": ["TU"]}))
    answer = staff("PUT", url, {"weekdays": ["TU"]}, headers={"If-Match": header.format(plan["version"])})
    body = answer.json()
    assert (answer.status_code, body.pop("plan"), list(body)) == (412, plan, ["detail", "slug"])
    assert body["slug"] == "plan-outdated"
    assert stored() == before


def test_when_the_world_has_moved_on(staff, slot, url):
    """P2: between plan and change somebody moved a class: 412 with the new plan, for each of the routes."""
    holiday = staff("POST", HOLIDAYS, HOLIDAY).json()["id"]
    requests = (
        ("PUT", url, {"weekdays": ["TU"]}),
        ("DELETE", url, None),
        ("PUT", COHORT, {"ending_date": "2025-03-20"}),
        ("POST", HOLIDAYS, {**HOLIDAY, "starts_on": "2025-03-26", "ends_on": "2025-06-30"}),
        ("PUT", f"{HOLIDAYS}/{holiday}", {"starts_on": "2025-03-26", "ends_on": "2025-06-30"}),
    )
    old = [plan_of(staff(method, dry(path), body)) for method, path, body in requests]
    LiveClass.objects.filter(pk=of("2025-05-14").pk).update(
        moved_by_hand=True, starting_at=instant("2025-05-15T18:00Z"), ending_at=instant("2025-05-15T20:00Z")
    )
    before = stored()
    for (method, path, body), plan in zip(requests, old, strict=True):
        answer = staff(method, path, body, headers={"If-Match": f'"{plan["version"]}"'})
        assert (answer.status_code, answer.json()["slug"]) == (412, "plan-outdated"), path
        new = answer.json()["plan"]
        assert new["version"] != plan["version"]
        assert {"id": of("2025-05-14").pk, "reason": "moved-by-hand"} in new["kept"]
        assert stored() == before
        again = staff(method, dry(path), body, headers={"If-Match": f'"{new["version"]}"'})
        assert plan_of(again) == new


def test_a_deletion_with_what_it_would_keep(world, staff, slot, url):
    """P3: the classes that people moved or made are cancelled, with the reason, for good; a started one is not."""
    pks = by_hand(slot)
    Cohort.objects.filter(pk=world.cohort.pk).update(language="es")
    plan = plan_of(staff("DELETE", f"{url}?kept=cancel&dry_run=true"))
    reason = "Se ha eliminado su franja horaria."
    assert plan["cancelled"] == [{"id": pks[name], "reason": reason} for name in ("moved", "made")]
    assert plan["kept"] == [{"id": pks["started"], "reason": "started"}]
    version = {"If-Match": f'"{plan["version"]}"'}
    assert plan_of(staff("DELETE", f"{url}?kept=cancel", headers=version)) == plan
    for name in ("moved", "made"):
        live_class = LiveClass.objects.get(pk=pks[name])
        assert (live_class.cancelled_at, live_class.cancel_reason) == (NOW, reason)
        assert (live_class.cancelled_by_schedule, live_class.sequence) == (False, 1)
    assert LiveClass.objects.get(pk=pks["started"]).cancelled_at is None
    assert counts(plan_of(staff("DELETE", f"{url}?kept=cancel"))) == {"kept": 1, "past": 7}


def test_the_second_thought(staff, slot, url):
    """P3, T5: a time slot that is removed already can still have its kept classes cancelled."""
    pks = by_hand(slot)
    first = plan_of(staff("DELETE", url))
    removed_at = CohortTimeSlot.objects.get().removed_at
    assert counts(first) == {"deleted": 14, "kept": 3, "past": 7}
    second = plan_of(staff("DELETE", f"{url}?kept=cancel"))
    assert [entry["id"] for entry in second["cancelled"]] == [pks["moved"], pks["made"]]
    assert CohortTimeSlot.objects.get().removed_at == removed_at


@pytest.mark.parametrize("pause", [{"stage": "PREWORK"}, {"ending_date": None}])
def test_a_deletion_while_nothing_is_built(staff, slot, url, pause):
    """T5, P3, G11: what was to come goes all the same, what stays is named; taken back, it returns with the builds."""
    pks = by_hand(slot)
    before = {field: getattr(slot.cohort, field) for field in pause}
    assert counts(plan_of(staff("PUT", COHORT, pause))) == {}
    assert counts(plan_of(staff("DELETE", dry(url)))) == {"deleted": 14, "kept": 3, "past": 7}
    plan = plan_of(staff("DELETE", f"{url}?kept=cancel"))
    assert [entry["id"] for entry in plan["cancelled"]] == [pks["moved"], pks["made"]]
    assert counts(plan) == {"deleted": 14, "cancelled": 2, "kept": 1, "past": 7}
    change = staff("GET", f"{url}/history").json()[0]["id"]
    assert counts(plan_of(staff("POST", f"{url}/history/{change}/undo"))) == {}
    assert counts(plan_of(staff("PUT", COHORT, {field: str(value) for field, value in before.items()}))) == {
        "created": 14
    }


def test_what_staff_restored_against_a_holiday(staff, slot, url):
    """P1, P3, G15: it is there because a person said so: kept as made by hand, and cancelled with the others."""
    staff("POST", HOLIDAYS, HOLIDAY)
    restored = of("2025-03-12").pk
    staff("POST", f"/v1/events/academy/event/liveclass/{restored}/restore", {})
    plan = plan_of(staff("DELETE", dry(url)))
    assert plan["kept"] == [{"id": restored, "reason": "made-by-hand"}]
    assert restored in [entry["id"] for entry in plan_of(staff("DELETE", f"{url}?kept=cancel"))["cancelled"]]


@pytest.mark.parametrize("value", ["1", "yes", "", "null", "True%00"])
def test_a_dry_run_that_cannot_be_read(staff, slot, url, value):
    """P1, H7: 400, and nothing is saved: what was meant as a dry run must not be carried out."""
    before = stored()
    holiday = f"{HOLIDAYS}/{Holiday.objects.create(academy=slot.cohort.academy, **HOLIDAY).pk}"
    requests = (
        ("PUT", url, {"interval": 2}),
        ("DELETE", url, None),
        ("PUT", COHORT, {"ending_date": "2025-03-20"}),
        ("POST", HOLIDAYS, HOLIDAY),
        ("PUT", holiday, {"name": "X"}),
        ("DELETE", holiday, None),
    )
    for method, path, body in requests:
        assert error(staff(method, f"{path}?dry_run={value}", body)) == (400, "invalid-parameter")
    assert stored()[0] == before[0]
    assert Holiday.objects.count() == 1


def test_parameters_that_a_method_does_not_know(staff, slot, url):
    """P1, P3, H7: `kept` goes with the deletion of a time slot, `dry_run` with changes."""
    assert error(staff("PUT", f"{url}?kept=cancel", {"interval": 2})) == (400, "unknown-parameter")
    assert error(staff("DELETE", f"{url}?kept=all")) == (400, "invalid-parameter")
    for path in (url, COHORT, HOLIDAYS):
        assert error(staff("GET", dry(path))) == (400, "unknown-parameter")
    assert LiveClass.objects.count() == 24


def test_what_is_refused_is_refused_in_a_dry_run_too(staff, slot, url):
    """P1: the same validation, limits included (T7), and nothing is saved."""
    before = stored()
    assert error(staff("PUT", dry(url), {"timezone": "Mars/Base"})) == (400, "invalid-timezone")
    assert error(staff("PUT", dry(url), {"color": 1})) == (400, "unknown-field")
    assert error(staff("PUT", dry(COHORT), {"ending_date": "2024-01-01"})) == (400, "validation-error")
    staff("PUT", url, {"recurrency_type": "DAILY"})
    assert error(staff("PUT", dry(COHORT), {"ending_date": "2060-01-01"})) == (400, "too-many-classes")
    assert error(staff("POST", dry(HOLIDAYS), {**HOLIDAY, "ends_on": "2024-01-01"})) == (400, "validation-error")
    assert stored()[3] == before[3]


def test_whose_schedules_they_are(world, call, staff, slot, url):
    """P1, H4: another academy's ids are not found, and its classes are in no plan; readers may not plan."""
    theirs = Holiday.objects.create(academy=world.madrid, **HOLIDAY)
    reader = {"as_": world.reader, "academy": world.miami}
    foreign = {"as_": world.foreign_admin, "academy": world.madrid}
    for method in ("PUT", "DELETE"):
        body = {"name": "Mine"} if method == "PUT" else None
        assert error(staff(method, dry(f"{HOLIDAYS}/{theirs.pk}"), body)) == (404, "not-found")
        assert error(call(method, dry(url), **foreign, body=body)) == (404, "not-found")
        assert error(call(method, dry(url), **reader, body=body)) == (403, "missing-capability")
    whole_year = {"name": "Closed", "starts_on": "2025-01-01", "ends_on": "2025-12-31"}
    assert counts(plan_of(call("POST", HOLIDAYS, **foreign, body=whole_year))) == {}


def test_a_time_slot_that_nothing_can_be_built_of(world, staff, slot):
    """P2: a zone that is unknown here keeps no holiday from the others; the plan warns."""
    broken = world.time_slot(starting_at=900, ending_at=1000)
    CohortTimeSlot.objects.filter(pk=broken.pk).update(timezone="Mars/Base")
    plan = plan_of(staff("POST", HOLIDAYS, {**HOLIDAY, "starts_on": "2025-03-26", "ends_on": "2025-03-26"}))
    assert [entry["id"] for entry in plan["cancelled"]] == [of("2025-03-26").pk]
    assert plan["warnings"] == [f"No classes can be built for time slot {broken.pk}. Check its time zone and hours."]


def test_with_the_queue_down(staff, slot, url, monkeypatch):
    """P2, G9: what the plan says is carried out in the request; no message is waited for."""
    monkeypatch.setattr("celery.app.task.Task.apply_async", _raise)
    plan = plan_of(staff("PUT", url, {"starting_at": 900, "ending_at": 1100}))
    assert plan["totals"]["moved"] == 17
    assert of("2025-03-05").starting_at == instant("2025-03-05T14:00Z")
    assert staff("GET", url).json()["generation"]["issue"] is None


def _raise(*args, **kwargs):
    raise ConnectionError("no broker")


def test_a_dry_run_queues_nothing(world, call, staff, slot, url, django_capture_on_commit_callbacks):
    """P1: what is to happen after the commit never happens: no message, no line about a removal."""
    holiday = f"{HOLIDAYS}/{Holiday.objects.create(academy=world.miami, **HOLIDAY).pk}"
    headers = call.headers(world.coordinator, world.miami)
    with django_capture_on_commit_callbacks() as callbacks:
        for path in (url, holiday, COHORT):
            assert call.client.put(dry(path), {"name": "X"} if path == COHORT else {}, headers=headers, format="json")
        for path in (url, holiday):
            assert call.client.delete(dry(path), headers=headers).status_code == 200
    assert callbacks == []


def cohorts_of_daily_classes(world, names):
    """Each with one time slot, built, whose classes are on all the days of March to May."""
    for name in names:
        dates = {"kickoff_date": datetime.date(2025, 3, 1), "ending_date": datetime.date(2025, 5, 31)}
        cohort = Cohort.objects.create(academy=world.miami, slug=name, name="Cohort", **dates)
        build_time_slot(time_slot_id=world.time_slot(cohort=cohort, recurrency_type="DAILY").pk, now=NOW)


def test_statements_do_not_grow(world, staff):
    """P1, P2: a holiday over two cohorts and over twelve: planned, carried out, planned back and taken back."""
    staff("GET", HOLIDAYS)  # signs in
    counted = []
    for names in (("a", "b"), [f"c-{number}" for number in range(10)]):
        cohorts_of_daily_classes(world, names)
        for method in ("POST", "DELETE"):
            path = HOLIDAYS if method == "POST" else f"{HOLIDAYS}/{Holiday.objects.get().pk}"
            for target in (dry(path), path):
                with captured_queries() as captured:
                    plan = plan_of(staff(method, target, HOLIDAY if method == "POST" else None))
                counted.append((len(captured), sum(plan["totals"].values())))
    assert [total for _, total in counted] == [2 * 8] * 4 + [12 * 8] * 4
    assert [statements for statements, _ in counted[:4]] == [statements for statements, _ in counted[4:]]


def test_who_would_be_in_two_classes_at_once(world, staff, slot, url):
    """P1, P6: the plan warns, before the change and with it, and refuses nothing."""
    sister = Cohort.objects.create(
        academy=world.miami, slug="sister", name="Sister", kickoff_date="2025-03-01", ending_date="2025-03-31"
    )
    CohortUser.objects.create(cohort=sister, user=world.teacher, role="TEACHER")
    body = {"starting_at": 900, "ending_at": 1100, "weekdays": ["WE"]}
    staff("POST", "/v1/admissions/academy/cohort/sister/timeslot", body)
    plan = plan_of(staff("PUT", dry(url), {"starting_at": 1000, "ending_at": 1200}))
    (warning,) = plan["warnings"]
    assert "teacher@example.org (teacher) has another class, in Sister, at 4 of these times" in warning
    assert plan_of(staff("PUT", url, {"starting_at": 1000, "ending_at": 1200})) == plan
    assert plan_of(staff("PUT", dry(url), {"starting_at": 1000, "ending_at": 1200}))["warnings"] == []
