"""Who works at an academy (rule U3), and that nobody reaches into another one (rule H4)."""

import pytest

from breathecode.authenticate.models import AcademyMember, User
from tests.support.client import error

MEMBERS = "/v1/auth/academy/member"


@pytest.fixture
def as_admin(call, world):
    def as_admin(method, path=MEMBERS, **extra):
        return call(method, path, as_=world.admin, academy=world.miami, **extra)

    return as_admin


def test_a_new_member(as_admin, call, world):
    """U3: 201 with `{id, user_id, email, role}`; the person exists from then on, with the name given."""
    body = {"email": "New.One@Example.org", "role": "teacher", "first_name": "New", "last_name": "One"}
    response = as_admin("POST", body=body)
    assert response.status_code == 201
    member = AcademyMember.objects.get(pk=response.json()["id"])
    assert response.json() == {**body, "email": "new.one@example.org", "id": member.pk, "user_id": member.user_id}
    assert (member.role, member.academy_id) == ("teacher", world.miami.pk)
    assert not member.user.has_usable_password()
    listed = {row["id"]: row for row in as_admin("GET").json()}
    assert (listed[member.pk]["email"], listed[member.pk]["role"]) == ("new.one@example.org", "teacher")


def test_a_member_who_is_known_keeps_their_name(as_admin, world):
    """U3: an academy cannot rename people, nor reset their password."""
    User.objects.filter(pk=world.student.pk).update(first_name="Ana")
    password = User.objects.get(pk=world.student.pk).password
    response = as_admin("POST", body={"email": "STUDENT@example.org", "role": "staff", "first_name": "Evil"})
    assert (response.status_code, response.json()["user_id"]) == (201, world.student.pk)
    ana = User.objects.get(pk=world.student.pk)
    assert (ana.first_name, ana.password) == ("Ana", password)


def test_once_is_enough(as_admin, world):
    """U3: 409 `member-already-exists`, whatever the role, and nothing changes."""
    response = as_admin("POST", body={"email": "reader@example.org", "role": "admin"})
    assert error(response) == (409, "member-already-exists")
    assert AcademyMember.objects.get(user=world.reader).role == "staff"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"email", "role"}),
        ({"email": "a@example.org", "role": "student"}, {"role"}),
        ({"email": "a@example.org", "role": "ADMIN"}, {"role"}),
        ({"email": "a@example.org", "role": None}, {"role"}),
        ({"email": "not an address", "role": "staff"}, {"email"}),
        ({"email": "a\x00b@example.org", "role": "staff"}, {"email"}),
        ({"email": "a" * 60 + "@" + "b" * 60 + "." + ".".join(["c" * 60] * 4) + ".org", "role": "staff"}, {"email"}),
        ({"email": "a@" + "İ" * 60 + "." + "İ" * 60 + "." + "İ" * 60 + ".org", "role": "staff"}, {"email"}),
        ({"email": "a@example.org", "role": "staff", "first_name": "x" * 151}, {"first_name"}),
        ({"email": "a@example.org", "role": "staff", "last_name": "\x00"}, {"last_name"}),
    ],
)
def test_what_cannot_be_taken(as_admin, world, body, fields):
    """U3, H3: validation-error by field, and nobody was made."""
    people = User.objects.count()
    response = as_admin("POST", body=body)
    assert error(response) == (400, "validation-error")
    assert set(response.json()["errors"]) == fields
    assert (User.objects.count(), AcademyMember.objects.count()) == (people, 5)


def test_a_change_of_role(as_admin, world):
    """U3: the role alone can be written; the person's own fields are read-only here."""
    member = AcademyMember.objects.get(user=world.reader)
    response = as_admin("PUT", f"{MEMBERS}/{member.pk}", body={"role": "assistant", "email": "other@example.org"})
    assert (response.status_code, response.json()["role"]) == (200, "assistant")
    assert response.json()["email"] == "reader@example.org"
    assert error(as_admin("PUT", f"{MEMBERS}/{member.pk}", body={"role": "boss"})) == (400, "validation-error")
    assert as_admin("GET", f"{MEMBERS}/{member.pk}").json()["role"] == "assistant"


def test_somebody_leaves(as_admin, world):
    """U3: the membership goes, the person stays."""
    member = AcademyMember.objects.get(user=world.reader)
    assert as_admin("DELETE", f"{MEMBERS}/{member.pk}").status_code == 204
    assert error(as_admin("GET", f"{MEMBERS}/{member.pk}")) == (404, "not-found")
    assert error(as_admin("DELETE", f"{MEMBERS}/{member.pk}")) == (404, "not-found")
    assert User.objects.filter(pk=world.reader.pk).exists()


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_members_of_another_academy_are_not_there(as_admin, world, method):
    """H4: 404, like an id that is nobody's, and never 403."""
    foreign = AcademyMember.objects.get(user=world.foreign_admin)
    for pk in (foreign.pk, 0, 999_999, 2**63, 10**30):
        body = {"role": "staff"} if method == "PUT" else None
        assert error(as_admin(method, f"{MEMBERS}/{pk}", body=body)) == (404, "not-found")
    assert error(as_admin(method, f"{MEMBERS}/{'9' * 5000}", body={})) == (404, "not-found")
    foreign.refresh_from_db()
    assert foreign.role == "admin"
    assert foreign.pk not in {row["id"] for row in as_admin("GET").json()}
