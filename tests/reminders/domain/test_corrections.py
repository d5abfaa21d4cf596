"""N2: whoever was told a time that no longer holds is told so each time that it changes."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.models import User
from breathecode.calendars.tasks import send_due_invitations
from breathecode.common.models import PendingCheck
from breathecode.events.models import LiveClass
from breathecode.notify.models import OutgoingMail
from breathecode.reminders.domain import reminders
from breathecode.reminders.models import ReminderSettings
from breathecode.reminders.tasks import send_due_reminders
from tests.support.classes import NOW
from tests.support.invitations import ask_for_invitations
from tests.support.threads import meanwhile

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("clock")]
CLASSES = "/v1/events/academy/event/liveclass"
PEOPLE = ["assistant@example.org", "student@example.org", "teacher@example.org"]


@pytest.fixture
def reminded(make_class):
    """A class that begins two hours after NOW, of which everybody was reminded 14 minutes before."""
    live_class = make_class(start=2)
    mails_at(minutes=106)
    return live_class


@pytest.fixture
def staff(call, world):
    def act(method, live_class, path="", body=None):
        with time_machine.travel(NOW + timedelta(minutes=106), tick=False):
            response = call(
                method, f"{CLASSES}/{live_class.pk}{path}", as_=world.coordinator, academy=world.miami, body=body
            )
        assert response.status_code < 300, response.content

    return act


def mails_at(*, invitations=False, **delta):
    """What one sweep says: each template with the people who get it."""
    before = set(OutgoingMail.objects.values_list("pk", flat=True))
    with time_machine.travel(NOW + timedelta(**delta), tick=False):
        send_due_reminders()
        if invitations:
            send_due_invitations()
    found: dict[str, list[str]] = {}
    for template, to in OutgoingMail.objects.exclude(pk__in=before).order_by("to").values_list("template", "to"):
        found.setdefault(template, []).append(to)
    return found


def move(live_class, *, hours, length=2):
    starting_at = NOW + timedelta(hours=hours)
    fields = {"starting_at": starting_at, "ending_at": starting_at + timedelta(hours=length)}
    LiveClass.objects.filter(pk=live_class.pk).update(**fields)


def cancel(live_class, reason=""):
    LiveClass.objects.filter(pk=live_class.pk).update(cancelled_at=timezone.now(), cancel_reason=reason)


def restore(live_class):
    LiveClass.objects.filter(pk=live_class.pk).update(cancelled_at=None, cancel_reason="")


def test_cancelled_restored_and_cancelled_again(reminded):
    """N2: each cancellation is told, and each restoration, however often; sweeping again says nothing."""
    for minute in (107, 109):
        cancel(reminded)
        assert mails_at(minutes=minute) == {"class_cancelled": PEOPLE}
        assert mails_at(minutes=minute) == {}
        restore(reminded)
        assert mails_at(minutes=minute + 1) == {"class_restored": PEOPLE}
        assert mails_at(minutes=minute + 1) == {}


def test_moved_on_and_back_and_cancelled(reminded):
    """N2: the second move is told, the way back too, and a cancellation after it with the time that was told last."""
    for minute, hours in ((107, 5), (108, 6), (109, 5), (110, 2)):
        move(reminded, hours=hours)
        assert mails_at(minutes=minute) == {"class_moved": PEOPLE}
        assert mails_at(minutes=minute) == {}
    move(reminded, hours=7)
    assert mails_at(minutes=111) == {"class_moved": PEOPLE}
    cancel(reminded, "Snow storm")
    assert mails_at(minutes=112) == {"class_cancelled": PEOPLE}
    assert "8:30 p.m." in OutgoingMail.objects.filter(template="class_cancelled")[0].text


def test_what_was_taken_back_in_time_is_not_told(reminded):
    """N2: moved and moved back, or cancelled and restored, between two sweeps: nobody was told, nothing to say."""
    move(reminded, hours=5)
    move(reminded, hours=2)
    assert mails_at(minutes=107) == {}
    cancel(reminded)
    restore(reminded)
    assert mails_at(minutes=108) == {}


def test_moved_and_cancelled_between_two_sweeps(reminded):
    """N2: told as cancelled, with the time that people know."""
    move(reminded, hours=5)
    cancel(reminded)
    assert mails_at(minutes=107) == {"class_cancelled": PEOPLE}
    text = OutgoingMail.objects.filter(template="class_cancelled")[0].text
    assert "3:30 p.m." in text
    assert "6:30 p.m." not in text


def test_restored_at_another_time(reminded):
    """N2: one mail, with the new time and the one before."""
    cancel(reminded)
    mails_at(minutes=107)
    move(reminded, hours=6)
    assert mails_at(minutes=108) == {}  # known as cancelled, and it is
    restore(reminded)
    assert mails_at(minutes=109) == {"class_restored": PEOPLE}
    text = OutgoingMail.objects.filter(template="class_restored")[0].text
    assert "7:30 p.m." in text
    assert "3:30 p.m." in text


def test_another_end(reminded):
    """N2: the end was told too."""
    move(reminded, hours=2, length=3)
    assert mails_at(minutes=107) == {"class_moved": PEOPLE}
    assert mails_at(minutes=108) == {}


def test_nobody_else_is_told(world, reminded):
    """N2: who enrolled after the reminder, or never had one, hears nothing of a correction."""
    move(reminded, hours=5)
    CohortUser.objects.create(cohort=world.cohort, user=world.stranger)
    assert mails_at(minutes=107) == {"class_moved": PEOPLE}
    cancel(reminded)
    assert mails_at(minutes=108) == {"class_cancelled": PEOPLE}


def test_who_enrols_within_the_window_is_reminded(world, reminded):
    """N1: a reminder is due for each person, not once for the class."""
    CohortUser.objects.create(cohort=world.cohort, user=world.stranger)
    assert mails_at(minutes=107) == {"class_reminder": ["stranger@example.org"]}
    assert mails_at(minutes=108) == {}


def test_who_turned_reminders_off_is_corrected(world, reminded, call):
    """N2: no more reminders, but a time that we told and that is wrong is told still."""
    off = {"quarter_hour_before": False, "day_before": False}
    assert call("PUT", "/v1/events/me/reminder/settings", as_=world.student, body=off).status_code == 200
    cancel(reminded)
    assert mails_at(minutes=107) == {"class_cancelled": PEOPLE}
    restore(reminded)
    assert mails_at(minutes=108) == {"class_restored": PEOPLE}


def test_who_left_is_told_when_they_are_back(world, reminded):
    """N2: the class is not theirs any more; back in the cohort, they are told what has changed meanwhile."""
    member = CohortUser.objects.filter(user=world.student)
    User.objects.filter(pk=world.teacher.pk).update(is_active=False)
    member.update(educational_status="POSTPONED")
    move(reminded, hours=5)
    assert mails_at(minutes=107) == {"class_moved": ["assistant@example.org"]}
    assert mails_at(minutes=108) == {}
    member.update(educational_status="ACTIVE")
    User.objects.filter(pk=world.teacher.pk).update(is_active=True)
    assert mails_at(minutes=109) == {"class_moved": ["student@example.org", "teacher@example.org"]}
    assert mails_at(minutes=110) == {}


def test_too_late_to_matter(reminded):
    """N2: an hour after the time that was told, a cancellation is no news; a new time to come is."""
    cancel(reminded)
    assert mails_at(hours=3, seconds=1) == {}
    restore(reminded)
    move(reminded, hours=30)
    assert mails_at(hours=3, minutes=2) == {"class_moved": PEOPLE}


def test_moved_into_the_past(reminded):
    """N2: who waits for the time that was told must know that it is over."""
    move(reminded, hours=-3)
    LiveClass.objects.update(ended_at=NOW)  # closed by rule A1
    assert mails_at(minutes=107) == {"class_moved": PEOPLE}


def test_a_deleted_cohort(world, reminded):
    """N2, L7: stage DELETED takes the class from people's lists, so it is told as cancelled; and back, as restored."""
    Cohort.objects.filter(pk=world.cohort.pk).update(stage="DELETED")
    assert mails_at(minutes=107) == {"class_cancelled": PEOPLE}
    Cohort.objects.filter(pk=world.cohort.pk).update(stage="STARTED")
    assert mails_at(minutes=108) == {"class_restored": PEOPLE}


def test_a_class_that_runs_is_left_alone(world, reminded):
    """N2: a class that has begun is not told as cancelled, whatever becomes of its cohort."""
    LiveClass.objects.update(started_at=NOW + timedelta(minutes=119))
    Cohort.objects.filter(pk=world.cohort.pk).update(stage="DELETED")
    assert mails_at(minutes=125) == {}


def test_deleted_rows(world, reminded):
    """N2: a class that goes with its time slot's row, or with its cohort's, is told as cancelled."""
    world.cohort.time_slots.all().delete()
    assert not LiveClass.objects.exists()
    assert mails_at(minutes=107) == {"class_cancelled": PEOPLE}
    assert mails_at(minutes=108) == {}


def test_a_deleted_cohort_row(world, reminded):
    """N2: nothing is left to sweep then, so it is told along with the deletion."""
    with time_machine.travel(NOW + timedelta(minutes=107), tick=False):
        world.cohort.delete()
    assert sorted(OutgoingMail.objects.filter(template="class_cancelled").values_list("to", flat=True)) == PEOPLE


def test_a_time_slot_that_goes_to_another_cohort(world, reminded):
    """N2: for those who are not in the other cohort the class does not take place."""
    CohortUser.objects.create(cohort=world.other_cohort, user=world.teacher, role="TEACHER")
    world.cohort.time_slots.update(cohort=world.other_cohort)
    assert mails_at(minutes=107).get("class_cancelled") == ["assistant@example.org", "student@example.org"]
    assert mails_at(minutes=108) == {}


@pytest.fixture
def in_calendar(world, make_class):
    """A class that the student was reminded of and has in the calendar; the others were only reminded."""
    ask_for_invitations(world.student)
    live_class = make_class(start=2)
    mails_at(minutes=104, invitations=True)
    mails_at(minutes=106, invitations=True)
    assert OutgoingMail.objects.filter(to="student@example.org").count() == 2
    return live_class


def test_one_mail_of_a_change_whatever_the_channel(in_calendar):
    """N2: who has the class in the calendar is told there, and by no second mail; the others by mail."""
    others = [person for person in PEOPLE if not person.startswith("student")]
    move(in_calendar, hours=5)
    assert mails_at(minutes=107, invitations=True) == {
        "class_moved": others,
        "calendar_invitations": ["student@example.org"],
    }
    cancel(in_calendar)
    assert mails_at(minutes=108, invitations=True) == {
        "class_cancelled": others,
        "calendar_invitations": ["student@example.org"],
    }
    restore(in_calendar)
    assert mails_at(minutes=109, invitations=True) == {
        "class_restored": others,
        "calendar_invitations": ["student@example.org"],
    }
    assert "Takes place after all:" in OutgoingMail.objects.latest("pk").text
    assert mails_at(minutes=110, invitations=True) == {}


def test_told_by_the_calendar_and_switched_off(world, in_calendar, call):
    """N2: the reminder that they had stays told, so a change is told by mail from then on."""
    off = {"calendar_invitations": False}
    assert call("PUT", "/v1/events/me/calendar/settings", as_=world.student, body=off).status_code == 200
    assert mails_at(minutes=107, invitations=True) == {"calendar_invitations": ["student@example.org"]}
    cancel(in_calendar)
    assert mails_at(minutes=108, invitations=True) == {"class_cancelled": PEOPLE}


def test_taken_out_of_the_calendar_nothing_stays_told(world, make_class):
    """N2: who had it from the calendar alone and switches it off knows that it is theirs to look up."""
    ask_for_invitations(world.student)
    live_class = make_class(start=48)
    assert mails_at(minutes=3, invitations=True) == {"calendar_invitations": ["student@example.org"]}
    ask_for_invitations(world.student, wanted=False)
    assert mails_at(minutes=4, invitations=True) == {"calendar_invitations": ["student@example.org"]}
    move(live_class, hours=50)
    assert mails_at(minutes=5, invitations=True) == {}


def test_reminded_and_then_in_the_calendar(world, reminded):
    """N2: who switches the calendar on after a reminder is told of the change there, with the time before it."""
    ask_for_invitations(world.student)
    move(reminded, hours=5)
    said = mails_at(minutes=109, invitations=True)
    assert said["calendar_invitations"] == ["student@example.org"]
    assert "student@example.org" not in said["class_moved"]
    text = OutgoingMail.objects.get(template="calendar_invitations").text
    assert "6:30 p.m." in text
    assert "before: Wednesday, March 5, 2025, from 3:30 p.m. to 5:30 p.m." in text


def test_cancelled_just_after_its_start_by_the_calendar(world, make_class):
    """N2: who sits in the empty room is told, also where the calendar leaves the entry where it is."""
    ask_for_invitations(world.student)
    live_class = make_class(start=2)
    ReminderSettings.objects.create(academy=world.miami, quarter_hour_before=False)
    assert mails_at(minutes=3, invitations=True) == {"calendar_invitations": ["student@example.org"]}
    cancel(live_class)
    assert mails_at(minutes=125, invitations=True) == {"class_cancelled": ["student@example.org"]}
    assert mails_at(minutes=126, invitations=True) == {}


@pytest.mark.django_db(transaction=True)
def test_a_cohort_deleted_while_another_worker_sends(world, make_class, monkeypatch):
    """N2: a sweep cannot see what a slower worker is about to send; the next one corrects it."""
    live_class = make_class(start=2)
    send = reminders._send

    def delete():
        Cohort.objects.filter(pk=world.cohort.pk).update(stage="DELETED")
        mails_at(minutes=107)

    def send_late(*args):
        patch.undo()
        meanwhile(delete)
        send(*args)

    with monkeypatch.context() as patch:
        patch.setattr(reminders, "_send", send_late)
        with time_machine.travel(NOW + timedelta(minutes=107), tick=False):
            reminders.remind(live_class_id=live_class.pk, kind="QUARTER_HOUR_BEFORE", now=timezone.now())
    assert mails_at(minutes=108) == {"class_cancelled": PEOPLE}
    assert mails_at(minutes=109) == {}
    assert not PendingCheck.objects.filter(task=PendingCheck.Task.CORRECTIONS).exists()
