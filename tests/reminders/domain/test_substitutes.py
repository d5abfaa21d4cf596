"""A substitute's reminders, corrections and calendar, in place of the cohort's teachers' (rule P4)."""

from datetime import timedelta

import pytest
import time_machine

from breathecode.admissions.models import CohortUser
from breathecode.calendars.domain.invitations import due_recipients
from breathecode.calendars.tasks import send_due_invitations
from breathecode.events.domain.lifecycle import delete_class
from breathecode.events.models import LiveClass
from breathecode.notify.models import OutgoingMail
from breathecode.reminders.models import ReminderPreference, ReminderSettings
from breathecode.reminders.tasks import send_due_reminders
from tests.support.classes import NOW
from tests.support.invitations import ask_for_invitations

pytestmark = pytest.mark.usefixtures("clock")
SUBSTITUTE, TEACHER = "staff_teacher@example.org", "teacher@example.org"
OTHERS = ["assistant@example.org", "student@example.org"]


@pytest.fixture
def live_class(world, make_class):
    """In two hours, taught by a substitute."""
    return make_class(start=2, teacher=world.staff_teacher)


def mails_at(**delta):
    """What one sweep says: each template with the users who get it."""
    before = set(OutgoingMail.objects.values_list("pk", flat=True))
    with time_machine.travel(NOW + timedelta(**delta), tick=False):
        send_due_reminders()
        send_due_invitations()
    found: dict[str, list[str]] = {}
    for template, to in OutgoingMail.objects.exclude(pk__in=before).order_by("to").values_list("template", "to"):
        found.setdefault(template, []).append(to)
    return found


def change(live_class, **fields):
    LiveClass.objects.filter(pk=live_class.pk).update(**fields)


def test_they_are_reminded(world, live_class):
    """P4, N1: instead of the teacher; assistants and students as always; once."""
    assert mails_at(minutes=106) == {"class_reminder": [*OTHERS[:1], SUBSTITUTE, *OTHERS[1:]]}
    assert mails_at(minutes=107) == {}


def test_a_teacher_who_is_the_substitute(world, live_class):
    """P4, N1: of two teachers of the cohort, one gives the class; one reminder."""
    CohortUser.objects.create(cohort=world.cohort, user=world.staff_teacher, role="TEACHER")
    assert mails_at(minutes=106) == {"class_reminder": [*OTHERS[:1], SUBSTITUTE, *OTHERS[1:]]}


def test_as_they_set_it(world, live_class):
    """P4, N1: their own setting, else the academy's."""
    ReminderSettings.objects.create(academy=world.miami, quarter_hour_before=False)
    assert mails_at(minutes=106) == {}
    ReminderPreference.objects.create(user=world.staff_teacher, quarter_hour_before=True)
    assert mails_at(minutes=106) == {"class_reminder": [SUBSTITUTE]}


def test_corrections(world, live_class):
    """P4, N2: moved, cancelled and back, each time that it changes."""
    everybody = sorted([SUBSTITUTE, *OTHERS])
    mails_at(minutes=106)
    change(live_class, starting_at=NOW + timedelta(hours=4), ending_at=NOW + timedelta(hours=6))
    assert mails_at(minutes=107) == {"class_moved": everybody}
    change(live_class, cancelled_at=NOW)
    assert mails_at(minutes=108) == {"class_cancelled": everybody}
    change(live_class, cancelled_at=None)
    assert mails_at(minutes=109) == {"class_restored": everybody}


def test_a_class_that_is_deleted(live_class):
    """P4, N2: they have no part in the cohort, and are told all the same."""
    mails_at(minutes=106)
    delete_class(live_class.pk, within=LiveClass.objects.all())
    assert mails_at(minutes=107) == {"class_cancelled": sorted([SUBSTITUTE, *OTHERS])}


def test_the_calendar(world, make_class):
    """P4: by invitation, it comes to the substitute's calendar, leaves the teacher's, and goes back."""
    ask_for_invitations(world.teacher, world.staff_teacher)
    live_class, _other = make_class(start=20), make_class(start=30)
    assert mails_at(hours=1) == {"calendar_invitations": [TEACHER]}
    change(live_class, teacher=world.staff_teacher)
    assert mails_at(hours=2) == {"calendar_invitations": [SUBSTITUTE, TEACHER]}
    assert mails_at(hours=3) == {}
    assert due_recipients(now=NOW + timedelta(hours=3)) == []
    texts = {mail.to: mail.text for mail in OutgoingMail.objects.order_by("pk")}
    assert live_class.hash in texts[SUBSTITUTE]
    assert _other.hash not in texts[SUBSTITUTE]
    change(live_class, starting_at=NOW + timedelta(hours=40), ending_at=NOW + timedelta(hours=41))
    assert mails_at(hours=4) == {"calendar_invitations": [SUBSTITUTE]}
    change(live_class, teacher=None)
    assert mails_at(hours=5) == {"calendar_invitations": [SUBSTITUTE, TEACHER]}
    assert mails_at(hours=6) == {}
