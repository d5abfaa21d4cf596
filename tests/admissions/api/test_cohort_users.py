"""Who is in a cohort (rule R3)."""

import pytest

from breathecode.admissions.models import CohortUser
from tests.support.client import error

PEOPLE = "/v1/admissions/academy/cohort/web-dev/user"


@pytest.fixture
def as_admin(call, world):
    def as_admin(method, path=PEOPLE, **extra):
        return call(method, path, as_=world.admin, academy=world.miami, **extra)

    return as_admin


def test_the_list(as_admin, world):
    """R3: everybody with role and status, in the order of their coming."""
    rows = as_admin("GET").json()
    assert [(row["user"]["email"], row["role"], row["educational_status"]) for row in rows] == [
        ("student@example.org", "STUDENT", "ACTIVE"),
        ("teacher@example.org", "TEACHER", "ACTIVE"),
        ("assistant@example.org", "ASSISTANT", "ACTIVE"),
        ("reviewer@example.org", "REVIEWER", "ACTIVE"),
        ("dropped@example.org", "STUDENT", "DROPPED"),
    ]
    assert set(rows[0]) == {"id", "user", "role", "educational_status", "created_at"}
    assert set(rows[0]["user"]) == {"id", "email", "first_name", "last_name"}


@pytest.mark.parametrize("name", ["id", "id as text", "e-mail", "e-mail in capitals"])
def test_somebody_joins(as_admin, world, name):
    """R3: by id or e-mail; 201 with the object; a student unless the role says otherwise."""
    user = {
        "id": world.reader.pk,
        "id as text": str(world.reader.pk),
        "e-mail": "reader@example.org",
        "e-mail in capitals": " READER@example.org",
    }[name]
    response = as_admin("POST", body={"user": user})
    assert response.status_code == 201
    row = response.json()
    assert (row["user"]["id"], row["role"], row["educational_status"]) == (world.reader.pk, "STUDENT", "ACTIVE")
    assert CohortUser.objects.get(pk=row["id"]).cohort_id == world.cohort.pk
    assert error(as_admin("POST", body={"user": user})) == (409, "already-in-cohort")
    second = as_admin("POST", body={"user": user, "role": "TEACHER", "educational_status": "GRADUATED"})
    assert (second.status_code, second.json()["role"]) == (201, "TEACHER")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"user"}),
        ({"user": None}, {"user"}),
        ({"user": ""}, {"user"}),
        ({"user": True}, {"user"}),
        ({"user": 0}, {"user"}),
        ({"user": -1}, {"user"}),
        ({"user": 1.5}, {"user"}),
        ({"user": 2**63}, {"user"}),
        ({"user": 10**30}, {"user"}),
        ({"user": "9" * 10_000}, {"user"}),
        ({"user": "nobody@example.org"}, {"user"}),
        ({"user": "a\x00@example.org"}, {"user"}),
        ({"user": ["student@example.org"]}, {"user"}),
        ({"user": {"id": 1}}, {"user"}),
        ({"user": "reader@example.org", "role": "BOSS"}, {"role"}),
        ({"user": "reader@example.org", "role": {}}, {"role"}),
        ({"user": "reader@example.org", "educational_status": "HAPPY"}, {"educational_status"}),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_taken(as_admin, world, body, fields):
    """R3, H3: validation-error by field, and nobody joins."""
    before = CohortUser.objects.count()
    response = as_admin("POST", body=body)
    assert error(response) == (400, "validation-error")
    assert set(response.json()["errors"]) == fields
    assert CohortUser.objects.count() == before


@pytest.mark.parametrize("status", ["ACTIVE", "POSTPONED", "SUSPENDED", "GRADUATED", "DROPPED"])
def test_educational_status(as_admin, world, status):
    """R3: these five."""
    response = as_admin("PUT", f"{PEOPLE}/{world.student.pk}", body={"educational_status": status})
    assert (response.status_code, response.json()["educational_status"]) == (200, status)


@pytest.mark.parametrize("role", ["STUDENT", "TEACHER", "ASSISTANT", "REVIEWER"])
def test_roles(as_admin, world, role):
    """R3: these four."""
    response = as_admin("PUT", f"{PEOPLE}/{world.student.pk}", body={"role": role})
    assert (response.status_code, response.json()["role"]) == (200, role)


def test_of_several_roles_one_must_be_named(as_admin, world):
    """R3: 400 `role-ambiguous` on PUT and DELETE; `?role=` says which; a role held already is 409."""
    CohortUser.objects.create(cohort=world.cohort, user=world.student, role="TEACHER")
    path = f"{PEOPLE}/{world.student.pk}"
    assert error(as_admin("PUT", path, body={"educational_status": "GRADUATED"})) == (400, "role-ambiguous")
    assert error(as_admin("DELETE", path)) == (400, "role-ambiguous")
    assert error(as_admin("DELETE", f"{path}?role=REVIEWER")) == (404, "not-found")
    assert error(as_admin("PUT", f"{path}?role=STUDENT", body={"role": "TEACHER"})) == (409, "already-in-cohort")
    changed = as_admin("PUT", f"{path}?role=STUDENT", body={"educational_status": "GRADUATED"})
    assert (changed.json()["role"], changed.json()["educational_status"]) == ("STUDENT", "GRADUATED")
    assert as_admin("DELETE", f"{path}?role=TEACHER").status_code == 204
    assert list(world.student.cohort_roles.values_list("role", flat=True)) == ["STUDENT"]
    assert as_admin("DELETE", path).status_code == 204
    assert error(as_admin("DELETE", path)) == (404, "not-found")


def test_the_person_cannot_be_exchanged(as_admin, world):
    """R3, H5: `user` is read-only in a change."""
    response = as_admin("PUT", f"{PEOPLE}/{world.student.pk}", body={"user": world.stranger.pk})
    assert response.json()["user"]["id"] == world.student.pk


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_who_is_not_in_it_is_not_there(as_admin, world, method):
    """H4: 404 for people of other cohorts, and for numbers that nobody has."""
    for user_id in (world.stranger.pk, 0, 2**63 - 1, 2**63, 10**30, "9" * 5000):
        assert error(as_admin(method, f"{PEOPLE}/{user_id}", body={})) == (404, "not-found"), user_id
