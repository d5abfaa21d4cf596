"""`POST …/timeslot/preview` (rule T6)."""

import datetime
from typing import Any

import pytest
import time_machine

from breathecode.admissions.models import Cohort, CohortTimeSlot, Holiday
from breathecode.events.models import LiveClass
from tests.support.client import error
from tests.support.queries import assert_num_queries

UTC = datetime.UTC
NOW = datetime.datetime(2025, 1, 10, 12, tzinfo=UTC)
EXAMPLE: dict[str, Any] = {"starting_at": 1400, "ending_at": 1600, "recurrency_type": "WEEKLY"}


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def url(world):
    return f"/v1/admissions/academy/cohort/{world.cohort.slug}/timeslot"


@pytest.fixture
def preview(world, call, url):
    def ask(**fields):
        body = {**EXAMPLE, **fields}
        return call("POST", f"{url}/preview", as_=world.admin, academy=world.miami, body=body)

    return ask


def test_it_shows_what_saving_makes(world, call, url, preview):
    """T6: the very classes that the same body gives once it is posted, and nothing is saved before."""
    answer = preview()
    assert answer.status_code == 200
    body = answer.json()
    assert body["total"] == 24
    assert body["occurrences"][0] == {
        "starting_at": "2025-01-15T19:00:00Z",
        "ending_at": "2025-01-15T21:00:00Z",
        "collides_with": [],
    }
    assert CohortTimeSlot.objects.count() == LiveClass.objects.count() == 0
    assert call("POST", url, as_=world.admin, academy=world.miami, body=EXAMPLE).status_code == 201
    made = call("GET", "/v1/events/academy/event/liveclass", as_=world.admin, academy=world.miami).json()
    hours = [(row["starting_at"], row["ending_at"]) for row in reversed(made)]
    assert hours == [(row["starting_at"], row["ending_at"]) for row in body["occurrences"]]


def test_every_field_counts(preview):
    """T6, T3: the same body as a time slot's."""
    answer = preview(
        weekdays=["TU", "TH"], interval=2, starts_on="2025-03-01", timezone="Europe/Madrid", ending_at=30,
    ).json()  # fmt: skip
    assert [row["starting_at"] for row in answer["occurrences"][:3]] == [
        "2025-03-11T13:00:00Z", "2025-03-13T13:00:00Z", "2025-03-25T13:00:00Z",
    ]  # fmt: skip
    assert answer["occurrences"][0]["ending_at"] == "2025-03-11T23:30:00Z"
    assert preview(recurrent=False).json()["total"] == 1
    assert preview(recurrency_type="MONTHLY").json()["total"] == 6


def test_the_first_500_and_how_many_there_are(world, preview):
    """T6: at most 500 are listed, all are counted."""
    Cohort.objects.filter(pk=world.cohort.pk).update(ending_date="2026-05-29")  # the 500th day
    answer = preview(recurrency_type="DAILY").json()
    assert (answer["total"], len(answer["occurrences"])) == (500, 500)
    Cohort.objects.filter(pk=world.cohort.pk).update(ending_date="2027-01-14")
    answer = preview(recurrency_type="DAILY").json()
    assert (answer["total"], len(answer["occurrences"])) == (730, 500)
    assert answer["occurrences"][-1]["starting_at"] == "2026-05-29T18:00:00Z"


def at(clock, day=15):
    hour, minute = divmod(clock, 100)
    return datetime.datetime(2025, 1, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "collides"),
    [
        (at(1800), at(1900), False),  # ends as it begins
        (at(1800), at(1901), True),
        (at(1930), at(2000), True),
        (at(1900), at(2100), True),
        (at(1700), at(2300), True),
        (at(2059), at(2200), True),
        (at(2100), at(2200), False),  # begins as it ends
        (at(2000, 14), at(1930), True),  # from the day before
    ],
)
def test_what_collides(world, preview, start, end, collides):
    """T6: classes of the cohort that share some time with it; the first occurrence is 19:00 to 21:00 UTC."""
    slot = world.time_slot()
    other = LiveClass.objects.create(cohort_time_slot=slot, starting_at=start, ending_at=end)
    first, second = preview().json()["occurrences"][:2]
    assert first["collides_with"] == ([other.pk] if collides else [])
    assert second["collides_with"] == []


def test_what_does_not_collide(world, preview):
    """T6: cancelled classes and other cohorts' are nobody's trouble; several are told by id."""
    slot, foreign = world.time_slot(), world.time_slot(cohort=world.other_cohort)
    hours = {"starting_at": at(1900), "ending_at": at(2100)}
    LiveClass.objects.create(cohort_time_slot=slot, cancelled_at=NOW, **hours)
    LiveClass.objects.create(cohort_time_slot=foreign, **hours)
    late = LiveClass.objects.create(cohort_time_slot=slot, starting_at=at(2000), ending_at=at(2130))
    early = LiveClass.objects.create(cohort_time_slot=slot, **hours)
    assert preview().json()["occurrences"][0]["collides_with"] == [late.pk, early.pk]


@pytest.mark.parametrize("classes", [0, 40])
def test_as_many_queries_for_many(world, preview, classes):
    """T6, P6: token, cohort, its time slots (T7), holidays, classes and conflicts, however many there are."""
    slot = world.time_slot()
    for number in range(classes):
        begin = at(1900) + datetime.timedelta(days=number)
        LiveClass.objects.create(cohort_time_slot=slot, starting_at=begin, ending_at=begin.replace(hour=20))
    preview()  # signs in
    with assert_num_queries(6):
        preview()


def test_closed_days_give_no_class(world, preview):
    """T6, G13: as in a build; another cohort's closed days do not count."""
    Holiday.objects.create(academy=world.miami, name="Recess", starts_on="2025-01-15", ends_on="2025-01-22")
    sister = Cohort.objects.create(academy=world.miami, slug="sister", name="Sister")
    Holiday.objects.create(
        academy=world.miami, cohort=sister, name="Trip", starts_on="2025-01-29", ends_on="2025-01-29"
    )
    answer = preview().json()
    assert (answer["total"], answer["occurrences"][0]["starting_at"]) == (22, "2025-01-29T19:00:00Z")


@pytest.mark.parametrize(
    ("fields", "total"),
    [
        ({"kickoff_date": None}, 0),
        ({"ending_date": None}, 0),
        ({"stage": "DELETED"}, 0),
        ({"kickoff_date": "2024-01-01", "ending_date": "2025-01-09"}, 0),
        ({"stage": "PREWORK"}, 24),  # what it will be built as
        ({"stage": "PREWORK", "kickoff_date": None}, 0),
        ({"never_ends": True, "ending_date": None}, 26),  # to 9 July, 180 days from now
    ],
)
def test_what_the_cohort_allows(world, preview, fields, total):
    """T6, T4: where nothing is generated there is nothing to show, save in prework, where it is planned."""
    Cohort.objects.filter(pk=world.cohort.pk).update(**fields)
    answer = preview()
    assert answer.status_code == 200
    assert answer.json()["total"] == len(answer.json()["occurrences"]) == total


@pytest.mark.parametrize(
    ("fields", "slug"),
    [
        ({"ending_at": 1400}, "empty-timeslot"),
        ({"timezone": "Mars/Olympus"}, "invalid-timezone"),
        ({"starting_at": 2400}, "validation-error"),
        ({"weekdays": ["MO"], "recurrency_type": "DAILY"}, "validation-error"),
        ({"color": "red"}, "unknown-field"),
    ],
)
def test_what_is_refused(preview, fields, slug):
    """T6: what a time slot would be refused for."""
    assert error(preview(**fields)) == (400, slug)


def test_who_may(world, call, url):
    """T6, H4: whoever may read the cohort's time slots."""
    for person, status in (("reader", 200), ("student", 403), ("foreign_admin", 403)):
        who = {"as_": getattr(world, person), "academy": world.miami}
        assert call("POST", f"{url}/preview", **who, body=EXAMPLE).status_code == status
    theirs = f"/v1/admissions/academy/cohort/{world.other_cohort.pk}/timeslot/preview"
    assert error(call("POST", theirs, as_=world.admin, academy=world.miami, body=EXAMPLE)) == (404, "not-found")
    answer = call("GET", f"{url}/preview", as_=world.admin, academy=world.miami)
    assert error(answer) == (405, "method-not-allowed")
