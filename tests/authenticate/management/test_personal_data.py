"""`export_person` and `erase_person` (rule O8)."""

import datetime
import json

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models.signals import post_save
from django.test import Client
from django.utils import timezone

from breathecode.admissions.models import CohortUser
from breathecode.attendance.models import Attendance
from breathecode.authenticate.domain.invitations import invite
from breathecode.authenticate.domain.personal_data.erasure import erase_person
from breathecode.authenticate.domain.tokens import renew_calendar_token, sign_in
from breathecode.authenticate.models import AcademyMember, Invitation, Token, User
from breathecode.calendars.models import CalendarInvitation, CalendarPreference
from breathecode.events.models import ClassJoin
from breathecode.feedback.models import Answer, Survey, SurveyLink
from breathecode.notify.models import OutgoingMail
from breathecode.reminders.models import ReminderPreference

NAME, ADDRESS, COMMENT = "Ximena", "student@example.org", "The room was cold."


@pytest.fixture
def person(world, make_class):
    """The student, with a row of every kind that is kept of a person."""
    user = world.student
    profile = {"first_name": NAME, "last_name": "Quiroga", "language": "es", "timezone": "Europe/Madrid"}
    User.objects.filter(pk=user.pk).update(**profile)
    user.refresh_from_db()
    live_class, now = make_class(), timezone.now()
    sign_in(user=user)
    renew_calendar_token(user=user)
    Client().force_login(user)
    mail = OutgoingMail.objects.create(
        purpose="survey:1:1", user=user, to=user.email, template="survey", language="es", subject=f"Hola {NAME}",
        text="…", next_try_at=now, created_at=now,
    )  # fmt: skip
    Invitation.objects.create(academy=world.miami, user=user, mail=mail)
    ClassJoin.objects.create(live_class=live_class, user=user, joined_at=now)
    Attendance.objects.create(live_class=live_class, user=user, status="PRESENT", source="STAFF", recorded_at=now)
    survey = Survey.objects.create(live_class=live_class, language="es", texts={}, expires_at=now)
    SurveyLink.objects.create(survey=survey, user=user, key_hash="0" * 64, expires_at=now)
    Answer.objects.create(survey=survey, user=user, score=9, comment=COMMENT)
    Answer.objects.create(survey=survey, user=world.dropped, teacher=user, score=7, comment=f"{NAME} helped.")
    CalendarPreference.objects.create(user=user, calendar_invitations=True)
    ReminderPreference.objects.create(user=user, day_before=True)
    CalendarInvitation.objects.create(
        user=user, cohort=world.cohort, class_id=live_class.pk, hash="h", email=user.email, title="Loops",
        starting_at=now, ending_at=now + datetime.timedelta(hours=1), sequence=0, sent_at=now,
    )  # fmt: skip
    LogEntry.objects.create(
        user=world.superuser, content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk),
        object_repr=user.email, action_flag=CHANGE,
    )  # fmt: skip
    return user


def all_text():
    """Every value of every table, as one text."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        rows = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            rows += cursor.fetchall()
    return "\n".join(map(str, rows))


def test_what_is_exported(person, capsys):
    """O8: the account, its rows by table, mails and the admin's log as JSON, and no secret; the counts beside it."""
    call_command("export_person", ADDRESS.upper())
    written = capsys.readouterr()
    data = json.loads(written.out)
    assert (data["user"]["email"], data["user"]["first_name"], data["user"]["language"]) == (ADDRESS, NAME, "es")
    assert {name: len(rows) for name, rows in data["rows"].items()} == {
        "admissions.cohortuser.user": 1, "admissions.enrolmentperiod.user": 1, "attendance.attendance.user": 1,
        "authenticate.invitation.user": 1, "authenticate.token.user": 2, "calendars.calendarinvitation.user": 1,
        "calendars.calendarpreference.user": 1, "events.classjoin.user": 1, "feedback.answer.teacher": 1,
        "feedback.answer.user": 1, "feedback.surveylink.user": 1, "reminders.reminderpreference.user": 1,
    }  # fmt: skip
    assert data["rows"]["feedback.answer.user"][0]["comment"] == COMMENT
    assert data["rows"]["admissions.cohortuser.user"][0]["cohort"]["name"] == "Web Development"
    assert [mail["to"] for mail in data["mails"]] == [ADDRESS]
    assert len(data["admin_log"]) == 1
    for secret in (person.password, *Token.objects.values_list("key_hash", flat=True), "0" * 64):
        assert secret not in written.out
    assert "dropped@example.org" not in written.out  # of others, the id
    assert written.err.splitlines()[-1] == f"User {person.pk}: 14 rows written."


def test_what_is_erased(person, world, capsys):
    """O8: name, address, tokens, comments, mails and links are in no table any more; the scores and marks are."""
    scores = list(Answer.objects.order_by("pk").values_list("score", flat=True))
    call_command("erase_person", ADDRESS, "--yes")
    left = all_text()
    for gone in (NAME, "Quiroga", ADDRESS, COMMENT, "helped"):
        assert gone not in left
    person.refresh_from_db()
    assert (person.is_active, person.has_usable_password(), person.timezone, person.language) == (False, False, "", "")
    for model in (Token, Invitation, SurveyLink, CalendarInvitation, CalendarPreference, ReminderPreference):
        assert not model._default_manager.filter(user=person).exists()
    assert Session.objects.count() == 0
    assert Attendance.objects.filter(user=person, status="PRESENT").exists()
    assert ClassJoin.objects.filter(user=person).exists()
    assert list(Answer.objects.order_by("pk").values_list("score", flat=True)) == scores
    assert CohortUser.objects.get(user=person).educational_status == "DROPPED"
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2] == f"User {person.pk} erased: 13 rows deleted or cleared."
    assert "feedback.answer.user: 1" in lines


def queue(user, number, **fields):
    """A mail to this user as it was read, with a link to sign in; returns its id."""
    link = "http://testserver/reminders/off?key=aB3:signed"
    body = {"text": link, "html": link, "headers": {"List-Unsubscribe": f"<{link}>"}}
    now = timezone.now()
    given = {"to": user.email, "user_id": user.pk, "subject": f"Hola {NAME}", "next_try_at": now, "created_at": now}
    mail = {"purpose": f"x:{number}", "template": "test", "language": "es", "attachments": [{"content": link}]}
    return OutgoingMail.objects.create(**{**mail, **given, **body, **fields}).pk


@pytest.fixture
def with_former_address(person):
    """The student had another address before, and mails were sent to both."""
    queue(person, 1, state="SENT")
    User.objects.filter(pk=person.pk).update(email="corrected@example.org")
    person.refresh_from_db()
    queue(person, 2, to="Corrected@example.org", user_id=None)
    queue(User.objects.get(email="teacher@example.org"), 3, subject="Another's")
    return person


def test_mails_to_a_former_address_are_exported(with_former_address, capsys):
    """O8: by the user as well as by the address; each once, and nobody else's."""
    call_command("export_person", "corrected@example.org")
    data = json.loads(capsys.readouterr().out)
    assert [mail["purpose"] for mail in data["mails"]][1:] == ["x:1", "x:2"]
    assert "notify.outgoingmail.user" not in data["rows"]


def test_mails_to_a_former_address_are_erased(with_former_address):
    """O8: by the user as well as by the address, and nobody else's."""
    counts = erase_person(with_former_address)
    assert list(OutgoingMail.objects.values_list("subject", flat=True)) == ["Another's"]
    assert counts["mails"] == 3


def test_the_export_holds_no_link_that_signs_in(world, capsys):
    """O8: mails that wait or failed still have their body, with keys of invitations, passwords, surveys."""
    user = User.objects.create_user("new@example.org")
    invite([user], academy=world.miami)
    queue(user, 1)
    key = OutgoingMail.objects.get(template="invitation").text.split("/invite/")[1].split()[0]
    call_command("export_person", "new@example.org")
    written = capsys.readouterr().out
    for secret in (key, "/invite/", "aB3:signed"):
        assert secret not in written
    mails = json.loads(written)["mails"]
    assert [(mail["template"], mail["to"]) for mail in mails] == [(name, user.email) for name in ("invitation", "test")]
    assert all(mail.keys().isdisjoint({"text", "html", "attachments", "headers"}) for mail in mails)


@pytest.mark.django_db(transaction=True)
def test_what_was_written_during_the_erasure(person):
    """O8: a transaction that read the user before the erasure, and commits right after it."""
    survey, address, name = Survey.objects.get(), person.email, person.first_name

    def commit():
        queue(User(pk=person.pk, email=address, first_name=name), 1)
        queue(User(pk=person.pk, email=address, first_name=name), 2, user_id=None)
        SurveyLink.objects.create(survey=survey, user=person, key_hash="1" * 64, expires_at=timezone.now())
        Answer.objects.create(survey=survey, user=person, comment=COMMENT)

    def after_the_commit(instance, **_):
        transaction.on_commit(commit)

    Answer.objects.all().delete()
    post_save.connect(after_the_commit, sender=User)
    try:
        counts = erase_person(person)
    finally:
        post_save.disconnect(after_the_commit, sender=User)
    left = all_text()
    for gone in (NAME, address, COMMENT):
        assert gone not in left
    assert not SurveyLink.objects.exists()
    assert Answer.objects.filter(user=person).count() == 1
    assert (counts["mails"], counts["feedback.surveylink.user"]) == (3, 2)


@pytest.mark.django_db(transaction=True)
def test_erasing_again(person):
    """O8: what a slow transaction wrote after the erasure is taken away by another one, under the address given."""
    address = person.email
    erase_person(person)
    queue(User(pk=person.pk, email=address), 1)
    call_command("erase_person", f"erased-{person.pk}@erased.invalid", "--yes")
    assert NAME not in all_text()
    assert address not in all_text()


def test_an_erased_person_is_unknown(person, call):
    """O8, U5: their token ends, a second erasure finds nobody, and the address is free for a new account."""
    key, _ = sign_in(user=person)
    call_command("erase_person", ADDRESS, "--yes")
    assert Client().get("/v1/auth/user/me", headers={"Authorization": f"Token {key}"}).status_code == 401
    with pytest.raises(CommandError, match=f"No user has the e-mail address {ADDRESS}"):
        call_command("erase_person", ADDRESS, "--yes")
    assert User.objects.create_user(ADDRESS, "another-pass-9").pk != person.pk


def test_staff_lose_their_role(world):
    """O8: an erased member of the staff is none any more."""
    call_command("erase_person", world.reader.email, "--yes")
    assert not AcademyMember.objects.filter(user=world.reader).exists()


@pytest.mark.parametrize(("answer", "erased"), [("yes", True), ("y", False), ("", False)])
def test_it_asks_first(person, monkeypatch, answer, erased):
    """O8: nothing brings the data back, so it asks unless it is called with --yes."""
    monkeypatch.setattr("builtins.input", lambda prompt: answer)
    if erased:
        call_command("erase_person", ADDRESS)
    else:
        with pytest.raises(CommandError, match="Nothing was erased"):
            call_command("erase_person", ADDRESS)
    assert User.objects.filter(email=ADDRESS).exists() is not erased
