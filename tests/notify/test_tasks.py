"""The outbox with real processes: a broker that is down, a sender that is killed."""

import asyncio
import os
import signal
import subprocess
import sys
import time
import urllib.request

import orjson
import pytest
from django.utils import timezone

from breathecode.common.queue import enqueue
from breathecode.notify.domain import delivery
from breathecode.notify.domain.claims import CLAIM_TIMEOUT
from breathecode.notify.domain.outbox import Mail, store_mails
from breathecode.notify.models import OutgoingMail
from breathecode.notify.tasks import send_due_mails
from tests.support.client import Call
from tests.support.database import database_url
from tests.support.servers import celery_worker, web_server

pytestmark = pytest.mark.timeout(600)  # each starts several programs, on a machine that may be busy


def wait_until(condition, seconds=100):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def environment(sink):
    return {"DATABASE_URL": database_url(), "EMAIL_URL": sink.url, "SWEEP_INTERVAL_SECONDS": "1"}


def invite_over_http(server, world, email):
    """POSTs a member; answers the status and the seconds it took."""
    request = urllib.request.Request(
        f"{server.url}/v1/auth/academy/member",
        orjson.dumps({"email": email, "role": "teacher"}),
        {
            "Authorization": f"Token {Call().key(world.admin)}",
            "Academy": str(world.miami.pk),
            "Content-Type": "application/json",
        },
    )
    started = time.monotonic()
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.status, time.monotonic() - started


def kill_while_sending(sink, condition):
    """Runs the sweep in a process of its own, and kills it once the condition holds."""
    code = "import django; django.setup(); from breathecode.notify.tasks import send_due_mails; send_due_mails()"
    env = {**os.environ, **environment(sink), "DJANGO_SETTINGS_MODULE": "breathecode.settings.base"}
    child = subprocess.Popen([sys.executable, "-c", code], env={**env, "SECRET_KEY": "k" * 40})
    try:
        wait_until(condition)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()


@pytest.mark.django_db(transaction=True)
def test_a_killed_senders_mail_goes_out_later(mail_server):
    """Mail: a process killed while the server holds its mail leaves a claim; after ten minutes another sends it."""
    kept = mail_server.handle_DATA

    async def hang(server, session, envelope):
        await asyncio.sleep(60)
        return "250 OK"

    mail_server.handle_DATA = hang
    store_mails([Mail(purpose="x", to="reader@example.org", template="test", language="en", context={})])
    kill_while_sending(mail_server, lambda: OutgoingMail.objects.get().state == "SENDING")
    mail_server.handle_DATA = kept
    send_due_mails()
    assert mail_server.messages == []
    # As if ten minutes had passed since the claim.
    OutgoingMail.objects.update(next_try_at=OutgoingMail.objects.get().next_try_at - CLAIM_TIMEOUT)
    send_due_mails()
    assert mail_server.recipients == ["reader@example.org"]
    assert OutgoingMail.objects.get().tries == 2


@pytest.mark.django_db(transaction=True)
def test_of_many_mails_a_killed_sender_repeats_the_one_in_flight(mail_server):
    """Mail: those before it are marked as sent, and those after it are not claimed: anyone can send them at once."""
    kept = mail_server.handle_DATA

    async def hang_with_the_third(server, session, envelope):
        answer = await kept(server, session, envelope)  # it has the mail, and does not say so
        if len(mail_server.messages) == 3:
            await asyncio.sleep(60)
        return answer

    mail_server.handle_DATA = hang_with_the_third
    addresses = [f"reader{number}@example.org" for number in range(5)]
    store_mails([Mail(purpose=to, to=to, template="test", language="en", context={}) for to in addresses])
    kill_while_sending(mail_server, lambda: len(mail_server.messages) == 3)
    states = list(OutgoingMail.objects.order_by("pk").values_list("state", "tries"))
    assert states == [("SENT", 1), ("SENT", 1), ("SENDING", 1), ("QUEUED", 0), ("QUEUED", 0)]
    mail_server.handle_DATA = kept
    send_due_mails()
    assert mail_server.recipients == addresses
    OutgoingMail.objects.filter(state="SENDING").update(next_try_at=timezone.now())
    send_due_mails()
    assert mail_server.recipients == [*addresses, addresses[2]]
    assert len({message["Message-ID"] for message in mail_server.messages}) == 5


@pytest.mark.django_db(transaction=True)
def test_the_mail_server_comes_back(mail_server, world):
    """Mail, U4: without a broker, and with the mail server down, an invitation waits and goes out when it is back."""
    mail_server.stop()
    with web_server(environment(mail_server)) as server:
        status, seconds = invite_over_http(server, world, "new@example.org")
        assert (status, OutgoingMail.objects.get().state) == (201, "QUEUED")
        assert seconds < 5
        mail_server.start()
        wait_until(lambda: mail_server.recipients == ["new@example.org"])
        wait_until(lambda: OutgoingMail.objects.get().state == "SENT")


@pytest.mark.django_db(transaction=True)
def test_the_broker_comes_back(mail_server, world, valkey):
    """Mail, U4: with the broker down an invitation is accepted at once, and goes out when a worker runs again."""
    env = {**environment(mail_server), "CELERY_BROKER_URL": valkey.url}
    with web_server(env) as server:
        valkey.stop()
        status, seconds = invite_over_http(server, world, "new@example.org")
        assert status == 201
        assert seconds < 5
        assert mail_server.messages == []
        valkey.start()
        with celery_worker(env):
            wait_until(lambda: mail_server.recipients == ["new@example.org"])
            wait_until(lambda: OutgoingMail.objects.get().state == "SENT")


@pytest.mark.django_db
def test_many_mails_in_a_process_without_a_queue(mail_server, monkeypatch):
    """Mail: in a shell or a command, parts follow each other; more than the queue has connections."""
    monkeypatch.setattr(delivery, "MAILS_PER_SWEEP", 1)
    addresses = [f"reader{number}@example.org" for number in range(60)]
    store_mails([Mail(purpose=to, to=to, template="test", language="en", context={}) for to in addresses])
    assert enqueue(send_due_mails)
    assert sorted(mail_server.recipients) == sorted(addresses)
