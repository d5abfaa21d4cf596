"""How the mails about classes look, as a mail server gets them."""

from datetime import timedelta

import pytest

from breathecode.admissions.models import Cohort
from breathecode.authenticate.models import Academy, User
from breathecode.events.domain import class_notices
from breathecode.events.models import ClassNotice, LiveClass
from breathecode.notify.models import OutgoingMail
from breathecode.notify.tasks import send_due_mails
from breathecode.reminders.domain import reminders
from breathecode.reminders.models import ReminderSettings
from breathecode.reminders.tasks import send_due_reminders
from tests.support.invitations import ask_for_invitations, channels_of

pytestmark = pytest.mark.usefixtures("clock")
# Cut off by a subject; read as further lines by mail programs, calendars or Python; and one that belongs to a word.
BREAKS = "\r\n", "\n", "\u2028", "\u2029", "\x85", "\x0b", "\t"
JOINED = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \U0001f469\u200d\U0001f4bb"


@pytest.fixture
def sent(clock, mail_server):
    """The messages of a sweep, this long after the last one."""

    def sweep(**delta):
        clock.shift(timedelta(**delta))
        mail_server.messages.clear()
        send_due_reminders()
        send_due_mails()
        return {message["To"]: message for message in mail_server.messages}

    return sweep


def text_of(message):
    return message.get_body(("plain",)).get_content()


def only(field, user, value):
    User.objects.filter(pk=user.pk).update(**{field: value})


def test_what_a_student_reads(world, make_class, sent):
    """N1, N2: reminders say how soon, corrections what was said before; with the weekday, in English and Spanish."""
    ReminderSettings.objects.create(academy=world.miami, day_before=True)
    only("language", world.teacher, "es")
    live_class = make_class(start=23.5, title="Django")
    assert {message["Subject"] for message in sent().values()} == {"Tomorrow: Django", "Mañana: Django"}
    later = live_class.starting_at + timedelta(hours=11)
    LiveClass.objects.update(starting_at=later, ending_at=later + timedelta(hours=2))
    moved = sent(minutes=1)
    text = text_of(moved["student@example.org"])
    assert moved["student@example.org"]["Subject"] == "Moved: Django"
    assert (
        "The class “Django” has been rescheduled. It begins:\n\nFriday, March 7, 2025, from midnight to 2 a.m. ("
        in text
    )
    assert "Before: Thursday, March 6, 2025, from 1 p.m. to 3 p.m. (America/New_York)" in text
    text = text_of(moved["teacher@example.org"])
    assert moved["teacher@example.org"]["Subject"] == "Clase reprogramada: Django"
    assert "La clase «Django» se ha reprogramado. Empieza:\n\nviernes, 7 de marzo de 2025, de 00:00 a 02:00 (" in text
    assert "Antes: jueves, 6 de marzo de 2025, de 13:00 a 15:00 (America/New_York)" in text
    LiveClass.objects.update(cancelled_at=live_class.starting_at, cancel_reason="Nieve")
    off = sent(minutes=1)
    assert off["student@example.org"]["Subject"] == "Cancelled: Django"
    assert off["teacher@example.org"]["Subject"] == "Clase cancelada: Django"
    assert "La clase «Django» se ha cancelado. Estaba prevista para:" in text_of(off["teacher@example.org"])
    assert "Motivo: Nieve" in text_of(off["teacher@example.org"])
    LiveClass.objects.update(cancelled_at=None, cancel_reason="")
    on = sent(minutes=1)
    assert on["student@example.org"]["Subject"] == "Takes place after all: Django"
    assert on["teacher@example.org"]["Subject"] == "La clase se mantiene: Django"
    assert "Before:" not in text_of(on["student@example.org"])
    assert all("{{" not in text_of(message) for message in (*moved.values(), *off.values(), *on.values()))


@pytest.mark.parametrize(
    ("minutes", "subjects"),
    [
        (15, {"In 15 minutes: X", "En 15 minutos: X"}),
        (11, {"In 15 minutes: X", "En 15 minutos: X"}),
        (3, {"In a few minutes: X", "En unos minutos: X"}),
        (13 * 60, {"Tomorrow: X", "Mañana: X"}),
        (24 * 60, {"Tomorrow: X", "Mañana: X"}),
    ],
)
def test_how_soon(world, make_class, sent, minutes, subjects):
    """N1: the subjects of the two reminders differ, and say what is true in the reader's zone."""
    ReminderSettings.objects.create(academy=world.miami, day_before=True)
    only("language", world.teacher, "es_MX")
    make_class(start=minutes / 60, title="X")
    assert {message["Subject"] for message in sent().values()} == subjects


def test_today(world, make_class, sent):
    """N1: the reminder of the day, sent late, does not call a class of this evening tomorrow's."""
    ReminderSettings.objects.create(academy=world.miami, day_before=True)
    only("timezone", world.student, "Europe/Madrid")
    make_class(start=28, title="X")  # 17:30 in New York, 23:30 in Madrid
    subjects = {to: message["Subject"] for to, message in sent(hours=15).items()}  # 04:30 and 10:30 on that day
    assert set(subjects.values()) == {"Today: X"}


def test_the_language(world, make_class, sent):
    """V5: the person's, else the cohort's, else the academy's."""
    only("language", world.teacher, "en")
    Cohort.objects.filter(pk=world.cohort.pk).update(language="")
    Academy.objects.filter(pk=world.miami.pk).update(language="es")
    make_class(start=0.2, title="X")
    subjects = {to: message["Subject"] for to, message in sent().items()}
    assert subjects["teacher@example.org"] == "In 15 minutes: X"
    assert subjects["student@example.org"] == "En 15 minutos: X"


@pytest.mark.parametrize("line_break", BREAKS, ids=ascii)
def test_a_name_changes_no_line(world, make_class, sent, line_break):
    """N3: line breaks in names, titles and reasons leave subject, sender and lines as they are; joiners stay."""
    title = f"{JOINED}{line_break}Bcc: x@example.org{line_break}{line_break}Click http://evil.example"
    clean = f"{JOINED} Bcc: x@example.org Click http://evil.example"
    name = f"A{line_break}B"
    Academy.objects.filter(pk=world.miami.pk).update(name=name)
    Cohort.objects.filter(pk=world.cohort.pk).update(name=name)
    User.objects.update(first_name=name)
    make_class(start=0.2, title=title)
    reminded = sent()["student@example.org"]
    assert reminded["Subject"].strip() == f"In 15 minutes: {clean}"
    assert reminded["Bcc"] is None
    assert str(reminded["From"]) == "A B <no-reply@testserver>"
    lines = text_of(reminded).splitlines()
    assert lines[0] == "Hello A B,"
    assert f"The class “{clean}” begins:" in lines
    assert "A B · A B" in lines
    assert not [line for line in lines if line.startswith(("Bcc", "Click", "B"))]


@pytest.mark.parametrize("line_break", BREAKS, ids=ascii)
def test_a_name_changes_no_invitation(world, make_class, post, line_break):
    """N3: neither the mail's text nor the calendar object gets a line of its own from a title."""
    ask_for_invitations(world.student)
    make_class(start=48, title=f"{JOINED}{line_break}ATTENDEE:mailto:x@example.org")
    User.objects.filter(pk=world.student.pk).update(first_name=f"A{line_break}B")
    (message,) = post.sweep()
    clean = f"{JOINED} ATTENDEE:mailto:x@example.org"
    assert message["Subject"].strip() == f"For your calendar: {clean}"
    assert [line for line in text_of(message).splitlines() if line.startswith(f"* {clean}: ")]
    (told,) = channels_of(message)
    assert str(told.summary) == clean
    assert told.attendee == "mailto:student@example.org"
    assert told.attendee.params["CN"] == "A B"


@pytest.mark.parametrize("moment", ["record_notices", "queue_mails"])
def test_killed_halfway(world, make_class, sent, monkeypatch, moment):
    """N2: what was told and its mail are one transaction: whoever is killed between them leaves both undone."""
    make_class(start=0.2)

    class Killed(BaseException):
        pass

    def killed(*args, **kwargs):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(class_notices if moment == "record_notices" else reminders, moment, killed)
        with pytest.raises(Killed):
            send_due_reminders()
    assert not ClassNotice.objects.exists()
    assert not OutgoingMail.objects.exists()
    assert len(sent()) == 3
    assert sent(minutes=1) == {}
