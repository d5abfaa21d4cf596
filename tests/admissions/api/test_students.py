"""Students by invitation."""

import pytest
from django.core import mail

from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.models import User
from tests.support.client import error

URL = "/v1/auth/academy/student"


def invite(call, world, as_=None, **body):
    return call("POST", URL, as_=as_ or world.coordinator, academy=world.miami, body=body)


@pytest.mark.parametrize("name", ["id", "slug"])
def test_a_student_is_invited_and_enrolled(call, world, name):
    """U4: the cohort by id or slug; the answer holds the person, and their place counts at once."""
    cohort = world.cohort.pk if name == "id" else "web-dev"
    fields = {"email": "New@Example.org", "first_name": "Ana", "last_name": "Ruiz"}
    response = invite(call, world, cohort=cohort, **fields)
    person = User.objects.get(email="new@example.org")
    assert response.status_code == 201
    assert response.json() == {
        "id": person.pk,
        "user_id": person.pk,
        "email": "new@example.org",
        "first_name": "Ana",
        "last_name": "Ruiz",
        "cohort": {"id": world.cohort.pk, "slug": "web-dev", "name": "Web Development"},
        "invited": True,
    }
    part = CohortUser.objects.get(user=person)
    assert (part.cohort, part.role, part.educational_status) == (world.cohort, "STUDENT", "ACTIVE")
    assert [message.to for message in mail.outbox] == [["new@example.org"]]
    assert not person.memberships.exists()


def test_the_mail_speaks_the_cohorts_language(call, world):
    """U4: Spanish for a Spanish cohort."""
    Cohort.objects.update(language="es")
    invite(call, world, email="new@example.org", cohort="web-dev")
    assert mail.outbox[0].subject == "Downtown Miami te invita a Clases en vivo"
    assert "durante 7 días" in mail.outbox[0].body


def test_a_second_request_changes_and_sends_nothing(call, world):
    """U4: 200 where person and place exist; names stay, a dropped student stays dropped, no second mail that day."""
    first = invite(call, world, email="new@example.org", first_name="Ana", cohort="web-dev")
    CohortUser.objects.filter(user__email="new@example.org").update(educational_status="DROPPED")
    second = invite(call, world, email="NEW@example.org", first_name="Eva", cohort="web-dev")
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == {**first.json(), "invited": False}
    assert CohortUser.objects.get(user__email="new@example.org").educational_status == "DROPPED"
    assert len(mail.outbox) == 1


def test_who_has_a_password_is_enrolled_without_a_mail(call, world):
    """U4: a mail is for those who cannot sign in yet."""
    response = invite(call, world, email="reader@example.org", cohort="web-dev")
    assert (response.status_code, response.json()["invited"]) == (201, False)
    assert world.cohort.members.filter(user=world.reader).count() == 1
    assert mail.outbox == []


def test_a_student_without_a_cohort(call, world):
    """U4: the cohort is optional, and null is none."""
    response = invite(call, world, email="new@example.org", cohort=None)
    assert (response.status_code, response.json()["cohort"]) == (201, None)
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("cohort", ["data", "nowhere", "old", 0, 10**30, True, "", [], "a\x00b"])
def test_the_cohort_is_one_of_the_academys(call, world, cohort):
    """U4, H4: another academy's, a deleted or an unknown one is a field error; nobody is made."""
    Cohort.objects.create(academy=world.miami, slug="old", name="Old", stage="DELETED")
    response = invite(call, world, email="new@example.org", cohort=cohort)
    assert error(response) == (400, "validation-error")
    assert list(response.json()["errors"]) == ["cohort"]
    assert not User.objects.filter(email="new@example.org").exists()
    assert mail.outbox == []


def test_who_may_invite(call, world):
    """U4, U3: it takes crud_cohort."""
    assert invite(call, world, as_=world.admin, email="a@example.org").status_code == 201
    for person in (world.staff_teacher, world.reader):
        assert error(invite(call, world, as_=person, email="b@example.org")) == (403, "missing-capability")
    for person in (world.student, world.foreign_admin):
        assert error(invite(call, world, as_=person, email="b@example.org")) == (403, "not-academy-member")
    assert error(call("POST", URL, academy=world.miami, body={})) == (401, "authentication-required")
    assert error(invite(call, world, email="c@example.org", role="TEACHER")) == (400, "unknown-field")
