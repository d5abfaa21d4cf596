"""The people of an academy as pages: who has not accepted, mails, roles, removal (rules U3, U7, N4, V1 to V6)."""

import datetime
import re
from urllib.parse import urlencode

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.domain.invitations import invite
from breathecode.authenticate.models import AcademyMember, Invitation, User
from breathecode.jobs.models import Job
from breathecode.notify.models import OutgoingMail
from breathecode.notify.tasks import send_due_mails
from breathecode.pages.academy.people import listing
from tests.support.queries import captured_queries

PEOPLE = "/academy/downtown-miami/people"


def browser(person, **options):
    client = Client(headers={"Accept": "text/html"}, **options)
    client.force_login(person)
    return client


@pytest.fixture
def admin(world):
    return browser(world.admin)


def names(client, **query):
    html = client.get(f"{PEOPLE}?{urlencode(query)}").content.decode()
    return set(re.findall(r'people/\d+"><bdi>([^<]+)</bdi>', html))


def new_student(world, email="new@example.org"):
    user = User.objects.create_user(email)
    CohortUser.objects.create(cohort=world.cohort, user=user)
    invite([user], academy=world.miami)
    return user


def page_of(client, user):
    return client.get(f"{PEOPLE}/{user.pk}").content.decode()


def test_who_is_listed(admin, world):
    """U7: staff, everybody in cohorts, and invited students, each once; nobody of another academy."""
    single = User.objects.create_user("single@example.org")
    Invitation.objects.create(academy=world.miami, user=single, as_student=True)
    CohortUser.objects.create(cohort=world.cohort, user=world.admin, role="TEACHER")
    people = {"student", "teacher", "assistant", "reviewer", "dropped", "single"}
    people |= {"admin", "coordinator", "staff_teacher", "reader"}
    assert names(admin) == {f"{name}@example.org" for name in people}
    html = admin.get(PEOPLE).content.decode()
    assert html.count("admin@example.org</bdi>") == 1
    assert "10 people" in html


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"role": "staff"}, {"admin", "coordinator", "staff_teacher", "reader"}),
        ({"role": "staff-teacher"}, {"staff_teacher"}),
        ({"role": "teacher"}, {"teacher"}),
        ({"role": "student"}, {"student", "dropped"}),
        ({"cohort": "web-dev", "role": "reviewer"}, {"reviewer"}),
        ({"cohort": "web-dev"}, {"student", "teacher", "assistant", "reviewer", "dropped"}),
        ({"search": "STUD"}, {"student"}),
        ({"account": "waiting"}, set()),
        ({"account": "accepted", "role": "teacher"}, {"teacher"}),
    ],
)
def test_filters(admin, world, query, expected):
    """U7: by role on the staff or in cohorts, cohort, name and account."""
    assert names(admin, **query) == {f"{name}@example.org" for name in expected}


def test_another_academys_cohort_is_no_filter(admin, world):
    """V1: its slug typed by hand is no choice, and shows none of its people."""
    html = admin.get(PEOPLE, {"cohort": "data"}).content.decode()
    assert "stranger@example.org" not in html


def test_who_has_not_accepted(admin, world):
    """U7: they are marked and can be chosen, with what became of the mail."""
    new_student(world)
    assert "Invitation about to be sent" in admin.get(PEOPLE).content.decode()
    send_due_mails()
    assert names(admin, account="waiting") == {"new@example.org"}
    html = admin.get(PEOPLE, {"account": "waiting"}).content.decode()
    assert html.count("not accepted yet") == 1
    assert re.search(r'Invitation sent <time datetime="[^"]+Z"', html)


def test_a_mail_that_failed(admin, world):
    """N4: is seen at the person that it was for, with the reason, in the list and on their page; and can be chosen."""
    now = timezone.now()
    OutgoingMail.objects.create(
        purpose="r", to="student@example.org", template="reminder", language="en", subject="Loops", state="FAILED",
        next_try_at=now, created_at=now, last_error="550 <b>No such user</b> here",
    )  # fmt: skip
    assert names(admin, account="failed") == {"student@example.org"}
    for html in (admin.get(PEOPLE).content.decode(), page_of(admin, world.student)):
        assert html.count("A mail was not delivered") == 1
        assert "550 &lt;b&gt;No such user&lt;/b&gt; here" in html
    assert "not delivered" not in page_of(admin, world.teacher)


def test_an_invitation_that_failed(admin, world):
    """N4: is said once, as the invitation."""
    user = new_student(world)
    OutgoingMail.objects.filter(to=user.email).update(state="FAILED", last_error="550 no")
    html = page_of(admin, user)
    assert html.count("not delivered") == 1
    assert "Invitation not delivered" in html
    assert names(admin, account="failed") == {"new@example.org"}


def test_an_invitation_again(admin, world):
    """U7: at most once in ten minutes, with the seconds to wait; never for who has a password."""
    user = new_student(world)
    assert "Send the invitation again" in page_of(admin, user)
    again = f"{PEOPLE}/{user.pk}/invite"
    soon = admin.post(again)
    assert soon.status_code == 429
    assert "An invitation has just been sent. Try again in" in soon.content.decode()
    Invitation.objects.update(mailed_at=timezone.now() - datetime.timedelta(minutes=11))
    assert admin.post(again).status_code == 303
    send_due_mails()
    assert [message.to for message in mail.outbox] == [["new@example.org"]] * 2
    assert "Send the invitation" not in page_of(admin, world.student)
    assert admin.post(f"{PEOPLE}/{world.student.pk}/invite").status_code == 409


def test_who_invites_again(world):
    """U7: who may write members invites everybody, who may write cohorts the students; nobody else."""
    student, teacher = new_student(world), User.objects.create_user("t@example.org")
    CohortUser.objects.create(cohort=world.cohort, user=teacher, role="TEACHER")
    coordinator, reader, admin = browser(world.coordinator), browser(world.reader), browser(world.admin)
    assert "Send the invitation again" in page_of(coordinator, student)
    assert "Send an invitation" not in page_of(coordinator, teacher)
    assert "Send an invitation" in page_of(admin, teacher)
    assert coordinator.post(f"{PEOPLE}/{teacher.pk}/invite").status_code == 404
    assert admin.post(f"{PEOPLE}/{teacher.pk}/invite").status_code == 303
    assert "Send the invitation again" not in page_of(reader, student)
    assert reader.post(f"{PEOPLE}/{student.pk}/invite").status_code == 404


def test_another_role(admin, world):
    """U3: saved at once; an unknown one is refused at its field."""
    role = f"{PEOPLE}/{world.reader.pk}/role"
    assert admin.post(role, {"role": "teacher"}).status_code == 303
    assert AcademyMember.objects.get(user=world.reader).role == "teacher"
    wrong = admin.post(role, {"role": "king"})
    assert wrong.status_code == 400
    assert re.search(r'<select name="role"[^>]*aria-invalid="true"', wrong.content.decode())


def test_the_own_and_last_role_of_an_admin(admin, world):
    """U3: what is lost is said first, and nothing is saved before the second button."""
    role = f"{PEOPLE}/{world.admin.pk}/role"
    html = admin.post(role, {"role": "staff"}).content.decode()
    assert "This is your own role" in html
    assert "left without an admin" in html
    assert AcademyMember.objects.get(user=world.admin).role == "admin"
    assert admin.post(role, {"role": "staff", "step": "confirmed"}).status_code == 303
    assert AcademyMember.objects.get(user=world.admin).role == "staff"


def test_removing_from_the_staff(admin, world):
    """U3: the page says what ends and what stays; the account stays."""
    remove = f"{PEOPLE}/{world.reader.pk}/remove"
    html = admin.get(remove).content.decode()
    assert "reader@example.org can no longer open the pages of Downtown Miami." in html
    assert "without an admin" not in html
    assert AcademyMember.objects.filter(user=world.reader).exists()
    assert admin.post(remove).status_code == 303
    assert not AcademyMember.objects.filter(user=world.reader).exists()
    assert User.objects.filter(pk=world.reader.pk).exists()
    assert admin.post(remove).status_code == 404


def test_removing_oneself(admin, world):
    """U3: leads to one's own pages, since those of the academy are gone."""
    remove = f"{PEOPLE}/{world.admin.pk}/remove"
    html = admin.get(remove).content.decode()
    assert "This is your own role" in html
    assert "left without an admin" in html
    assert admin.post(remove)["Location"] == "/"
    assert admin.get(PEOPLE).status_code == 404


@pytest.mark.parametrize("name", ["role", "remove", "invite"])
def test_another_academys_people(admin, world, name):
    """V1: their ids are 404, and so is everything below the other academy."""
    foreign = browser(world.foreign_admin)
    for user in (world.stranger, world.foreign_admin):
        assert admin.post(f"{PEOPLE}/{user.pk}/{name}", {"role": "staff"}).status_code == 404
        assert admin.get(f"{PEOPLE}/{user.pk}").status_code == 404
    assert foreign.post(f"{PEOPLE}/{world.reader.pk}/{name}", {"role": "admin"}).status_code == 404
    assert AcademyMember.objects.get(user=world.reader).role == "staff"


@pytest.mark.parametrize("name", ["role", "remove"])
def test_staff_is_written_by_admins_alone(world, name):
    """U3: a coordinator's form is the 404 page; so is a form about who is not on the staff."""
    assert browser(world.coordinator).post(f"{PEOPLE}/{world.reader.pk}/{name}", {"role": "admin"}).status_code == 404
    assert browser(world.admin).post(f"{PEOPLE}/{world.student.pk}/{name}", {"role": "admin"}).status_code == 404
    assert "Save the role" not in page_of(browser(world.coordinator), world.reader)


@pytest.mark.parametrize("name", ["role", "remove", "invite"])
def test_forms_need_a_token(world, name):
    """V3: another site's form changes nothing."""
    client = browser(world.admin, enforce_csrf_checks=True)
    assert client.post(f"{PEOPLE}/{world.reader.pk}/{name}", {"role": "admin"}).status_code == 403


def test_names_are_text(admin, world):
    """V2: a name with HTML is shown as it is written."""
    User.objects.filter(pk=world.student.pk).update(first_name="<script>alert(1)</script>", last_name="<img src=x>")
    for html in (admin.get(PEOPLE).content.decode(), page_of(admin, world.student)):
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "&lt;script&gt;alert(1)" in html


def test_many_people(admin, world):
    """V6: 50 of 200 people with three cohorts, mails and a running job take the statements of ten."""
    Job.objects.create(
        kind="import-people", academy=world.miami, total=5, done=1, state="RUNNING", next_try_at=timezone.now(),
        result={"cohort": world.cohort.pk, "rows": 1_200},
    )  # fmt: skip
    admin.get(PEOPLE)
    with captured_queries() as few:
        admin.get(PEOPLE)
    users = User.objects.bulk_create(User(email=f"p{n}@example.org", first_name=f"A{n:03}") for n in range(200))
    CohortUser.objects.bulk_create(
        CohortUser(cohort=world.cohort, user=user, role=role) for user in users for role in ("STUDENT", "REVIEWER")
    )
    with captured_queries() as many:
        html = admin.get(PEOPLE).content.decode()
    assert len(few) == len(many) <= 12
    assert len(names(admin)) == 50
    assert "1000 of 1200 people" in html
    assert "role=student&amp;page=2" in admin.get(PEOPLE, {"role": "student"}).content.decode()


def test_an_academy_without_students(world):
    """V1: what fits nobody says how to go on."""
    html = browser(world.admin).get(PEOPLE, {"search": "nothing"}).content.decode()
    assert "No one matches." in html


def test_a_cohort_beyond_those_offered(admin, world, monkeypatch):
    """U7: the cohort that the address names can be chosen, however many are newer; not another academy's."""
    monkeypatch.setattr(listing, "MAX_COHORTS", 0)
    assert names(admin, cohort="web-dev", role="student") == {"student@example.org", "dropped@example.org"}
    assert '<option value="web-dev" selected>' in admin.get(f"{PEOPLE}/invite?cohort=web-dev").content.decode()
    for cohort in (world.other_cohort.slug, "a\x00b", "\u00e9"):
        assert "selected>Data" not in admin.get(PEOPLE, {"cohort": cohort}).content.decode()
    Cohort.objects.filter(pk=world.cohort.pk).update(stage="DELETED")
    assert 'value="web-dev"' not in admin.get(PEOPLE, {"cohort": "web-dev"}).content.decode()
