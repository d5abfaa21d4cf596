"""Addresses, bodies and query parameters (rules H1, H5, H6, H7)."""

import datetime
import re

import pytest
import time_machine

from breathecode.admissions.models import Cohort, Syllabus
from breathecode.authenticate.models import AcademyMember
from tests.support.client import error
from tests.support.routes import api_routes

LOGIN = "/v1/auth/login"
COHORTS = "/v1/admissions/academy/cohort"
MEMBERS = "/v1/auth/academy/member"


def test_every_route_answers_with_and_without_a_trailing_slash(call, world):
    """H1: the same view answers, on every route; no redirect."""
    for route in api_routes():
        path = re.sub(r"<[^>]+>", "1", route.path)
        for method in sorted(route.methods):
            plain, slashed = call(method, path, body={}), call(method, path + "/", body={})
            assert (plain.status_code, plain.content) == (slashed.status_code, slashed.content), (method, path)
            assert plain.status_code in (400, 401), (method, path)


@pytest.mark.parametrize("path", ["/v1", "/v1/"])
def test_the_root_of_the_api_ends_no_client_in_a_loop(call, path):
    """H1: both answer in the end, after one redirect at most."""
    response = call("GET", path, follow=True)
    assert error(response) == (404, "not-found")
    assert len(response.redirect_chain) <= 1


def test_put_is_a_partial_update(call, world):
    """H1: what is not sent stays."""
    before = call("GET", f"{COHORTS}/web-dev", as_=world.admin, academy=world.miami).json()
    response = call("PUT", f"{COHORTS}/web-dev", as_=world.admin, academy=world.miami, body={"name": "Web"})
    assert response.status_code == 200
    after = response.json()
    assert set(after) == {*before, "plan"}  # what the change leads to (P2)
    assert {key for key in before if before[key] != after[key]} == {"name", "updated_at"}


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"",
        b"{'email': 1}",
        b'{"email": NaN}',
        b'{"email": Infinity}',
        b'{"email": "\\ud800"}',
        b'{"email": "\xff\xfe"}',
        b'{"email": "\xed\xa0\x80"}',
        b'{"email": 1e999}',
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b"nul",
        b'{"email": "a"} trailing',
        b"email=a&password=b",
    ],
)
def test_malformed_json(call, world, content):
    """H5: 400 `malformed-json`; a body of no bytes is an empty object instead."""
    expected = "malformed-json" if content else "validation-error"
    assert error(call.raw("POST", LOGIN, content, "application/json")) == (400, expected)


@pytest.mark.parametrize("content", [b"[]", b"null", b'"text"', b"5", b"1.5", b"true", b'[{"email": "a"}]'])
def test_a_body_that_is_no_object(call, world, content):
    """H5: 400 `validation-error` in words that name what is expected, on POST and PUT, and nothing is written."""
    who = {"as_": world.admin, "academy": world.miami}
    slot = world.time_slot()
    before = Cohort.objects.values().get(pk=world.cohort.pk)
    for method, path in [
        ("POST", LOGIN),
        ("POST", COHORTS),
        ("POST", MEMBERS),
        ("PUT", f"{COHORTS}/web-dev"),
        ("PUT", "/v1/admissions/academy/me"),
        ("POST", f"{COHORTS}/web-dev/timeslot"),
        ("PUT", f"{COHORTS}/web-dev/timeslot/{slot.pk}"),
        ("POST", f"{COHORTS}/web-dev/user"),
    ]:
        response = call.raw(method, path, content, "application/json", **who)
        assert error(response) == (400, "validation-error"), path
        assert response.json()["detail"] == "Expected a JSON object."
        assert response.json()["errors"] == {"non_field_errors": ["Expected a JSON object."]}
    assert Cohort.objects.count() == 2
    assert Cohort.objects.values().get(pk=world.cohort.pk) == before


def test_an_unknown_field_is_named(call, world):
    """H5: 400 `unknown-field`, on POST and PUT, and nothing is written."""
    who = {"as_": world.admin, "academy": world.miami}
    response = call("POST", COHORTS, **who, body={"slug": "new-one", "name": "New", "colour": "red", "Name": "x"})
    assert error(response) == (400, "unknown-field")
    assert response.json()["detail"] == "Unknown field: Name, colour."
    response = call("PUT", f"{COHORTS}/web-dev", **who, body={"name": "Changed", "kickoff": "2025-01-01"})
    assert error(response) == (400, "unknown-field")
    assert "kickoff" in response.json()["detail"]
    assert sorted(Cohort.objects.values_list("name", flat=True)) == ["Data", "Web Development"]


def test_duplicate_keys_take_the_last(call, world):
    """H5: as JSON readers do."""
    content = b'{"email": "nobody@example.org", "password": "pass-word-9", "email": "student@example.org"}'
    assert call.raw("POST", LOGIN, content, "application/json").status_code == 200


def test_read_only_fields_are_ignored(call, world):
    """H5: an id or an academy in the body changes nothing."""
    body = {"id": 999, "academy": {"id": world.madrid.pk}, "current_day": 77, "created_at": "garbage"}
    response = call("PUT", f"{COHORTS}/web-dev", as_=world.admin, academy=world.miami, body=body)
    assert response.status_code == 200
    cohort = Cohort.objects.get(slug="web-dev")
    assert (cohort.pk, cohort.academy_id, cohort.current_day) == (world.cohort.pk, world.miami.pk, 0)


def test_putting_back_what_was_read_changes_nothing(call, world):
    """H5: for every resource that has a PUT; not one column of one row differs afterwards."""
    who = {"as_": world.admin, "academy": world.miami}
    syllabus = Syllabus.objects.create(academy=world.miami, slug="full-stack", name="Full Stack")
    version = syllabus.versions.create(version=1, status="PUBLISHED")
    Cohort.objects.filter(pk=world.cohort.pk).update(syllabus=syllabus, syllabus_version=version)
    slot = world.time_slot(weekdays=["MO", "WE"], starts_on=datetime.date(2025, 2, 1), interval=2)
    plain = world.time_slot(recurrency_type="MONTHLY", timezone="Europe/Madrid")
    member = AcademyMember.objects.get(user=world.reader)
    part = world.cohort.members.get(user=world.student)
    rows = call("GET", f"{COHORTS}/web-dev/user", **who).json()
    listed = {
        f"{COHORTS}/web-dev/user/{world.student.pk}": next(row for row in rows if row["id"] == part.pk),
    }
    paths = [
        "/v1/admissions/academy/me",
        f"{COHORTS}/web-dev",
        f"{COHORTS}/web-dev/timeslot/{slot.pk}",
        f"{COHORTS}/web-dev/timeslot/{plain.pk}",
        f"{MEMBERS}/{member.pk}",
    ]
    listed |= {path: call("GET", path, **who).json() for path in paths}
    objects = [world.miami, world.cohort, slot, plain, member, part]
    before = [type(row).objects.values().get(pk=row.pk) for row in objects]
    with time_machine.travel(datetime.datetime(2031, 1, 1, tzinfo=datetime.UTC), tick=False):
        world.admin.tokens.update(expires_at=None)
        for path, body in listed.items():
            response = call("PUT", path, **who, body=body)
            assert response.status_code == 200, (path, response.json())
            expected = {key: value for key, value in body.items() if key != "generation"}  # tells the moment
            assert {key: response.json()[key] for key in expected} == expected, path
    ignored = {
        "built_revision",
        "first_built_at",
        "built_until",
        "extends_at",
        "horizon_days",
        "classes_version",
        "zone_data_version",
    }  # the build's own, not the PUT's
    for row, stored in zip(objects, before, strict=True):
        now = type(row).objects.values().get(pk=row.pk)
        assert {key: now[key] for key in now if key not in ignored} == {
            key: stored[key] for key in stored if key not in ignored
        }


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2025-03-10T02:00:00Z", "2025-03-09"),
        ("2025-03-10T02:00:00", "2025-03-09"),
        ("2025-03-10T02:00:00-05:00", "2025-03-10"),
        ("2025-03-10T02:00:00+05:30", "2025-03-09"),
        ("2025-03-10T23:59:59.999999Z", "2025-03-10"),
    ],
)
def test_datetimes_in_have_an_offset_or_are_utc(call, world, given, kept):
    """H6, R4: read with offset, `Z`, or as UTC; the date is the one of that moment in New York."""
    body = {"kickoff_date": given}
    response = call("PUT", f"{COHORTS}/web-dev", as_=world.admin, academy=world.miami, body=body)
    assert response.json()["kickoff_date"] == kept


def test_datetimes_out_are_utc_with_z(call, world):
    """H6: wherever the person sits and whatever the zone of the cohort."""
    world.cohort.timezone = "Asia/Kolkata"
    world.cohort.save()
    answer = call("GET", f"{COHORTS}/web-dev", as_=world.admin, academy=world.miami).json()
    login = call("POST", LOGIN, body={"email": "student@example.org", "password": "pass-word-9"}).json()
    for text in (answer["created_at"], answer["updated_at"], login["expires_at"]):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z", text), text


@pytest.mark.parametrize(
    ("query", "named", "nearest"),
    [
        ("stages=STARTED", "stages", "stage"),
        ("limt=5", "limt", "limit"),
        ("syllabuss=x", "syllabuss", "syllabus"),
        ("Upcoming=true", "Upcoming", "upcoming"),
        ("ofset=1", "ofset", "offset"),
    ],
)
def test_an_unknown_parameter_is_answered_with_the_nearest(call, world, query, named, nearest):
    """H7: 400 `unknown-parameter`."""
    response = call("GET", f"{COHORTS}?{query}", as_=world.admin, academy=world.miami)
    assert error(response) == (400, "unknown-parameter")
    assert response.json()["detail"] == f"Unknown query parameter {named}. Did you mean {nearest}?"


def test_every_route_refuses_an_unknown_parameter(call, world):
    """H7: every route, every method, DRF's own `format` included."""
    for route in api_routes():
        path = re.sub(r"<[^>]+>", "1", route.path)
        for method in sorted(route.methods):
            for name in ("format", "qwertz"):
                who = {"as_": world.superuser, "academy": world.miami}
                assert error(call(method, f"{path}?{name}=json", **who, body={})) == (400, "unknown-parameter"), path


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("stage=STARTED,BEGUN", "BEGUN is not one of INACTIVE, PREWORK"),
        ("upcoming=maybe", "xpected true or false"),
        ("limit=0", "a whole number of at least 1"),
        ("limit=-5", "a whole number of at least 1"),
        ("limit=ten", "a whole number of at least 1"),
        ("limit=1e3", "a whole number of at least 1"),
        ("limit=%C2%B2", "a whole number of at least 1"),
        ("offset=-1", "a whole number of at least 0"),
        ("offset=" + "9" * 5000, "a whole number of at least 0"),
        ("envelope=yes", "true or false"),
        ("like=" + "x" * 151, "at most 150 characters"),
        ("like=%00", "Null characters"),
        ("syllabus=%00", "Null characters"),
    ],
)
def test_a_value_that_cannot_be_read(call, world, query, expected):
    """H7: 400 `invalid-parameter` says which and what is expected."""
    response = call("GET", f"{COHORTS}?{query}", as_=world.admin, academy=world.miami)
    assert error(response) == (400, "invalid-parameter")
    detail = response.json()["detail"]
    assert query.split("=")[0] in detail
    assert expected in detail


def test_an_invalid_role_parameter_and_removed(call, world):
    """H7: parameters that views read themselves."""
    who = {"as_": world.admin, "academy": world.miami}
    path = f"{COHORTS}/web-dev/user/{world.student.pk}?role=BOSS"
    response = call("DELETE", path, **who)
    assert error(response) == (400, "invalid-parameter")
    assert "STUDENT, TEACHER" in response.json()["detail"]
    assert error(call("GET", f"{COHORTS}/web-dev/timeslot?removed=1", **who)) == (400, "invalid-parameter")
    assert world.cohort.members.filter(user=world.student).exists()
