"""Who is in a cohort, as pages: added or invited, another role or status, removed (rules R3, U4, V1 to V3, A5)."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from breathecode.admissions.models import CohortUser
from breathecode.authenticate.models import Invitation, User
from breathecode.notify.models import OutgoingMail
from breathecode.notify.tasks import send_due_mails
from tests.support.queries import captured_queries

PEOPLE = "/academy/downtown-miami/cohorts/web-dev/people"


@pytest.fixture
def staff(world):
    client = Client(headers={"Accept": "text/html"})
    client.force_login(world.coordinator)
    return client


def part_of(user, world, role="STUDENT"):
    return CohortUser.objects.get(cohort=world.cohort, user=user, role=role)


def at(name, part):
    return reverse(name, args=["downtown-miami", "web-dev", part.pk])


def add(staff, email, role="STUDENT", **fields):
    return staff.post(PEOPLE, {"email": email, "role": role, "first_name": "", "last_name": "", **fields})


def test_who_is_known_is_added(staff, world):
    """R3: by e-mail in any case, and no mail goes to who has a password."""
    assert add(staff, "Coordinator@Example.org", "TEACHER").status_code == 303
    assert part_of(world.coordinator, world, "TEACHER").educational_status == "ACTIVE"
    send_due_mails()
    assert mail.outbox == []


def test_who_is_new_is_invited(staff, world):
    """U4: made with the names that were typed, in the cohort at once, and invited by one mail."""
    assert add(staff, "new@example.org", first_name="Ana", last_name="Ruiz").status_code == 303
    user = User.objects.get(email="new@example.org")
    assert (user.first_name, user.last_name, part_of(user, world).role) == ("Ana", "Ruiz", "STUDENT")
    send_due_mails()
    assert [message.to for message in mail.outbox] == [["new@example.org"]]
    html = staff.get(PEOPLE, {"search": "ana ruiz"}).content.decode()
    assert html.count("not accepted yet") == 1
    assert "Invitation sent" in html


def test_the_second_time(staff, world):
    """R3: who has the role already is refused at the field, and what was typed stays."""
    before = Invitation.objects.count()
    answer = add(staff, "student@example.org", first_name="Eva")
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "already has the role student in this cohort" in html
    assert re.search(r'name="email" value="student@example.org"[^>]*aria-invalid="true"', html)
    assert 'value="Eva"' in html
    assert Invitation.objects.count() == before


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@b", "x" * 250 + "@example.org", "a\u200bb@example.org", "a\x00@b.org"]
)
def test_an_address_that_is_none(staff, world, email):
    """V2: is refused at its field, and nobody is made."""
    before = User.objects.count()
    answer = add(staff, email)
    assert answer.status_code == 400
    assert re.search(r'<input type="email" name="email"[^>]*autofocus', answer.content.decode())
    assert User.objects.count() == before


def test_another_role_and_status(staff, world):
    """R3, R4: on a page of its own; a value that is none is refused at its field."""
    part = part_of(world.student, world)
    saved = staff.post(at("cohort-person", part), {"role": "ASSISTANT", "educational_status": "SUSPENDED"})
    assert (saved.status_code, saved["Location"]) == (303, PEOPLE)
    part.refresh_from_db()
    assert (part.role, part.educational_status) == ("ASSISTANT", "SUSPENDED")
    wrong = staff.post(at("cohort-person", part), {"role": "ASSISTANT", "educational_status": "LOST"})
    html = wrong.content.decode()
    assert wrong.status_code == 400
    assert re.search(r'<select name="educational_status"[^>]*aria-invalid="true"', html)
    assert "Select a valid choice" in html
    part.refresh_from_db()
    assert part.educational_status == "SUSPENDED"


def test_a_role_that_is_held_already(staff, world):
    """R3: refused at the field, with 409."""
    CohortUser.objects.create(cohort=world.cohort, user=world.student, role="ASSISTANT")
    part = part_of(world.student, world)
    answer = staff.post(at("cohort-person", part), {"role": "ASSISTANT", "educational_status": "ACTIVE"})
    assert answer.status_code == 409
    assert re.search(r'<select name="role"[^>]*aria-invalid="true"', answer.content.decode())


def test_removing_is_confirmed(staff, world):
    """A5: the page says what ends and what stays; only its button removes."""
    part = part_of(world.student, world)
    html = staff.get(at("cohort-person-remove", part)).content.decode()
    assert "Remove student@example.org from Web Development?" in html
    assert "no longer sees the classes" in html
    assert "Attendance and answers to surveys stay." in html
    assert "without a teacher" not in html
    assert CohortUser.objects.filter(pk=part.pk).exists()
    assert staff.post(at("cohort-person-remove", part)).status_code == 303
    assert not CohortUser.objects.filter(pk=part.pk).exists()
    assert staff.post(at("cohort-person-remove", part)).status_code == 404


def test_removing_the_last_teacher(staff, world):
    """P4: the page says that the cohort is left without one; not where another teaches, or another role remains."""
    part = part_of(world.teacher, world, "TEACHER")
    assert "left without a teacher" in staff.get(at("cohort-person-remove", part)).content.decode()
    add(staff, "assistant@example.org", "TEACHER")
    CohortUser.objects.create(cohort=world.cohort, user=world.teacher, role="REVIEWER")
    html = staff.get(at("cohort-person-remove", part)).content.decode()
    assert "left without a teacher" not in html
    assert "stays in the cohort in another role" in html


def test_search_and_filters(staff, world):
    """V1: by name, role and status, kept in the address of the pages; an empty list leads back."""
    users = User.objects.bulk_create(User(email=f"p{n}@example.org", first_name="Pia") for n in range(51))
    CohortUser.objects.bulk_create(CohortUser(cohort=world.cohort, user=user) for user in users)
    html = staff.get(PEOPLE, {"search": "pia", "role": "STUDENT"}).content.decode()
    assert html.count("<bdi>Pia</bdi>") == 50
    assert "search=pia&amp;role=STUDENT&amp;page=2" in html
    dropped = staff.get(PEOPLE, {"educational_status": "DROPPED"}).content.decode()
    assert re.findall(r"<bdi>(\w+@example.org)</bdi>", dropped) == ["dropped@example.org"]
    assert "No one matches." in staff.get(PEOPLE, {"search": "nothing"}).content.decode()


def test_many_people(staff, world):
    """V6: fifty people with mails take the statements of four."""
    staff.get(PEOPLE)
    with captured_queries() as few:
        staff.get(PEOPLE)
    for n in range(60):
        user = User.objects.create_user(f"p{n}@example.org")
        CohortUser.objects.create(cohort=world.cohort, user=user)
        OutgoingMail.objects.create(
            purpose=f"p{n}", to=user.email, template="survey", language="en", subject="s", state="FAILED",
            next_try_at=user.date_joined, created_at=user.date_joined, last_error="550 no",
        )  # fmt: skip
    with captured_queries() as many:
        html = staff.get(PEOPLE).content.decode()
    assert len(few) == len(many) <= 12
    assert html.count("A mail was not delivered") > 40


def test_a_reader_changes_nothing(world):
    """V1: sees who is in the cohort without forms; the pages that change are 404."""
    client = Client(headers={"Accept": "text/html"})
    client.force_login(world.reader)
    part = part_of(world.student, world)
    html = client.get(PEOPLE).content.decode()
    assert "student@example.org" in html
    assert "Add to the cohort" not in html
    assert add(client, "new@example.org").status_code == 403
    assert client.post(at("cohort-person", part), {"educational_status": "DROPPED"}).status_code == 404
    assert client.post(at("cohort-person-remove", part)).status_code == 404
