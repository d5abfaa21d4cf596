"""Reminders before a class, and what corrects them."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from breathecode.admissions.models import Cohort
from breathecode.events.models import ClassNotice, LiveClass
from breathecode.notify.models import OutgoingMail
from breathecode.reminders.domain import reminders
from breathecode.reminders.models import ReminderPreference, ReminderSettings
from breathecode.reminders.tasks import send_due_reminders
from tests.support.admin import page
from tests.support.classes import NOW
from tests.support.client import error
from tests.support.threads import together

pytestmark = pytest.mark.usefixtures("clock")
PEOPLE = ["assistant@example.org", "student@example.org", "teacher@example.org"]


def mails(template="class_reminder"):
    return sorted(OutgoingMail.objects.filter(template=template).values_list("to", flat=True))


def sweep_at(**delta):
    with time_machine.travel(NOW + timedelta(**delta), tick=False):
        send_due_reminders()


@pytest.fixture
def soon(make_class):
    """A class in two hours."""
    return make_class(start=2)


def test_fifteen_minutes_before(world, soon):
    """Reminders: by default one, 15 minutes before, to everybody with a part; sweeping again sends nothing again."""
    sweep_at(minutes=104, seconds=59)
    assert mails() == []
    for seconds in (0, 30, 60):
        sweep_at(minutes=105, seconds=seconds)
    assert mails() == PEOPLE
    mail = OutgoingMail.objects.get(to="student@example.org")
    assert f"/v1/events/me/event/liveclass/join/{soon.hash}" in mail.text
    assert "zoom.us" not in mail.text + mail.html
    assert "America/New_York" in mail.text
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.user_id == world.student.pk


def test_not_after_the_start(world, soon):
    """Reminders: a sweep that comes too late reminds nobody."""
    sweep_at(hours=2)
    assert mails() == []


@pytest.mark.parametrize("state", [{"cancelled_at": NOW}, {"ended_at": NOW}])
def test_classes_that_do_not_come(world, make_class, state):
    """Reminders: neither for a cancelled nor for an ended class, nor in a deleted cohort."""
    make_class(start=0.2, **state)
    sweep_at()
    make_class(start=0.1)
    Cohort.objects.update(stage="DELETED")
    sweep_at()
    assert mails() == []


def test_the_academy_and_the_person_decide(world, make_class):
    """Reminders: the academy's switch, and each person's own word above it."""
    make_class(start=23.99)
    ReminderSettings.objects.create(academy=world.miami, day_before=True, quarter_hour_before=False)
    ReminderPreference.objects.create(user=world.teacher, day_before=False, quarter_hour_before=True)
    sweep_at(seconds=1)
    assert mails() == ["assistant@example.org", "student@example.org"]
    sweep_at(hours=23, minutes=50)
    assert mails() == PEOPLE
    OutgoingMail.objects.all().delete()
    ReminderSettings.objects.all().delete()
    make_class(start=47.9)
    sweep_at(hours=24)
    assert mails() == []  # without settings, nothing a day before


def test_the_readers_zone_and_language(world, soon):
    """Reminders: the time in the reader's zone and in the class's; the reader's language, else the cohort's."""
    Cohort.objects.update(language="es")
    world.teacher.language, world.teacher.timezone = "en", "Europe/Madrid"
    world.teacher.save()
    sweep_at(minutes=106)
    teachers, students = (OutgoingMail.objects.get(to=f"{name}@example.org") for name in ("teacher", "student"))
    assert teachers.subject == "In 15 minutes: Web Development"
    assert "Wednesday, March 5, 2025, from 9:30 p.m. to 11:30 p.m. (Europe/Madrid)" in teachers.text
    assert "Wednesday, March 5, 2025, from 3:30 p.m. to 5:30 p.m. (America/New_York)" in teachers.text
    assert students.subject == "En 15 minutos: Web Development"
    assert "miércoles, 5 de marzo de 2025, de 15:30 a 17:30 (America/New_York)" in students.text


@pytest.fixture
def reminded(world, soon):
    sweep_at(minutes=106)
    assert mails() == PEOPLE
    return soon


def test_a_moved_class_is_corrected_and_reminded_of_anew(reminded):
    """Reminders: who was told is told of the new time, once; and reminded again before it."""
    LiveClass.objects.update(starting_at=NOW + timedelta(hours=5), ending_at=NOW + timedelta(hours=6))
    for minutes in (107, 108):
        sweep_at(minutes=minutes)
    assert mails("class_moved") == PEOPLE
    assert "6:30 p.m." in OutgoingMail.objects.filter(template="class_moved")[0].text
    sweep_at(hours=4, minutes=50)
    assert mails() == sorted(PEOPLE * 2)
    # Back to where it was: that, too, is said.
    LiveClass.objects.update(starting_at=NOW + timedelta(hours=7), ending_at=NOW + timedelta(hours=8))
    sweep_at(hours=4, minutes=51)
    assert mails("class_moved") == sorted(PEOPLE * 2)


def test_a_cancelled_class_is_corrected(reminded):
    """Reminders: with the time that was told and the reason, once."""
    LiveClass.objects.update(cancelled_at=NOW, cancel_reason="Snow storm")
    for minutes in (107, 108):
        sweep_at(minutes=minutes)
    assert mails("class_cancelled") == PEOPLE
    text = OutgoingMail.objects.filter(template="class_cancelled")[0].text
    assert "Snow storm" in text
    assert "3:30 p.m." in text


def test_nothing_to_correct(world, make_class):
    """Reminders: a class that nobody was told of moves without a mail; its reminders come at the new time."""
    make_class(start=20)
    LiveClass.objects.update(starting_at=NOW + timedelta(hours=21), ending_at=NOW + timedelta(hours=23))
    sweep_at()
    assert not OutgoingMail.objects.exists()
    sweep_at(hours=20, minutes=46)
    assert (mails(), mails("class_moved")) == (PEOPLE, [])


def test_turning_them_off(world, reminded, call):
    """Reminders: the link in the mail turns them off, by a page or by the mail program's one click."""
    mail = OutgoingMail.objects.get(to="student@example.org")
    (link,) = re.findall(r"<http://testserver(/reminders/off/\S+)>", mail.headers["List-Unsubscribe"])
    browser = Client(enforce_csrf_checks=True)
    assert browser.get(link).status_code == 200
    assert not ReminderPreference.objects.exists()  # opening changes nothing: mail scanners open links too
    response = browser.post(link, {"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200
    preference = call("GET", "/v1/events/me/reminder/settings", as_=world.student).json()
    assert preference == {"day_before": False, "quarter_hour_before": False}
    assert browser.post(link[:-3]).status_code == 404
    assert ReminderPreference.objects.count() == 1


def test_settings_over_the_api(call, world):
    """Reminders: the academy's by who may change the academy; a person's own by themselves."""
    academy, mine = "/v1/events/academy/reminder/settings", "/v1/events/me/reminder/settings"
    assert call("GET", academy, as_=world.reader, academy=world.miami).json() == {
        "day_before": False,
        "quarter_hour_before": True,
    }
    refused = call("PUT", academy, as_=world.coordinator, academy=world.miami, body={"day_before": True})
    assert error(refused) == (403, "missing-capability")
    changed = call("PUT", academy, as_=world.admin, academy=world.miami, body={"day_before": True})
    assert changed.json() == {"day_before": True, "quarter_hour_before": True}
    assert call("GET", mine, as_=world.student).json() == {"day_before": None, "quarter_hour_before": None}
    assert call("PUT", mine, as_=world.student, body={"day_before": True}).json()["day_before"] is True
    assert call("PUT", mine, as_=world.student, body={"day_before": None}).json()["day_before"] is None
    assert error(call("PUT", mine, as_=world.student, body={"day_before": "x"})) == (400, "validation-error")


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once(world, soon):
    """N2: two workers remind once, and correct once."""
    now, live_class_id = NOW + timedelta(minutes=106), soon.pk

    def remind():
        return reminders.remind(live_class_id=live_class_id, kind="QUARTER_HOUR_BEFORE", now=now)

    assert sorted(together(remind, remind, remind)) == [0, 0, 3]
    assert mails() == PEOPLE
    starting_at = soon.starting_at + timedelta(hours=1)

    def correct():
        return reminders.correct(live_class_id=live_class_id, now=now)

    LiveClass.objects.update(starting_at=starting_at, ending_at=starting_at + timedelta(hours=2))
    assert sorted(together(correct, correct, correct)) == [0, 0, 3]
    soon.delete()
    assert sorted(together(correct, correct, correct)) == [0, 0, 3]
    assert mails("class_moved") == mails("class_cancelled") == PEOPLE


def by_the_api(live_class, call, world):
    path = f"/v1/events/academy/event/liveclass/{live_class.pk}"
    assert call("DELETE", path, as_=world.coordinator, academy=world.miami).status_code == 204


def by_the_admin(live_class, call, world):
    answer = browser(world).post(page(LiveClass, "delete", live_class.pk), {"post": "yes"})
    assert answer.status_code == 302


def by_an_action_of_the_admin(live_class, call, world):
    data = {"action": "delete_selected", "post": "yes", "_selected_action": [live_class.pk]}
    answer = browser(world).post(page(LiveClass, "changelist"), data)
    assert answer.status_code == 302


def browser(world):
    browser = Client()
    browser.force_login(world.superuser)
    return browser


@pytest.mark.parametrize("delete", [by_the_api, by_the_admin, by_an_action_of_the_admin])
def test_a_class_told_of_that_is_deleted(world, reminded, call, delete):
    """Reminders, W6: who was told of a class made by hand is told that it does not take place, once."""
    with time_machine.travel(NOW + timedelta(minutes=106), tick=False):
        delete(reminded, call, world)
    for minutes in (107, 112):
        sweep_at(minutes=minutes)
    assert mails("class_cancelled") == PEOPLE
    assert set(ClassNotice.objects.values_list("cancelled", flat=True)) == {True}
