"""`admissions/academy/holiday` (rule G13)."""

import datetime

import pytest
import time_machine

from breathecode.admissions.models import Cohort, Holiday
from breathecode.events.models import LiveClass
from tests.support.client import error
from tests.support.queries import assert_num_queries

URL = "/v1/admissions/academy/holiday"
RECESS = {"name": "Spring recess", "starts_on": "2025-03-31", "ends_on": "2025-04-04"}


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(datetime.datetime(2025, 1, 10, 12, tzinfo=datetime.UTC), tick=False):
        yield


@pytest.fixture
def admin(world, call):
    """Calls as the academy's admin."""
    return lambda method, url, body=None: call(method, url, as_=world.admin, academy=world.miami, body=body)


def listed(world, call):
    rows = call("GET", "/v1/events/academy/event/liveclass", as_=world.admin, academy=world.miami).json()
    return [(row["starting_at"][:10], row["status"]) for row in rows if row["status"] != "SCHEDULED"]


def test_a_holiday_from_its_first_day_to_its_last(world, call, admin):
    """G13: added it cancels the coming class on it; moved, it cancels another; removed, all are back."""
    slot_url = f"/v1/admissions/academy/cohort/{world.cohort.slug}/timeslot"
    assert admin("POST", slot_url, {"starting_at": 1400, "ending_at": 1600}).status_code == 201
    made = admin("POST", URL, RECESS)
    assert made.status_code == 201
    holiday = made.json()
    assert holiday.pop("plan")["totals"]["cancelled"] == 1
    stamps = {"created_at": "2025-01-10T12:00:00Z", "updated_at": "2025-01-10T12:00:00Z"}
    assert holiday == {"id": holiday["id"], **RECESS, "cohort": None, **stamps}
    assert listed(world, call) == [("2025-04-02", "CANCELLED")]
    assert LiveClass.objects.get(planned_date="2025-04-02").cancel_reason == "Spring recess"
    url = f"{URL}/{holiday['id']}"
    assert admin("PUT", url, {"starts_on": "2025-04-03", "ends_on": "2025-04-10"}).status_code == 200
    assert listed(world, call) == [("2025-04-09", "CANCELLED")]
    assert admin("DELETE", url).status_code == 200
    assert listed(world, call) == []
    assert error(admin("GET", url)) == (404, "not-found")


@pytest.mark.parametrize("name", ["id", "slug"])
def test_a_holiday_of_one_cohort(world, admin, name):
    """G13: the cohort is named by id or slug, told by id, and can be taken back."""
    holiday = admin("POST", URL, {**RECESS, "cohort": getattr(world.cohort, "pk" if name == "id" else "slug")}).json()
    assert holiday["cohort"] == world.cohort.pk
    url = f"{URL}/{holiday['id']}"
    changed = admin("PUT", url, holiday).json()  # a client may PUT back what it got
    assert {**changed, "plan": None} == {**holiday, "plan": None}
    assert admin("PUT", url, {"cohort": None}).json()["cohort"] is None


def test_the_list(world, admin):
    """G13, H8: this academy's holidays, by date, in as many queries for many as for one."""
    for month in (5, 2, 3):
        day = f"2025-0{month}-01"
        Holiday.objects.create(academy=world.miami, cohort=world.cohort, name=str(month), starts_on=day, ends_on=day)
    Holiday.objects.create(academy=world.madrid, name="Theirs", starts_on="2025-01-01", ends_on="2025-01-01")
    admin("GET", URL)  # signs in
    with assert_num_queries(2):  # token, page
        answer = admin("GET", URL)
    assert [row["name"] for row in answer.json()] == ["2", "3", "5"]
    assert answer["X-Total-Count"] == "3"


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"name": ""}, ["name"]),
        ({"name": "x" * 151}, ["name"]),
        ({"starts_on": "tomorrow"}, ["starts_on"]),
        ({"ends_on": "2025-03-30"}, ["ends_on"]),
        ({"cohort": "unheard-of"}, ["cohort"]),
        ({"cohort": 2**63}, ["cohort"]),
        ({"cohort": "²"}, ["cohort"]),
        ({"cohort": True}, ["cohort"]),
        ({"cohort": []}, ["cohort"]),
        ({"cohort": "a\u0000"}, ["cohort"]),
    ],
)
def test_what_is_refused(admin, change, fields):
    """G13, H3: 400 with a sentence for each field, and nothing is written."""
    answer = admin("POST", URL, {**RECESS, **change})
    assert error(answer) == (400, "validation-error")
    assert list(answer.json()["errors"]) == fields
    assert Holiday.objects.count() == 0


def test_what_is_required(admin):
    """G13: a name and both dates."""
    assert sorted(admin("POST", URL, {}).json()["errors"]) == ["ends_on", "name", "starts_on"]
    assert error(admin("POST", URL, {**RECESS, "color": "red"})) == (400, "unknown-field")


def test_a_change_of_one_end_alone(world, admin):
    """G13: a partial update is checked against what is stored."""
    holiday = Holiday.objects.create(academy=world.miami, **RECESS)
    assert error(admin("PUT", f"{URL}/{holiday.pk}", {"starts_on": "2025-04-05"})) == (400, "validation-error")
    assert admin("PUT", f"{URL}/{holiday.pk}", {"starts_on": "2025-04-04"}).status_code == 200


def test_two_who_change_an_end_each(world, admin):
    """G13: the row was changed by another since it was checked: 400, not a broken server."""
    from breathecode.admissions.domain.holidays import save_holiday
    from breathecode.common.errors import ValidationFailed

    holiday = Holiday.objects.create(academy=world.miami, **RECESS)
    Holiday.objects.filter(pk=holiday.pk).update(ends_on="2025-03-31")
    with pytest.raises(ValidationFailed):
        save_holiday(holiday, fields={"starts_on": datetime.date(2025, 4, 2)})


def test_whose_holidays_they_are(world, call, admin):
    """H4: another academy's holiday or cohort is not found, whoever asks."""
    theirs = Holiday.objects.create(academy=world.madrid, **RECESS)
    for method, body in (("GET", None), ("PUT", {"name": "Mine"}), ("DELETE", None)):
        assert error(admin(method, f"{URL}/{theirs.pk}", body)) == (404, "not-found")
    assert error(admin("GET", f"{URL}/{2**64}")) == (404, "not-found")
    assert error(admin("POST", URL, {**RECESS, "cohort": world.other_cohort.pk})) == (400, "validation-error")
    assert Holiday.objects.get() == theirs


@pytest.mark.parametrize(
    ("person", "read", "write"),
    [
        ("admin", 200, 201),
        ("coordinator", 200, 201),
        ("staff_teacher", 200, 403),
        ("reader", 200, 403),
        ("student", 403, 403),
        ("foreign_admin", 403, 403),
        (None, 401, 401),
    ],
)
def test_who_may(world, call, person, read, write):
    """G13: `read_all_cohort` to read, `crud_cohort` to write."""
    who = {"as_": getattr(world, person) if person else None, "academy": world.miami}
    assert call("GET", URL, **who).status_code == read
    assert call("POST", URL, **who, body=RECESS).status_code == write
    holiday = Holiday.objects.create(academy=world.miami, **RECESS)
    assert call("GET", f"{URL}/{holiday.pk}", **who).status_code == read
    assert call("PUT", f"{URL}/{holiday.pk}", **who, body={"name": "X"}).status_code == (200 if write == 201 else write)
    assert call("DELETE", f"{URL}/{holiday.pk}", **who).status_code == (200 if write == 201 else write)


def test_a_deleted_cohort_takes_its_holidays_along(world):
    """G13: a hard deletion, by the admin, meets no holiday of a cohort that is gone."""
    Holiday.objects.create(academy=world.miami, cohort=world.cohort, **RECESS)
    Cohort.objects.filter(pk=world.cohort.pk).delete()
    assert Holiday.objects.count() == 0
