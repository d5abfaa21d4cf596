"""Nobody learns from a number or a dry run who else has an account (rule U6)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from breathecode.admissions.models import CohortUser
from breathecode.authenticate.models import AcademyMember, Invitation, User
from tests.support.client import error

PEOPLE = "/v1/admissions/academy/cohort/web-dev/user"
STUDENTS = "/v1/auth/academy/student"
MEMBERS = "/v1/auth/academy/member"
NAMES = {"first_name": "Sent", "last_name": "Name"}


@pytest.fixture(autouse=True)
def _names(world):
    User.objects.update(first_name="Stored", last_name="Secret")


@pytest.fixture
def as_admin(call, world):
    def as_admin(method, path, **extra):
        return call(method, path, as_=world.admin, academy=world.miami, **extra)

    return as_admin


@pytest.fixture
def accounts(world):
    """People without a tie to Miami, in every state that an account can be in, and an address without an account."""
    User.objects.create_user("invited@example.org", first_name="Stored", last_name="Secret")
    User.objects.create_user("locked@example.org", "pass-word-9", first_name="Stored", is_active=False)
    emails = ("stranger", "foreign_admin", "superuser", "invited", "locked", "nobody")
    return [f"{name}@example.org" for name in emails]


def without_tie(world):
    return [world.stranger, world.foreign_admin, world.superuser]


def test_a_number_means_nobody_of_another_academy(as_admin, world):
    """U6: the answer to each id is the one to an id that is nobody's, but for the id."""
    people = CohortUser.objects.count()
    nobody = as_admin("POST", PEOPLE, body={"user": 999_999})
    for user in without_tie(world):
        for name in (user.pk, str(user.pk)):
            answer = as_admin("POST", PEOPLE, body={"user": name})
            assert error(answer) == (400, "validation-error")
            assert answer.content.replace(f" {user.pk}. ".encode(), b" 999999. ") == nobody.content
    assert CohortUser.objects.count() == people


def test_nor_does_an_address(as_admin, accounts):
    """U6: adding by e-mail answers alike for an account elsewhere and for none."""
    answers = {
        as_admin("POST", PEOPLE, body={"user": email}).content.replace(email.encode(), b"...") for email in accounts
    }
    assert len(answers) == 1


@pytest.mark.parametrize("tie", ["member", "enrolled", "invited", "left"])
def test_who_has_a_tie_is_meant(as_admin, world, tie):
    """U6: members, the people of its cohorts (also of another one, also dropped), and whom it invited."""
    user = world.stranger
    if tie == "member":
        AcademyMember.objects.create(academy=world.miami, user=user, role="staff")
    elif tie == "invited":
        assert as_admin("POST", STUDENTS, body={"email": user.email}).status_code == 201
    elif tie == "left":
        user = world.dropped
    else:
        other = as_admin("POST", "/v1/admissions/academy/cohort", body={"slug": "new", "name": "New"}).json()
        CohortUser.objects.create(cohort_id=other["id"], user=user)
    answer = as_admin("POST", PEOPLE, body={"user": user.pk, "role": "REVIEWER"})
    assert (answer.status_code, answer.json()["user"]["first_name"]) == (201, "Stored")


def test_a_superuser_may_name_anybody(call, world):
    """U6, R5: every academy is theirs; themselves too."""
    for user in (world.stranger, world.superuser):
        body = {"user": user.pk, "role": "TEACHER"}
        assert call("POST", PEOPLE, as_=world.superuser, academy=world.miami, body=body).status_code == 201


def test_an_invitation_of_a_foreign_academy_is_no_tie(call, as_admin, world):
    """U6: what another academy did counts there."""
    call("POST", STUDENTS, as_=world.foreign_admin, academy=world.madrid, body={"email": "new@example.org"})
    new = User.objects.get(email="new@example.org")
    assert Invitation.objects.filter(academy=world.madrid, user=new).count() == 1
    assert error(as_admin("POST", PEOPLE, body={"user": new.pk})) == (400, "validation-error")


@pytest.mark.parametrize("cohort", [None, "web-dev"])
def test_inviting_a_student_answers_what_was_sent(as_admin, accounts, cohort):
    """U6: status, names and `invited` are the same whoever the address belongs to."""
    answers = []
    for email in accounts:
        response = as_admin("POST", STUDENTS, body={"email": email, "cohort": cohort, **NAMES})
        answers.append({"status": response.status_code, **response.json(), "id": None, "user_id": None, "email": None})
    assert {str(answer) for answer in answers} == {str(answers[-1])}
    assert (answers[0]["status"], answers[0]["first_name"], answers[0]["invited"]) == (201, "Sent", True)


def test_adding_a_member_answers_what_was_sent(as_admin, accounts):
    """U6: the same for staff; without names, none are answered."""
    for email in accounts:
        names = NAMES if email > "m" else {}
        response = as_admin("POST", MEMBERS, body={"email": email, "role": "staff", **names})
        answer = response.json()
        assert (response.status_code, answer["email"]) == (201, email)
        expected = tuple(names.values()) or ("", "")
        assert (answer["first_name"], answer["last_name"]) == expected


def test_who_has_a_tie_is_answered_as_stored(as_admin, world):
    """U6, U3: an academy's own people keep their names, in the answer too."""
    member = as_admin("POST", MEMBERS, body={"email": "student@example.org", "role": "staff", **NAMES}).json()
    assert (member["first_name"], member["last_name"]) == ("Stored", "Secret")
    student = as_admin("POST", STUDENTS, body={"email": "reader@example.org", **NAMES}).json()
    assert (student["first_name"], student["invited"]) == ("Stored", False)


def test_a_dry_run_tells_nothing_of_who_is_new(as_admin, accounts):
    """U6: rows of people without a tie are alike: no id, created, invited."""
    content = "email\n" + "".join(f"{email}\n" for email in [*accounts, "student@example.org"])
    file = SimpleUploadedFile("people.csv", content.encode(), "text/csv")
    answer = as_admin("POST", f"{PEOPLE}/import?dry_run=true", data={"file": file}, format="multipart").json()
    *rows, known = [{**row, "line": 0} for row in answer["rows"]]
    alike = {"line": 0, "role": "STUDENT", "user_id": None, "result": "created", "invited": True}
    assert rows == [{**alike, "email": email} for email in accounts]
    assert (known["result"], known["invited"]) == ("already_member", False)
    assert known["user_id"] is not None
    assert (answer["created"], answer["invited"], answer["already_members"]) == (6, 6, 1)


def test_an_import_does_what_its_dry_run_said(as_admin, accounts):
    """U6, U4: the same counts; only the ids are new."""
    content = "email\n" + "".join(f"{email}\n" for email in accounts)
    answers = []
    for query in ("?dry_run=true", ""):
        file = SimpleUploadedFile("people.csv", content.encode(), "text/csv")
        answer = as_admin("POST", f"{PEOPLE}/import{query}", data={"file": file}, format="multipart").json()
        answers.append([{**row, "user_id": None} for row in answer["rows"]])
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", PEOPLE + "/{}", {"role": "TEACHER"}),
        ("DELETE", PEOPLE + "/{}", None),
        ("GET", "/v1/events/academy/event/liveclass?user={}", None),
        ("GET", "/v1/feedback/academy/answer?user={}", None),
        ("PUT", "/v1/admissions/academy/cohort/web-dev/log", {"attendance_ids": ["{}"]}),
    ],
)
def test_no_other_route_tells_an_id_from_none(as_admin, world, method, path, body):
    """U6: routes that take a person's id answer alike for somebody elsewhere and for nobody."""

    def answer(pk):
        sent = body
        if body and "attendance_ids" in body:
            sent = {"day": "2025-03-03", "attendance_ids": [pk]}
        response = as_admin(method, path.format(pk), body=sent)
        return response.status_code, response.content.replace(str(pk).encode(), b"id")

    assert {answer(user.pk) for user in without_tie(world)} == {answer(999_999)}
