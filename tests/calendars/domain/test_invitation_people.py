"""Whose calendars are told by mail, and whose are not."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser
from breathecode.authenticate.models import User
from breathecode.calendars.domain.invitations import due_recipients
from breathecode.calendars.domain.mails import invitation_mail
from breathecode.calendars.models import CalendarInvitation, CalendarPreference
from breathecode.events.models import LiveClass
from breathecode.reminders.domain import mails as notice_mails
from tests.support.classes import NOW
from tests.support.client import error
from tests.support.invitations import ask_for_invitations, channels_of

pytestmark = pytest.mark.usefixtures("clock")
SETTINGS = "/v1/events/me/calendar/settings"


def test_nobody_is_invited_who_did_not_ask(post, world, make_class, call):
    """Invitations: off until a person switches them on, over the API."""
    make_class(start=48)
    assert post.sweep() == []
    assert call("GET", SETTINGS, as_=world.student).json() == {"calendar_invitations": False}
    for wrong in ({"calendar_invitations": "x"}, {"calendar_invitations": None}):
        assert error(call("PUT", SETTINGS, as_=world.student, body=wrong)) == (400, "validation-error")
    assert error(call("PUT", SETTINGS, as_=world.student, body={"reminders": True})) == (400, "unknown-field")
    assert error(call("GET", SETTINGS)) == (401, "authentication-required")
    assert not CalendarPreference.objects.exists()
    on = {"calendar_invitations": True}
    assert call("PUT", SETTINGS, as_=world.student, body=on).json() == on
    assert call("PUT", SETTINGS, as_=world.student, body={}).json() == on
    assert call("GET", SETTINGS, as_=world.student).json() == on
    assert call("GET", SETTINGS, as_=world.teacher).json() == {"calendar_invitations": False}
    assert [message["To"] for message in post.sweep()] == ["student@example.org"]


def test_who_has_a_part_is_invited_once(post, world, make_class):
    """Invitations, L7: students, teachers, assistants and reviewers, once however many roles; nobody else."""
    CohortUser.objects.create(cohort=world.cohort, user=world.student, role="ASSISTANT")
    everybody = User.objects.all()
    ask_for_invitations(*everybody)
    User.objects.filter(email="assistant@example.org").update(is_active=False)
    make_class(start=48)
    make_class(start=-1)  # has begun
    make_class(start=50, cancelled_at=NOW)
    mails = {message["To"]: len(channels_of(message)) for message in post.sweep()}
    assert mails == {"reviewer@example.org": 1, "student@example.org": 1, "teacher@example.org": 1}
    assert due_recipients(now=timezone.now()) == []


def test_switched_off_and_on_again(post, asked, make_class):
    """Invitations: off takes what is to come out of the calendar, and only that; on brings it back, SEQUENCE rising."""
    soon, later = make_class(start=0.05), make_class(start=48)
    (message,) = post.sweep()
    assert len(channels_of(message)) == 2
    post.clock.shift(timedelta(minutes=10))  # the first one has begun
    ask_for_invitations(asked, wanted=False)
    told = post.one()
    assert (told.method, told.uid, told.sequence) == ("CANCEL", f"liveclass-{later.pk}@testserver", 1)
    assert told.status is None  # it takes place, without this person
    assert post.sweep() == []
    ask_for_invitations(asked)
    told = post.one()
    assert (told.method, told.uid, told.sequence) == ("REQUEST", f"liveclass-{later.pk}@testserver", 2)
    assert CalendarInvitation.objects.get(class_id=soon.pk).withdrawn is False


def test_a_dropped_student_is_uninvited(post, asked, make_class, world, call):
    """Invitations, L7: who is dropped loses the classes to come, and has them again when they are back."""
    row = make_class(start=48)
    post.sweep()
    path = f"/v1/admissions/academy/cohort/{world.cohort.slug}/user/{asked.pk}"
    for status, method, sequence in (("DROPPED", "CANCEL", 1), ("ACTIVE", "REQUEST", 2)):
        body = {"role": "STUDENT", "educational_status": status}
        response = call("PUT", path, as_=world.coordinator, academy=world.miami, body=body)
        assert response.status_code == 200, response.content
        told = post.one()
        assert (told.method, told.sequence, told.uid) == (method, sequence, f"liveclass-{row.pk}@testserver")
    CohortUser.objects.filter(user=asked).delete()
    assert post.one().method == "CANCEL"


def test_a_deleted_cohort_leaves_no_class_behind(post, asked, make_class):
    """Invitations, L7: stage DELETED shows nobody a class."""
    make_class(start=48)
    post.sweep()
    cohort = Cohort.objects.get(slug="web-dev")
    cohort.stage = "DELETED"
    cohort.save()
    assert post.one().method == "CANCEL"
    assert post.sweep() == []


def test_a_time_slot_that_goes_to_another_cohort(post, world, make_class):
    """Invitations: who sees both cohorts hears nothing of it, who sees the first one alone is uninvited."""
    ask_for_invitations(world.student, world.teacher)
    Cohort.objects.update(name="Web Development")
    CohortUser.objects.create(cohort=world.other_cohort, user=world.teacher, role="TEACHER")
    make_class(start=48)
    assert len(post.sweep()) == 2
    CohortTimeSlot.objects.update(cohort=world.other_cohort)
    (message,) = post.sweep()
    assert (message["To"], [told.method for told in channels_of(message)]) == ("student@example.org", ["CANCEL"])
    assert post.sweep() == []


def test_another_address(post, asked, make_class):
    """Invitations: a person's new address is told of all that is to come, beyond the window too."""
    near, far = make_class(start=48), make_class(start=50)
    post.sweep()
    starting_at = NOW + timedelta(days=300)
    LiveClass.objects.filter(pk=far.pk).update(starting_at=starting_at, ending_at=starting_at + timedelta(hours=1))
    assert post.one().uid == f"liveclass-{far.pk}@testserver"
    User.objects.filter(pk=asked.pk).update(email="ana@example.org")
    LiveClass.objects.filter(pk=near.pk).delete()
    (message,) = post.sweep()
    assert message["X-RcptTo"] == "ana@example.org"
    gone, stays = channels_of(message)
    assert (gone.method, gone.uid, gone.sequence) == ("CANCEL", f"liveclass-{near.pk}@testserver", 1)
    assert (stays.method, stays.sequence, stays.attendee) == ("REQUEST", 2, "mailto:ana@example.org")
    User.objects.filter(pk=asked.pk).update(email="ana.ruiz@example.org")
    assert post.one().attendee == "mailto:ana.ruiz@example.org"
    assert post.sweep() == []


def test_turning_them_off_by_the_link(post, asked, make_class, call):
    """Invitations (RFC 8058): the mail program's one click, or the page; no other key opens it."""
    make_class(start=48)
    (message,) = post.sweep()
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    (link,) = re.findall(r"<http://testserver(/calendar/invitations/off/\S+)>", message["List-Unsubscribe"])
    browser = Client(enforce_csrf_checks=True)
    assert browser.get(link).status_code == 200
    assert call("GET", SETTINGS, as_=asked).json() == {"calendar_invitations": True}  # mail scanners open links
    of_reminders = notice_mails.LINK.url(asked).rpartition("/")[2]
    for key in (link.rpartition("/")[2][:-3], of_reminders, "x"):
        assert browser.post(f"/calendar/invitations/off/{key}").status_code == 404
    assert call("GET", SETTINGS, as_=asked).json() == {"calendar_invitations": True}
    assert browser.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert call("GET", SETTINGS, as_=asked).json() == {"calendar_invitations": False}
    assert post.one().method == "CANCEL"


def test_one_that_fails_keeps_no_other_waiting(post, world, make_class, monkeypatch, caplog):
    """Invitations: it is logged, and stays due until it can be told."""
    ask_for_invitations(world.student, world.teacher)
    make_class(start=48)

    def broken(found, *, user, **arguments):
        if user == world.student:
            raise ValueError("cannot be written")
        return invitation_mail(found, user=user, **arguments)

    monkeypatch.setattr("breathecode.calendars.domain.invitations.invitation_mail", broken)
    assert [message["To"] for message in post.sweep()] == ["teacher@example.org"]
    assert "send_invitations failed" in caplog.text
    monkeypatch.undo()
    assert [message["To"] for message in post.sweep()] == ["student@example.org"]
