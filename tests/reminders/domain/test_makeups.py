"""What users are told of a make-up class (rules P5 and N2)."""

from datetime import timedelta

import pytest
import time_machine

from breathecode.admissions.models import CohortUser
from breathecode.authenticate.models import User
from breathecode.calendars.tasks import send_due_invitations
from breathecode.events.models import ClassNotice, LiveClass
from breathecode.notify.models import OutgoingMail
from breathecode.reminders.domain import reminders
from breathecode.reminders.tasks import send_due_reminders
from tests.support.classes import NOW
from tests.support.invitations import ask_for_invitations
from tests.support.queries import captured_queries

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("clock")]
EVERYBODY = ["assistant@example.org", "student@example.org", "teacher@example.org"]


@pytest.fixture
def live_class(make_class):
    return make_class(start=2)


@pytest.fixture
def makeup(make_class, live_class):
    """Makes one, two days later: on Friday at 15:30 in New York."""
    return lambda **fields: make_class(start=50, replaces=live_class, **fields)


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


def text_to_student(template):
    return OutgoingMail.objects.filter(template=template, to="student@example.org").latest("pk").text


def test_who_was_told_of_the_cancellation(live_class, makeup):
    """P5, N2: learns of the make-up class, once; from then on its changes are told, and it is reminded of."""
    mails_at(minutes=106)
    change(live_class, cancelled_at=NOW)
    assert mails_at(minutes=107) == {"class_cancelled": EVERYBODY}
    made = makeup()
    assert mails_at(minutes=108) == {"class_makeup": EVERYBODY}
    text = text_to_student("class_makeup")
    assert "Friday, March 7, 2025, from 3:30 p.m. to 5:30 p.m. (America/New_York)" in text
    assert "replaces the cancelled class: Wednesday, March 5, 2025, from 3:30 p.m." in text
    assert made.hash in text
    assert mails_at(minutes=109) == {}
    change(made, starting_at=NOW + timedelta(hours=51))
    assert mails_at(minutes=110) == {"class_moved": EVERYBODY}
    assert mails_at(hours=50.8) == {"class_reminder": EVERYBODY}
    assert "replaces the cancelled class: Wednesday, March 5" in text_to_student("class_reminder")
    change(made, cancelled_at=NOW)
    assert mails_at(hours=50.9) == {"class_cancelled": EVERYBODY}


def test_the_cancellation_names_it(live_class, makeup):
    """P5, N2: where it is planned already; no second mail says the same, and its changes are told."""
    mails_at(minutes=106)
    change(live_class, cancelled_at=NOW)
    made = makeup()
    assert mails_at(minutes=107) == {"class_cancelled": EVERYBODY}
    assert "A make-up class takes place: Friday, March 7, 2025, from 3:30 p.m." in text_to_student("class_cancelled")
    assert mails_at(minutes=108) == {}
    change(made, cancelled_at=NOW)
    assert mails_at(minutes=109) == {"class_cancelled": EVERYBODY}


def test_in_the_readers_zone_and_language(world, live_class, makeup):
    """P5, V5: both times."""
    User.objects.filter(pk=world.student.pk).update(timezone="Asia/Tokyo", language="es")
    mails_at(minutes=106)
    change(live_class, cancelled_at=NOW)
    mails_at(minutes=107)
    makeup()
    mails_at(minutes=108)
    text = text_to_student("class_makeup")
    assert "clase de recuperación" in text
    assert "Sustituye a la clase cancelada: jueves, 6 de marzo de 2025" in text
    assert "(Asia/Tokyo)" in text


def test_who_was_told_nothing(live_class, makeup):
    """P5, N2: is reminded of the make-up class and no more."""
    change(live_class, cancelled_at=NOW)
    makeup()
    assert mails_at(minutes=108) == {}


@pytest.mark.parametrize("state", ["past", "cancelled", "restored"])
def test_what_is_not_announced(live_class, makeup, state):
    """P5: a make-up class that is over or does not take place, or one of a class that takes place after all."""
    mails_at(minutes=106)
    change(live_class, cancelled_at=NOW)
    mails_at(minutes=107)
    made = makeup()
    if state == "past":
        change(made, starting_at=NOW + timedelta(minutes=100))
    elif state == "cancelled":
        change(made, cancelled_at=NOW)
    else:
        change(live_class, cancelled_at=None)
    # By then a class that was restored has begun: nobody is told that it takes place after all.
    assert "class_makeup" not in mails_at(hours=3)


def test_whom_it_does_not_concern(world, live_class, makeup):
    """P5, P4: who has left, who is away, and the teacher where a substitute gives it."""
    mails_at(minutes=106)
    change(live_class, cancelled_at=NOW)
    mails_at(minutes=107)
    CohortUser.objects.filter(user=world.student).update(educational_status="DROPPED")
    CohortUser.objects.filter(user=world.assistant).delete()
    made = makeup(teacher=world.staff_teacher)
    assert mails_at(minutes=108) == {}
    change(made, teacher=None)
    assert mails_at(minutes=109) == {"class_makeup": ["teacher@example.org"]}


def test_calendar_invitations(world, live_class, makeup):
    """P5, N2: who has the classes in a calendar gets the make-up class there, and no mail of the same."""
    ask_for_invitations(world.student)
    mails_at(minutes=30)
    mails_at(minutes=106)
    change(live_class, cancelled_at=NOW)
    mails_at(minutes=107)
    made = makeup()
    found = mails_at(minutes=130)
    assert found == {"class_makeup": [EVERYBODY[0], EVERYBODY[2]], "calendar_invitations": EVERYBODY[1:2]}
    mail = OutgoingMail.objects.filter(template="calendar_invitations").latest("pk")
    content = mail.attachments[0]["content"].replace("\r\n ", "")
    assert f"RELATED-TO;RELTYPE=SIBLING:liveclass-{live_class.pk}@" in content
    assert f"UID:liveclass-{made.pk}@" in content


def test_twice_is_once(live_class, makeup):
    """P5, N2: the second of two workers sends nothing; as many statements for many users."""
    mails_at(minutes=106)
    change(live_class, cancelled_at=NOW)
    mails_at(minutes=107)
    made, now = makeup(), NOW + timedelta(minutes=108)
    assert reminders.makeups_to_announce(now=now) == [made.pk]
    assert reminders.announce_makeup(live_class_id=made.pk, now=now) == 3
    assert reminders.announce_makeup(live_class_id=made.pk, now=now) == 0
    assert reminders.makeups_to_announce(now=now) == []


def test_what_it_costs(world, live_class, makeup):
    """P5: as many statements for twenty users as for three."""
    counts = []
    mails_at(minutes=106)
    change(live_class, cancelled_at=NOW)
    mails_at(minutes=107)
    made, now = makeup(), NOW + timedelta(minutes=108)
    for number in range(20):
        with captured_queries() as statements:
            reminders.announce_makeup(live_class_id=made.pk, now=now)
        counts.append(len(statements))
        ClassNotice.objects.filter(live_class_id=made.pk).delete()
        OutgoingMail.objects.filter(template="class_makeup").delete()
        user = User.objects.create_user(f"s{number}@example.org")
        CohortUser.objects.create(cohort=world.cohort, user=user)
        notice = ClassNotice.objects.filter(live_class_id=live_class.pk)[0]
        notice.pk, notice.user = None, user
        notice.save()
    assert len(set(counts)) == 1
