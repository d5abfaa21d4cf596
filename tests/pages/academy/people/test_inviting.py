"""One person invited by a form (rules U3, U4, U6, V2)."""

import re

import pytest
from django.core import mail
from django.test import Client

from breathecode.admissions.models import CohortUser
from breathecode.authenticate.models import AcademyMember, User
from breathecode.notify.tasks import send_due_mails

INVITE = "/academy/downtown-miami/people/invite"


@pytest.fixture
def admin(world):
    client = Client(headers={"Accept": "text/html"})
    client.force_login(world.admin)
    return client


def send(client, email="new@example.org", role="student", cohort="", **fields):
    return client.post(INVITE, {"email": email, "role": role, "cohort": cohort, **fields})


def shown(client, answer):
    return client.get(answer["Location"]).content.decode()


def test_a_student(admin, world):
    """U4: into a cohort, with the names; the answer is the page of the person, with the mail's fate."""
    answer = send(admin, "New@Example.org", cohort="web-dev", first_name="Ana", last_name="Ruiz")
    user = User.objects.get(email="new@example.org")
    assert (answer.status_code, answer["Location"]) == (303, f"/academy/downtown-miami/people/{user.pk}")
    send_due_mails()
    html = shown(admin, answer)
    assert "new@example.org is invited, and in Web Development now." in html
    assert "Invitation sent" in html
    assert CohortUser.objects.get(user=user).cohort == world.cohort
    assert len(mail.outbox) == 1
    assert "Nothing has changed." in shown(admin, send(admin, cohort="web-dev"))
    send_due_mails()
    assert len(mail.outbox) == 1


def test_a_student_without_a_cohort(admin, world):
    """U4: is known to the academy, and on its list."""
    html = shown(admin, send(admin))
    assert "new@example.org is invited." in html
    assert "In no cohort." in html
    assert "new@example.org" in admin.get("/academy/downtown-miami/people").content.decode()


def test_a_teacher_of_a_cohort(admin, world):
    """R3, U4: in the cohort alone, not on the staff; not without a cohort."""
    refused = send(admin, role="teacher")
    assert refused.status_code == 400
    assert "Choose the cohort." in refused.content.decode()
    assert send(admin, role="teacher", cohort="web-dev").status_code == 303
    user = User.objects.get(email="new@example.org")
    assert CohortUser.objects.get(user=user).role == "TEACHER"
    assert not AcademyMember.objects.filter(user=user).exists()


def test_a_member_of_the_staff(admin, world):
    """U3: with the role; who is a member already is refused at the field."""
    assert "on the staff now" in shown(admin, send(admin, role="staff-academy_coordinator"))
    assert AcademyMember.objects.get(user__email="new@example.org").role == "academy_coordinator"
    again = send(admin, "reader@example.org", role="staff-teacher")
    assert again.status_code == 409
    assert "is already a member of this academy" in again.content.decode()
    assert AcademyMember.objects.get(user=world.reader).role == "staff"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": ""}, "email"),
        ({"role": "king"}, "role"),
        ({"cohort": "data"}, "cohort"),
        ({"role": "staff-admin", "cohort": "web-dev"}, "cohort"),
    ],
)
def test_what_is_refused(admin, world, wrong, field):
    """V2: at its field with the focus, what was typed stays; another academy's cohort is none."""
    before = User.objects.count()
    answer = send(admin, **{"email": "new@example.org", "first_name": "Ana", **wrong})
    html = answer.content.decode()
    assert answer.status_code == 400
    assert re.search(rf'name="{field}"[^>]*autofocus', html)
    assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', html)
    assert 'value="Ana"' in html
    assert User.objects.count() == before


def test_a_coordinator_names_no_staff(world):
    """U3: the roles on the staff are no choice for those who may not write members."""
    client = Client(headers={"Accept": "text/html"})
    client.force_login(world.coordinator)
    assert "staff-admin" not in client.get(INVITE).content.decode()
    assert send(client, role="staff-admin").status_code == 400
    assert not User.objects.filter(email="new@example.org").exists()


def test_an_account_elsewhere(admin, world):
    """U6: the answer is the same as about who is new to the installation."""
    text = "is invited, and in Web Development now."
    assert f"stranger@example.org {text}" in shown(admin, send(admin, "stranger@example.org", cohort="web-dev"))
    assert f"new@example.org {text}" in shown(admin, send(admin, "new@example.org", cohort="web-dev"))
