"""`/me`: what a person decides about themselves (rules V1 to V6)."""

import json

from django.test import Client

from breathecode.authenticate.domain.tokens import renew_calendar_token
from breathecode.authenticate.models import User
from breathecode.calendars.models import CalendarPreference
from breathecode.reminders.models import ReminderPreference

HTML = {"Accept": "text/html,*/*;q=0.8"}
FORM = {
    "first_name": "Ana", "last_name": "Díaz", "language": "es", "timezone": "America/Bogota",
    "day_before": "off", "quarter_hour_before": "", "calendar_invitations": "on",
}  # fmt: skip


def browser(person):
    client = Client(headers=HTML)
    client.force_login(person)
    return client


def test_it_saves(world):
    """V5, N1: name, language, zone, reminders and calendar mails; the answer is in the language that was chosen."""
    client = browser(world.student)
    answer = client.post("/me", FORM, follow=True)
    assert answer.redirect_chain == [("/me", 303)]
    assert "Guardado." in answer.content.decode()
    user = User.objects.get(pk=world.student.pk)
    assert (user.first_name, user.last_name, user.language, user.timezone) == ("Ana", "Díaz", "es", "America/Bogota")
    reminder = ReminderPreference.objects.get(user=user)
    assert (reminder.day_before, reminder.quarter_hour_before) == (False, None)
    assert CalendarPreference.objects.get(user=user).calendar_invitations
    assert '<option value="off" selected>' in client.get("/me").content.decode()


def test_what_is_refused(world):
    """V2: a zone or a language that does not exist: what was typed stays, nothing is saved, the focus is there."""
    client = browser(world.student)
    for wrong in ({"timezone": "Mars/Base"}, {"first_name": "A" * 151}, {"language": "tlh"}):
        answer = client.post("/me", {**FORM, **wrong})
        html = answer.content.decode()
        assert answer.status_code == 400, wrong
        assert 'aria-invalid="true"' in html
        assert html.count("autofocus") == 1
        assert 'value="Díaz"' in html
    assert User.objects.get(pk=world.student.pk).last_name == ""


def test_signing_out_everywhere(world, call):
    """U2, I2: sessions and tokens end; the calendar's feed goes on."""
    key = call.key(world.student)
    feed = renew_calendar_token(user=world.student)
    here, there = browser(world.student), browser(world.student)
    answer = here.post("/me/sign-out-everywhere")
    assert (answer.status_code, answer["Location"]) == (303, "/sign-in")
    assert here.get("/me").status_code == there.get("/me").status_code == 302
    answer = Client().get("/v1/events/me/event/liveclass", headers={"Authorization": f"Token {key}"})
    assert (answer.status_code, json.loads(answer.content)["slug"]) == (401, "invalid-token")
    assert Client().get(f"/v1/events/ical/me?token={feed}").status_code == 200


def test_another_site_cannot(world):
    """V3: a form without a token changes nothing."""
    client = Client(headers=HTML, enforce_csrf_checks=True)
    client.force_login(world.student)
    assert client.post("/me", FORM).status_code == 403
    assert client.post("/me/sign-out-everywhere").status_code == 403
    assert client.get("/me").status_code == 200
    assert client.get("/me/sign-out-everywhere").status_code == 405
