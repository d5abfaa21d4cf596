"""Cohorts (rules R2, R4)."""

import datetime

import pytest
import time_machine

from breathecode.admissions.models import Cohort, Syllabus
from tests.support.client import error

COHORTS = "/v1/admissions/academy/cohort"
FULL = {
    "slug": "night-class",
    "name": "Night Class",
    "syllabus": None,
    "kickoff_date": "2025-09-01",
    "ending_date": "2026-01-31",
    "never_ends": False,
    "timezone": "America/Bogota",
    "language": "es",
    "online_meeting_url": "https://meet.example.org/night",
    "stage": "PREWORK",
}


@pytest.fixture
def as_admin(call, world):
    def as_admin(method, path=COHORTS, **extra):
        return call(method, path, as_=world.admin, academy=world.miami, **extra)

    return as_admin


def test_all_fields(as_admin, world):
    """R2: 201 with the object, and its id in it; GET by id and by slug answers the same."""
    response = as_admin("POST", body=FULL)
    assert response.status_code == 201
    answer = response.json()
    assert {key: answer[key] for key in FULL} == FULL
    assert answer["academy"] == {
        "id": world.miami.pk,
        "slug": "downtown-miami",
        "name": "Downtown Miami",
        "logo_url": None,
    }
    assert as_admin("GET", f"{COHORTS}/{answer['id']}").json() == answer
    assert as_admin("GET", f"{COHORTS}/night-class").json() == answer


def test_slug_and_name_are_enough(as_admin, world):
    """R2: the rest has a default."""
    answer = as_admin("POST", body={"slug": "plain", "name": "Plain"}).json()
    expected = {
        "syllabus": None,
        "kickoff_date": None,
        "ending_date": None,
        "never_ends": False,
        "timezone": None,
        "language": "en",
        "online_meeting_url": None,
        "stage": "INACTIVE",
        "current_day": 0,
    }
    assert {key: answer[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"slug": None}, "slug"),
        ({"slug": "2025"}, "slug"),
        ({"slug": "a/b"}, "slug"),
        ({"slug": "x" * 10_000}, "slug"),
        ({"name": " "}, "name"),
        ({"name": "x" * 151}, "name"),
        ({"name": "nul\x00"}, "name"),
        ({"name": {"a": 1}}, "name"),
        ({"kickoff_date": "tomorrow"}, "kickoff_date"),
        ({"kickoff_date": "2025-02-30"}, "kickoff_date"),
        ({"kickoff_date": 20250101}, "kickoff_date"),
        ({"kickoff_date": "0000-01-01"}, "kickoff_date"),
        ({"kickoff_date": "0001-01-01"}, "kickoff_date"),
        ({"kickoff_date": "0001-01-01T00:00:00Z"}, "kickoff_date"),
        ({"kickoff_date": "0001-01-01T00:00:00+23:00"}, "kickoff_date"),
        ({"ending_date": "9999-12-31"}, "ending_date"),
        ({"ending_date": "9999-12-31T23:59:59-23:00"}, "ending_date"),
        ({"ending_date": "2025-08-31"}, "ending_date"),
        ({"ending_date": "2025-09-01T01:00:00Z"}, "ending_date"),
        ({"never_ends": True}, "never_ends"),
        ({"never_ends": "perhaps"}, "never_ends"),
        ({"never_ends": None}, "never_ends"),
        ({"timezone": "EST5EDT4"}, "timezone"),
        ({"timezone": "x" * 10_000}, "timezone"),
        ({"language": "English"}, "language"),
        ({"language": ""}, "language"),
        ({"online_meeting_url": "zoom"}, "online_meeting_url"),
        ({"online_meeting_url": "javascript:alert(1)"}, "online_meeting_url"),
        ({"online_meeting_url": "https://x.org/" + "y" * 500}, "online_meeting_url"),
        ({"stage": "started"}, "stage"),
        ({"stage": None}, "stage"),
        ({"syllabus": "unknown"}, "syllabus"),
        ({"syllabus": "a.v1.v2"}, "syllabus"),
        ({"syllabus": 5.5}, "syllabus"),
        ({"syllabus": "x" * 121}, "syllabus"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_a_cohort_cannot_be(as_admin, world, change, field):
    """R2, R4: validation-error on the field, in POST and PUT; nothing is written."""
    answers = [as_admin("POST", body=FULL | change)]
    assert Cohort.objects.count() == 2
    kept = as_admin("POST", body=FULL).json()
    answers.append(as_admin("PUT", f"{COHORTS}/night-class", body=change))
    for response in answers:
        assert error(response) == (400, "validation-error")
        assert set(response.json()["errors"]) == {field}
    assert as_admin("GET", f"{COHORTS}/night-class").json() == kept


def test_dates_are_checked_against_what_is_stored(as_admin, world):
    """R4: a PUT of one date meets the other one in the row; both at once may move anywhere."""
    path = f"{COHORTS}/web-dev"
    for body, field in (
        ({"ending_date": "2025-01-14"}, "ending_date"),
        ({"kickoff_date": "2025-07-01"}, "ending_date"),
        ({"never_ends": True}, "never_ends"),
    ):
        response = as_admin("PUT", path, body=body)
        assert (error(response), set(response.json()["errors"])) == ((400, "validation-error"), {field})
    assert as_admin("PUT", path, body={"ending_date": "2025-01-15"}).status_code == 200
    assert as_admin("PUT", path, body={"never_ends": True, "ending_date": None}).status_code == 200
    moved = {"kickoff_date": "2027-01-01", "ending_date": "2027-06-01", "never_ends": False}
    assert as_admin("PUT", path, body=moved).status_code == 200


@pytest.mark.parametrize(
    ("cohort_zone", "kept"),
    [("Asia/Tokyo", "2025-03-10"), ("America/Los_Angeles", "2025-03-09"), (None, "2025-03-10"), ("", "2025-03-10")],
)
def test_a_datetime_is_taken_as_its_date_in_the_cohorts_zone(as_admin, world, cohort_zone, kept):
    """R4: the zone sent along counts, else the stored one, else the academy's (New York, UTC-4 since that morning)."""
    body = {**FULL, "timezone": cohort_zone, "kickoff_date": "2025-03-10T04:30:00Z"}
    response = as_admin("POST", body=body)
    assert (response.status_code, response.json()["kickoff_date"]) == (201, kept)
    response = as_admin("PUT", f"{COHORTS}/night-class", body={"kickoff_date": "2025-03-10T04:30:00Z"})
    assert response.json()["kickoff_date"] == kept


@pytest.mark.parametrize("stage", ["INACTIVE", "PREWORK", "STARTED", "FINAL_PROJECT", "ENDED", "DELETED"])
def test_stages(as_admin, world, stage):
    """R4: these six."""
    response = as_admin("PUT", f"{COHORTS}/web-dev", body={"stage": stage})
    assert (response.status_code, response.json()["stage"]) == (200, stage)


def test_syllabus_and_its_versions(as_admin, world):
    """R2: `slug`, `slug.v2`, `slug.vlatest` (the newest that is published), null; another academy's is unknown."""
    syllabus = Syllabus.objects.create(academy=world.miami, slug="full-stack", name="Full Stack")
    Syllabus.objects.create(academy=world.madrid, slug="data-science", name="Data").versions.create(version=1)
    path = f"{COHORTS}/web-dev"
    assert error(as_admin("PUT", path, body={"syllabus": "full-stack.vlatest"})) == (400, "validation-error")
    for version, status in ((1, "PUBLISHED"), (2, "PUBLISHED"), (3, "DRAFT")):
        syllabus.versions.create(version=version, status=status)
    for given, kept in (
        ("full-stack", "full-stack"),
        ("full-stack.v1", "full-stack.v1"),
        ("full-stack.v3", "full-stack.v3"),
        ("full-stack.vlatest", "full-stack.v2"),
        (None, None),
        ("full-stack.v01", "full-stack.v1"),
    ):
        response = as_admin("PUT", path, body={"syllabus": given})
        assert (response.status_code, response.json()["syllabus"]) == (200, kept)
    unknown_names = (
        "full-stack.v4",
        "full-stack.v",
        "full-stack.v9999999999",
        "data-science",
        "data-science.v1",
        "a\x00",
    )
    for unknown in unknown_names:
        response = as_admin("PUT", path, body={"syllabus": unknown})
        assert (error(response), set(response.json()["errors"])) == ((400, "validation-error"), {"syllabus"})
    assert as_admin("GET", path).json()["syllabus"] == "full-stack.v1"


def test_a_slug_is_taken_once_in_an_academy(as_admin, call, world):
    """R2: 409 on POST and PUT, and nothing is written; the same slug may live in another academy."""
    assert error(as_admin("POST", body={**FULL, "slug": "web-dev"})) == (409, "slug-already-exists")
    as_admin("POST", body=FULL)
    response = as_admin("PUT", f"{COHORTS}/night-class", body={"slug": "web-dev", "name": "X"})
    assert error(response) == (409, "slug-already-exists")
    assert as_admin("GET", f"{COHORTS}/night-class").json()["name"] == "Night Class"
    other = call("POST", COHORTS, as_=world.foreign_admin, academy=world.madrid, body=FULL)
    assert other.status_code == 201


def test_delete_sets_the_stage(as_admin, world):
    """R2: 204, twice; listed only where the stage is asked for, and it can be brought back."""
    for _ in range(2):
        assert as_admin("DELETE", f"{COHORTS}/web-dev").status_code == 204
    assert as_admin("GET", f"{COHORTS}/web-dev").json()["stage"] == "DELETED"
    assert as_admin("GET").json() == []
    assert [row["slug"] for row in as_admin("GET", f"{COHORTS}?stage=DELETED").json()] == ["web-dev"]
    as_admin("PUT", f"{COHORTS}/web-dev", body={"stage": "STARTED"})
    assert [row["slug"] for row in as_admin("GET").json()] == ["web-dev"]


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("", ["later", "today", "web-dev", "unplanned"]),
        ("stage=STARTED", ["web-dev"]),
        ("stage=started,%20PREWORK", ["later", "web-dev"]),
        ("upcoming=true", ["later", "today"]),
        ("upcoming=false", ["web-dev"]),
        ("like=WEB", ["web-dev"]),
        ("like=class of", ["today"]),
        ("like=%25", []),
        ("like=' OR 1=1 --", []),
        ("syllabus=full-stack", ["today"]),
        ("syllabus=full-stack,nothing", ["today"]),
        ("syllabus=nothing", []),
        ("syllabus=99999999999999999999999", []),
        ("limit=1&offset=1", ["today"]),
        ("offset=99999999999", []),
        ("stage=PREWORK&upcoming=true&like=later", ["later"]),
    ],
)
def test_filters(as_admin, world, query, slugs):
    """R2: stage, upcoming, like, syllabus; latest kickoff first, and those without one last, on every database."""
    syllabus = Syllabus.objects.create(academy=world.miami, slug="full-stack", name="Full Stack")
    for slug, name, kickoff, stage, course in (
        ("unplanned", "Unplanned", None, "INACTIVE", None),
        ("later", "Later", datetime.date(2025, 3, 2), "PREWORK", None),
        ("today", "The Class of Today", datetime.date(2025, 3, 1), "INACTIVE", syllabus),
    ):
        Cohort.objects.create(
            academy=world.miami, slug=slug, name=name, kickoff_date=kickoff, stage=stage, syllabus=course
        )
    with time_machine.travel(datetime.datetime(2025, 3, 1, 12, tzinfo=datetime.UTC), tick=False):
        response = as_admin("GET", f"{COHORTS}?{query}")
    assert response.status_code == 200
    assert [row["slug"] for row in response.json()] == slugs


@pytest.mark.parametrize("tail", ["", "/user", "/timeslot"])
@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
def test_a_cohort_of_another_academy_is_not_there(as_admin, world, method, tail):
    """H4: 404, by id and by slug, for every method of every route below it, and nothing is written."""
    if method in {"PUT", "DELETE"} and tail == "/user":
        tail = f"/user/{world.stranger.pk}"
    if method in {"PUT", "DELETE"} and tail == "/timeslot":
        tail = f"/timeslot/{world.time_slot(cohort=world.other_cohort).pk}"
    if method == "POST" and not tail:
        return  # there is no such route
    before = Cohort.objects.values().get(pk=world.other_cohort.pk)
    for name in (world.other_cohort.pk, "data", "none", 0, 2**63, "9" * 400, "%00", "%ff%fe", "1%20OR%201=1"):
        response = as_admin(method, f"{COHORTS}/{name}{tail}", body={})
        assert error(response) == (404, "not-found"), name
    assert Cohort.objects.values().get(pk=world.other_cohort.pk) == before


def test_my_cohorts(call, world):
    """R2: those that the caller takes part in, with roles; none deleted, none that a student is away from."""
    rows = call("GET", "/v1/admissions/cohort/me", as_=world.student).json()
    assert [(row["slug"], row["roles"], row["educational_status"]) for row in rows] == [
        ("web-dev", ["STUDENT"], "ACTIVE")
    ]
    assert [row["roles"] for row in call("GET", "/v1/admissions/cohort/me", as_=world.reviewer).json()] == [
        ["REVIEWER"]
    ]
    assert call("GET", "/v1/admissions/cohort/me", as_=world.dropped).json() == []
    assert call("GET", "/v1/admissions/cohort/me", as_=world.admin).json() == []
    Cohort.objects.filter(pk=world.cohort.pk).update(stage="DELETED")
    assert call("GET", "/v1/admissions/cohort/me", as_=world.student).json() == []
