"""Mail over the wire: a real SMTP server that stops, stalls and refuses."""

import asyncio
import datetime
import smtplib
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from email.utils import parseaddr

import pytest
import time_machine
from django.db import connection, transaction
from django.test import TestCase

from breathecode.authenticate.domain.personal_data.erasure import erase_person
from breathecode.authenticate.models import User
from breathecode.notify.domain import delivery
from breathecode.notify.domain.claims import MAX_ATTEMPTS, claim
from breathecode.notify.domain.delivery import clear_old_bodies, pause_after, retry_failed, send_due, send_if_due
from breathecode.notify.domain.outbox import Mail, queue_mail, queue_mails, store_mails
from breathecode.notify.models import OutgoingMail
from breathecode.notify.tasks import send_due_mails, send_outgoing_mail
from tests.support.queries import assert_num_queries

NOW = datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC)
State = OutgoingMail.State


@pytest.fixture
def clock(db):
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def mail(number=1, **fields):
    given = {"purpose": f"test:{number}", "to": f"reader{number}@example.org", "template": "test", "language": "en"}
    return Mail(**{**given, "context": {}, **fields})


def stored(number=1, **fields):
    store_mails([mail(number, **fields)])
    return OutgoingMail.objects.get(purpose=f"test:{number}")


def state(number=1):
    return OutgoingMail.objects.values_list("state", "tries").get(purpose=f"test:{number}")


def later(clock, **by):
    clock.shift(datetime.timedelta(**by))


def test_a_mail_arrives_once_with_both_parts(mail_server, clock):
    """Mail: text and HTML, the academy's name and reply address, a Message-ID of ours; tasks run twice send once."""
    row = stored(
        from_name="Académie “Süd”, Inc.",
        reply_to="office@example.org",
        headers={"List-Unsubscribe": "<https://x.example/u>"},
    )
    for _ in range(2):
        send_outgoing_mail(mail_id=row.pk)
        send_due_mails()
    (message,) = mail_server.messages
    assert parseaddr(message["From"]) == ("Académie “Süd”, Inc.", "no-reply@testserver")
    assert (message["To"], message["Reply-To"], message["Subject"]) == (row.to, "office@example.org", "Test mail")
    assert message["List-Unsubscribe"] == "<https://x.example/u>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == row.message_id("testserver")
    assert message.get_content_type() == "multipart/alternative"
    text, html = (part.get_content() for part in message.iter_parts())
    assert text.startswith("http://testserver sent this mail to check")
    assert '<html lang="en">' in html
    assert "<title>Test mail</title>" in html
    row.refresh_from_db()
    assert (row.state, row.tries, row.sent_at, row.text, row.html) == (State.SENT, 1, NOW, "", "")


def test_a_calendar_part_travels_along(mail_server, clock):
    """Mail: an attachment keeps its type with its parameters, its name and its text."""
    part = {
        "name": "class.ics",
        "type": "text/calendar; method=REQUEST",
        "content": "BEGIN:VCALENDAR\r\nSUMMARY:Año\r\n",
    }
    stored(attachments=[part])
    send_due()
    (attached,) = mail_server.messages[0].iter_attachments()
    assert attached.get_content_type() == "text/calendar"
    assert attached.get_param("method") == "REQUEST"
    assert attached.get_filename() == "class.ics"
    assert "SUMMARY:Año" in attached.get_content()


def test_a_part_without_a_name_is_another_form_of_the_text(mail_server, clock):
    """Mail (RFC 6047, 2.4): beside text and HTML, with its method and as UTF-8; that makes it an invitation."""
    stored(attachments=[{"name": "", "type": "text/calendar; method=CANCEL", "content": "SUMMARY:Año\r\n"}])
    send_due()
    (message,) = mail_server.messages
    assert message.get_content_type() == "multipart/alternative"
    text, html, calendar = message.iter_parts()
    assert [part.get_content_type() for part in (text, html)] == ["text/plain", "text/html"]
    assert calendar["Content-Type"] == 'text/calendar; method="CANCEL"; charset="utf-8"'
    assert calendar["Content-Disposition"] is None
    assert "SUMMARY:Año" in calendar.get_content()


def test_a_stopped_server_costs_no_mail_and_no_try(mail_server, clock):
    """Mail: while the server is down nothing is counted; the first sweep after it is back sends everything."""
    mail_server.stop()
    rows = [stored(number) for number in range(3)]
    for _ in range(50):  # far more than a mail has tries
        send_outgoing_mail(mail_id=rows[0].pk)
        send_due_mails()
        later(clock, hours=1)
    assert [state(number) for number in range(3)] == [(State.QUEUED, 0)] * 3
    rows[2].refresh_from_db()
    assert "refused" in rows[2].last_error
    mail_server.start()
    send_due_mails()
    assert mail_server.recipients == [row.to for row in rows]
    assert [state(number) for number in range(3)] == [(State.SENT, 1)] * 3


def test_more_mails_than_a_sweep_takes_do_not_go_round_while_the_server_is_down(db, mail_server, monkeypatch):
    """Mail: a worker that queued the rest at once would ask a dead server as fast as it can."""
    monkeypatch.setattr(delivery, "MAILS_PER_SWEEP", 2)
    for number in range(5):
        stored(number)
    mail_server.stop()
    assert send_due() is False
    send_due_mails()  # comes to an end
    mail_server.start()
    assert send_due() is True
    send_due_mails()
    assert len(mail_server.recipients) == 5
    assert send_due() is False


def test_a_server_that_never_greets_counts_as_stopped(settings, mail_server, clock):
    """Mail: a server that accepts the connection and says nothing costs one time-out a sweep, not one a mail."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_PORT = silent.getsockname()[1]
        settings.EMAIL_TIMEOUT = 0.2
        for number in range(5):
            stored(number)
        send_due_mails()
        silent.settimeout(0.5)
        silent.accept()[0].close()
        with pytest.raises(TimeoutError):
            silent.accept()  # there was one connection only
    assert {state(number) for number in range(5)} == {(State.QUEUED, 0)}
    settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = mail_server.port, 10
    send_due_mails()
    assert len(mail_server.messages) == 5


def test_a_refused_recipient_fails_alone_and_for_good(mail_server, clock):
    """Mail: 5xx for one recipient fails that mail, with the server's words, and holds up no other."""
    mail_server.refuse = {"reader1@example.org"}
    for number in range(3):
        stored(number)
    send_due_mails()
    later(clock, days=1)
    send_due_mails()
    assert mail_server.recipients == ["reader0@example.org", "reader2@example.org"]
    assert state(1) == (State.FAILED, 1)
    assert OutgoingMail.objects.get(purpose="test:1").last_error == "550 5.1.1 No such user here"


def test_a_temporary_refusal_backs_off(mail_server, clock):
    """Mail: 4xx is tried again after 1, 2, 4 … minutes, and not a second before."""
    answers = iter(["451 4.7.1 Greylisted", "451 4.7.1 Greylisted", None])
    mail_server.answer_rcpt = lambda address: next(answers)
    stored()
    send_due_mails()
    assert state() == (State.QUEUED, 1)
    later(clock, seconds=59)
    send_due_mails()
    assert state() == (State.QUEUED, 1)
    later(clock, seconds=1)
    send_due_mails()
    assert state() == (State.QUEUED, 2)
    later(clock, seconds=119)
    send_due_mails()
    assert state() == (State.QUEUED, 2)
    later(clock, seconds=1)
    send_due_mails()
    assert state() == (State.SENT, 3)
    assert len(mail_server.messages) == 1


def test_the_pauses_grow_to_six_hours():
    """Mail: 1 minute, doubled each time, 6 hours at most."""
    minutes = [pause_after(tries).total_seconds() / 60 for tries in range(1, MAX_ATTEMPTS)]
    assert minutes == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]


def test_tries_end(mail_server, clock):
    """Mail: after the last try a mail fails, with the reason; retry_failed gives it all its tries anew."""
    mail_server.answer_rcpt = lambda address: "452 4.2.2 Mailbox full"
    stored()
    for _ in range(MAX_ATTEMPTS + 3):
        send_due_mails()
        later(clock, hours=7)
    assert state() == (State.FAILED, MAX_ATTEMPTS)
    assert OutgoingMail.objects.get().last_error == "452 4.2.2 Mailbox full"
    mail_server.answer_rcpt = lambda address: None
    assert retry_failed(OutgoingMail.objects.all()) == [OutgoingMail.objects.get().pk]
    send_due_mails()
    assert state() == (State.SENT, 1)


def test_a_refused_sender_is_our_configuration(mail_server, clock, monkeypatch):
    """Mail: 5xx for our own address fails no mail: once the configuration is right, it goes out."""

    async def refuse_sender(server, session, envelope, address, options):
        return "553 5.7.1 Sender address rejected"

    monkeypatch.setattr(mail_server, "handle_MAIL", refuse_sender, raising=False)
    stored()
    send_due_mails()
    assert state() == (State.QUEUED, 1)


def test_a_slow_server_gets_the_same_message_id(mail_server, clock, monkeypatch, settings):
    """Mail: a time-out after DATA leaves open whether the mail is out; the second try is recognisably the same mail."""
    kept = mail_server.handle_DATA

    async def slow(server, session, envelope):
        answer = await kept(server, session, envelope)  # it has the mail, and never says so in time
        await asyncio.sleep(2.5)
        return answer

    row = stored()
    settings.EMAIL_TIMEOUT = 2
    monkeypatch.setattr(mail_server, "handle_DATA", slow)
    send_due_mails()
    assert state() == (State.QUEUED, 1)
    settings.EMAIL_TIMEOUT = 10
    monkeypatch.setattr(mail_server, "handle_DATA", kept)
    later(clock, minutes=1)
    send_due_mails()
    assert state() == (State.SENT, 2)
    assert {message["Message-ID"] for message in mail_server.messages} == {row.message_id("testserver")}


def test_one_mail_that_cannot_be_written_down_holds_up_no_other(mail_server, clock):
    """Mail: a header with a line break fails that mail for good; the others go out."""
    stored(1, headers={"X-Bad": "a\nBcc: all@example.org"})
    stored(2)
    send_due_mails()
    assert state(1) == (State.FAILED, 1)
    assert mail_server.recipients == ["reader2@example.org"]


def test_a_vanished_senders_mail_is_taken_over(mail_server, clock):
    """Mail: a claim counts for ten minutes; after that the mail is anybody's again, with one try more."""
    row = stored()
    assert claim(row, now=NOW)
    later(clock, seconds=599)
    send_outgoing_mail(mail_id=row.pk)
    send_due_mails()
    assert mail_server.messages == []
    later(clock, seconds=1)
    send_due_mails()
    assert state() == (State.SENT, 2)
    assert len(mail_server.messages) == 1


def test_a_mail_that_ends_its_senders_does_not_go_round_for_ever(mail_server, clock):
    """Mail: when the sender vanished on the last try, the mail fails."""
    row = stored()
    for _ in range(MAX_ATTEMPTS):
        assert claim(row, now=datetime.datetime.now(datetime.UTC))
        later(clock, minutes=10)
    send_due_mails()
    assert state() == (State.FAILED, MAX_ATTEMPTS)
    assert mail_server.messages == []


def test_an_overtaken_sender_cannot_undo_the_others_work(mail_server, clock):
    """Mail: whoever fails after their claim was taken over leaves the mail as it is."""
    row = stored()
    assert claim(row, now=NOW)
    later(clock, minutes=10)
    send_due_mails()
    delivery._settle_failure(row, smtplib.SMTPDataError(550, b"No"))
    assert state() == (State.SENT, 2)


@pytest.mark.django_db(transaction=True)
def test_many_senders_send_each_mail_once(mail_server):
    """Mail: eight senders at once over forty mails: forty messages, one try each."""
    store_mails([mail(number) for number in range(40)])
    gate = threading.Barrier(8)

    def sender(_number):
        try:
            gate.wait()
            return send_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(sender, range(8))) == [False] * 8
    assert sorted(mail_server.recipients) == sorted(f"reader{number}@example.org" for number in range(40))
    assert set(OutgoingMail.objects.values_list("state", "tries")) == {(State.SENT, 1)}


PART = {"name": "class.ics", "type": "text/calendar", "content": "x"}
LATER = [
    ({"email": "corrected@example.org"}, "The recipient's e-mail address has changed."),
    ({"is_active": False}, "The recipient's account is not active."),
]


@pytest.mark.parametrize(("changes", "reason"), LATER)
def test_a_mail_that_was_queued_during_a_change_of_its_user_is_not_sent(mail_server, clock, world, changes, reason):
    """Mail, O8, U5: its transaction read the user before the change and commits after it."""
    User.objects.filter(pk=world.student.pk).update(**changes)
    row = stored(to="student@example.org", user_id=world.student.pk, attachments=[PART])
    assert not send_if_due(mail_id=row.pk)
    send_due_mails()
    row.refresh_from_db()
    assert mail_server.messages == []
    assert (row.state, row.last_error, row.purpose) == (State.FAILED, reason, f"withdrawn:{row.pk}")
    assert (row.text, row.html, row.attachments) == ("", "", [])
    assert retry_failed(OutgoingMail.objects.all()) == []


def test_a_mail_that_was_queued_during_an_erasure_is_deleted(mail_server, clock, world):
    """Mail, O8: neither its subject nor its address is kept."""
    row = stored(to="student@example.org", user_id=world.student.pk)
    erase_person(world.student)
    row.save(force_insert=True)  # by a slow transaction, as it was
    send_due_mails()
    assert mail_server.messages == []
    assert not OutgoingMail.objects.exists()


def test_mails_of_users_are_sent_while_nothing_has_changed(mail_server, clock, world):
    """Mail: to the user's address, and to one that belongs to no user."""
    stored(1, to=world.student.email, user_id=world.student.pk)
    stored(2, to="anyone@example.org")
    send_due_mails()
    assert sorted(mail_server.recipients) == ["anyone@example.org", world.student.email]


def test_bodies_of_failed_mails_are_forgotten_after_a_week(mail_server, clock):
    """Mail: the links in them have expired; from then on they cannot be tried again."""
    mail_server.refuse = {"reader1@example.org"}
    stored()
    send_due_mails()
    later(clock, days=7)
    assert clear_old_bodies() == 0
    later(clock, seconds=1)
    assert clear_old_bodies() == 1
    assert clear_old_bodies() == 0
    row = OutgoingMail.objects.get()
    assert (row.text, row.html) == ("", "")
    assert retry_failed(OutgoingMail.objects.all()) == []


def test_one_mail_for_each_purpose(mail_server, clock):
    """Mail: the second mail for a purpose is not stored, and the first one's id is answered."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        first = queue_mail(purpose="x", to="a@example.org", template="test", language="en", context={})
        second = queue_mail(purpose="x", to="b@example.org", template="test", language="es", context={})
        assert mail_server.messages == []  # nothing goes out before the commit
    assert first == second
    assert mail_server.recipients == ["a@example.org"]


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_caller_sends_nothing(mail_server):
    """Mail: the mail is written in the caller's transaction, and gone with it."""
    with transaction.atomic():
        queue_mail(purpose="x", to="a@example.org", template="test", language="en", context={})
        transaction.set_rollback(True)
    assert OutgoingMail.objects.count() == 0
    assert mail_server.messages == []


@pytest.mark.parametrize("number", [1, 200])
def test_statements_do_not_grow_with_the_mails(clock, number):
    """Mail: queueing one mail or two hundred takes two statements."""
    with assert_num_queries(2):
        queue_mails([mail(n) for n in range(number)])


@pytest.mark.parametrize(
    ("language", "subject"),
    [("es", "Correo de prueba"), ("es-CL", "Correo de prueba"), ("fr", "Test mail"), ("", "Test mail")],
)
def test_the_readers_language(clock, language, subject):
    """Mail: English and Spanish, with their regions; English for what we have no texts in."""
    assert stored(language=language).subject == subject
