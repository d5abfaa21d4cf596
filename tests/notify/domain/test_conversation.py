"""One connection to the mail server for many mails."""

import asyncio

import pytest

from breathecode.notify.domain.outbox import Mail, store_mails
from breathecode.notify.models import OutgoingMail
from breathecode.notify.tasks import send_due_mails


def store(*addresses):
    store_mails([Mail(purpose=to, to=to, template="test", language="en", context={}) for to in addresses])
    return list(addresses)


def readers(count):
    return store(*(f"reader{number}@example.org" for number in range(count)))


@pytest.fixture
def connections(mail_server, monkeypatch):
    """The number of mails that each connection began, in the order of the connections; a test may answer otherwise."""
    counts: dict[object, int] = {}

    async def count(server, session, envelope, address, options):
        counts[session] = counts.get(session, 0) + 1
        if answer := mail_server.answer_mail(server, counts[session]):
            return answer
        envelope.mail_from = address
        return "250 OK"

    monkeypatch.setattr(mail_server, "answer_mail", lambda server, number: None, raising=False)
    monkeypatch.setattr(mail_server, "handle_MAIL", count, raising=False)
    return counts


def test_many_mails_go_over_one_connection(db, mail_server, connections):
    """Mail: also those of several reads from the outbox."""
    addresses = readers(120)
    send_due_mails()
    assert mail_server.recipients == addresses
    assert list(connections.values()) == [120]


def say_goodbye(server, number):
    return "421 4.7.0 Too many messages in this connection" if number > 3 else None


def hang_up(server, number):
    if number > 3:
        server.transport.close()


@pytest.mark.parametrize("end", [say_goodbye, hang_up])
def test_a_server_that_ends_connections_costs_no_mail_a_try(db, mail_server, connections, monkeypatch, end):
    """Mail: where it takes three mails in a connection, the fourth goes over the next one, once and without a pause."""
    monkeypatch.setattr(mail_server, "answer_mail", end)
    addresses = readers(10)
    send_due_mails()
    assert mail_server.recipients == addresses
    assert list(connections.values()) == [4, 4, 4, 1]
    assert set(OutgoingMail.objects.values_list("state", "tries")) == {("SENT", 1)}


def test_a_server_that_takes_no_mail_is_not_asked_again_at_once(db, mail_server, connections, monkeypatch):
    """Mail: the first mail of a connection backs off with what the server said, one connection for each mail."""
    monkeypatch.setattr(mail_server, "answer_mail", lambda server, number: "421 4.3.2 Going down")
    readers(2)
    send_due_mails()
    assert list(connections.values()) == [1, 1]
    assert set(OutgoingMail.objects.values_list("state", "tries")) == {("QUEUED", 1)}


def test_a_server_that_hangs_on_one_mail_gets_the_others(db, mail_server, connections, monkeypatch, settings):
    """Mail: after the time-out that mail backs off, and is not sent again at once: the server may have it."""
    kept = mail_server.handle_DATA

    async def hang(server, session, envelope):
        answer = await kept(server, session, envelope)
        if envelope.rcpt_tos == ["reader1@example.org"]:
            await asyncio.sleep(10)
        return answer

    monkeypatch.setattr(mail_server, "handle_DATA", hang)
    settings.EMAIL_TIMEOUT = 3
    addresses = readers(4)
    send_due_mails()
    assert mail_server.recipients == addresses
    assert list(connections.values()) == [2, 2]
    states = OutgoingMail.objects.order_by("pk").values_list("state", "tries")
    assert list(states) == [("SENT", 1), ("QUEUED", 1), ("SENT", 1), ("SENT", 1)]
