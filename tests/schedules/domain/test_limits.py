"""Slips of the pen in dates: one range everywhere, and a bound on the number of classes (rules T7, G13, H3)."""

import datetime

import pytest
import time_machine

from breathecode.admissions.models import Cohort, CohortTimeSlot, Holiday
from tests.support.admin import page, post
from tests.support.client import error

pytestmark = pytest.mark.slow

COHORT = "/v1/admissions/academy/cohort/web-dev"
SLOTS = f"{COHORT}/timeslot"
HOLIDAYS = "/v1/admissions/academy/holiday"
DAILY = {"starting_at": 900, "ending_at": 1000, "recurrency_type": "DAILY"}
NOW = datetime.datetime(2025, 1, 10, 12, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def staff(call, world):
    def as_staff(method, path, body=None):
        return call(method, path, as_=world.coordinator, academy=world.miami, body=body)

    return as_staff


@pytest.fixture
def root(client, world):
    client.force_login(world.superuser)
    return client


def dates(world, kickoff, ending):
    Cohort.objects.filter(pk=world.cohort.pk).update(kickoff_date=kickoff, ending_date=ending)


@pytest.mark.parametrize("value", ["1970-01-15", "1999-12-31", "2200-01-01", "9999-12-31"])
@pytest.mark.parametrize("place", ["kickoff", "ending", "slot", "holiday from", "holiday to", "log"])
def test_dates_out_of_range(staff, world, value, place):
    """H3: the same sentence about the field, wherever a date is taken; nothing is saved."""
    method, path, body = {
        "kickoff": ("PUT", COHORT, {"kickoff_date": value}),
        "ending": ("PUT", COHORT, {"ending_date": value}),
        "slot": ("POST", SLOTS, {**DAILY, "starts_on": value}),
        "holiday from": ("POST", HOLIDAYS, {"name": "Closed", "starts_on": value, "ends_on": "2025-02-01"}),
        "holiday to": ("POST", HOLIDAYS, {"name": "Closed", "starts_on": "2025-02-01", "ends_on": value}),
        "log": ("PUT", f"{COHORT}/log", {"day": value}),
    }[place]
    response = staff(method, path, body)
    assert error(response) == (400, "validation-error")
    sentence = "Expected a date from 2000-01-01 to 2199-12-31."
    assert [sentence] in response.json()["errors"].values()
    assert not Holiday.objects.exists()
    assert not CohortTimeSlot.objects.exists()
    assert Cohort.objects.get(pk=world.cohort.pk).ending_date == datetime.date(2025, 6, 30)


def test_a_datetime_whose_date_is_out_of_range(staff, world):
    """R4: its date counts in the cohort's zone."""
    assert staff("PUT", COHORT, {"kickoff_date": "2000-01-01T06:00:00Z"}).status_code == 200
    assert error(staff("PUT", COHORT, {"kickoff_date": "2000-01-01T04:00:00Z"})) == (400, "validation-error")


@pytest.mark.parametrize(("last", "status"), [("2026-01-01", 201), ("2026-01-02", 400), ("2125-01-01", 400)])
def test_a_holiday_is_a_year_at_most(staff, last, status):
    """G13: 366 days; a slip of the pen in the year would cancel everything."""
    response = staff("POST", HOLIDAYS, {"name": "Closed", "starts_on": "2025-01-01", "ends_on": last})
    assert response.status_code == status
    assert Holiday.objects.count() == (status == 201)


def test_a_slot_with_too_many_classes(staff, world):
    """T7: 5,000 are possible and 5,001 are not, in POST, PUT and preview; the answer tells the number."""
    dates(world, "2025-01-15", datetime.date(2025, 1, 15) + datetime.timedelta(days=5000))
    for path in (SLOTS, f"{SLOTS}/preview"):
        response = staff("POST", path, DAILY)
        assert error(response) == (400, "too-many-classes")
        assert "5001" in response.json()["detail"]
    assert not CohortTimeSlot.objects.exists()
    slot = staff("POST", SLOTS, {**DAILY, "interval": 2})
    assert slot.status_code == 201
    path = f"{SLOTS}/{slot.json()['id']}"
    assert error(staff("PUT", path, {"interval": 1, "ending_at": 1100})) == (400, "too-many-classes")
    assert (staff("GET", path).json()["interval"], staff("GET", path).json()["ending_at"]) == (2, 1000)
    assert staff("PUT", path, {"interval": 1, "starts_on": "2025-01-16"}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"ending_date": "2126-06-30"},
        {"kickoff_date": "2001-01-15", "ending_date": "2126-06-30"},
        {"kickoff_date": "2001-01-15", "ending_date": None, "never_ends": True},
    ],
)
def test_a_cohorts_dates_with_too_many_classes(staff, world, body):
    """T7: on the cohort's dates alike; nothing is saved, and nothing is built."""
    staff("POST", SLOTS, DAILY)
    before = Cohort.objects.values().get(pk=world.cohort.pk)
    response = staff("PUT", COHORT, {**body, "name": "Another"})
    assert error(response) == (400, "too-many-classes")
    assert Cohort.objects.values().get(pk=world.cohort.pk) == before
    assert staff("PUT", COHORT, {"name": "Another", "ending_date": "2030-12-31"}).status_code == 200


@pytest.mark.slow
def test_a_cohort_with_too_many_classes(staff, world):
    """T7: 10,000 of all its time slots together, removed ones up to their removal."""
    dates(world, "2025-01-15", datetime.date(2025, 1, 15) + datetime.timedelta(days=4999))
    assert staff("POST", SLOTS, DAILY).status_code == 201
    second = staff("POST", SLOTS, {**DAILY, "starting_at": 800, "ending_at": 830})
    response = staff("POST", SLOTS, {**DAILY, "recurrent": False})
    assert error(response) == (400, "too-many-classes")
    assert "10001" in response.json()["detail"]
    assert staff("DELETE", f"{SLOTS}/{second.json()['id']}").status_code == 200
    assert staff("POST", SLOTS, {**DAILY, "recurrent": False}).status_code == 201


@pytest.mark.slow
@pytest.mark.timeout(600)  # 36,525 classes
def test_what_a_cohort_with_too_many_may_still_do(staff, world):
    """T7: one that came to be before the rule is renamed, given another link, deleted; and its slots are removed."""
    dates(world, "2025-01-15", "2125-01-15")
    slot = CohortTimeSlot.objects.create(cohort=world.cohort, starting_at=900, ending_at=1000, recurrency_type="DAILY")
    assert staff("PUT", COHORT, {"name": "Another", "online_meeting_url": "https://zoom.us/j/7"}).status_code == 200
    assert staff("PUT", COHORT, {"stage": "DELETED"}).status_code == 200
    assert staff("DELETE", f"{SLOTS}/{slot.pk}").status_code == 200


class TestAdmin:
    def test_dates_of_a_cohort(self, root, world):
        """T7, R6: the same bounds as the API."""
        CohortTimeSlot.objects.create(cohort=world.cohort, starting_at=900, ending_at=1000, recurrency_type="DAILY")
        url = page(Cohort, "change", world.cohort.pk)
        assert b"have 37056 classes" in post(root, url, ending_date="2126-06-30").content
        assert b"Expected a date from" in post(root, url, kickoff_date="1970-01-15").content
        assert post(root, url, ending_date="2025-07-30").status_code == 302

    def test_a_time_slot(self, root, world):
        """T7, R6: the admin refuses as the API does."""
        slot = CohortTimeSlot.objects.create(cohort=world.cohort, starting_at=900, ending_at=1000)
        dates(world, "2025-01-15", "2125-01-15")
        url = page(CohortTimeSlot, "change", slot.pk)
        assert b"have 36525 classes" in post(root, url, recurrency_type="DAILY").content
        assert post(root, url, interval="9").status_code == 302

    def test_a_holiday(self, root, world):
        """G13, R6: the admin refuses as the API does."""
        holiday = Holiday.objects.create(academy=world.miami, name="X", starts_on="2025-02-01", ends_on="2025-02-02")
        url = page(Holiday, "change", holiday.pk)
        assert b"A holiday can last at most 366 days" in post(root, url, ends_on="2125-02-02").content
        assert post(root, url, ends_on="2025-02-03").status_code == 302


class TestNotices:
    def test_a_new_time_zone_of_the_cohort(self, staff, world):
        """T2: its time slots keep theirs, and the answer to PUT says so; a PUT of what was read says nothing."""
        staff("POST", SLOTS, {"starting_at": 900, "ending_at": 1000})
        answer = staff("PUT", COHORT, {"timezone": "Europe/Madrid"}).json()
        (notice,) = answer["notices"]
        assert notice["slug"] == "time-slots-keep-their-timezone"
        assert "(America/New_York)" in notice["detail"]
        again = staff("PUT", COHORT, answer)
        assert (again.status_code, again.json()["notices"]) == (200, [])
        assert staff("PUT", COHORT, {"timezone": "America/New_York"}).json()["notices"] == []

    def test_a_time_slot_in_another_zone_than_its_cohorts(self, staff, world):
        """T2: the other way round."""
        other = staff("POST", SLOTS, {"starting_at": 900, "ending_at": 1000, "timezone": "Europe/Madrid"}).json()
        assert [notice["slug"] for notice in other["notices"]] == ["timezone-differs-from-cohort"]
        same = staff("PUT", f"{SLOTS}/{other['id']}", {**other, "timezone": "America/New_York"})
        assert (same.status_code, same.json()["notices"]) == (200, [])
