"""The outbox in the Django admin."""

import pytest
from django.core import mail
from django.test import TestCase
from django.urls import reverse

from breathecode.notify.domain.outbox import Mail, store_mails
from breathecode.notify.models import OutgoingMail

LIST = "admin:notify_outgoingmail_changelist"


@pytest.fixture
def row(world, client):
    client.force_login(world.superuser)
    context = {"academy": "Madrid", "link": "http://testserver/invite/one-time-key", "days": 7, "reset_url": "http://x"}
    store_mails([Mail(purpose="x", to="reader@example.org", template="invitation", language="en", context=context)])
    return OutgoingMail.objects.get()


def test_it_shows_no_one_time_link(row, client):
    """R6, Mail: list, search and page show the mail, never its body; nothing can be changed or deleted."""
    assert "one-time-key" in row.text
    assert "one-time-key" in row.html
    page = reverse("admin:notify_outgoingmail_change", args=[row.pk])
    for url in (reverse(LIST), f"{reverse(LIST)}?q=reader&state__exact=QUEUED", page):
        response = client.get(url)
        assert response.status_code == 200
        assert b"reader@example.org" in response.content
        assert b"one-time-key" not in response.content
    assert client.post(page, {"to": "thief@example.org"}).status_code == 403
    assert client.get(reverse("admin:notify_outgoingmail_delete", args=[row.pk])).status_code == 403
    assert client.get(reverse("admin:notify_outgoingmail_add")).status_code == 403


def test_failed_mails_are_tried_again(row, client):
    """R6, Mail: the action queues failed mails anew, after the commit, and leaves others alone."""
    OutgoingMail.objects.update(state="FAILED", tries=12)
    with TestCase.captureOnCommitCallbacks(execute=True):
        client.post(reverse(LIST), {"action": "retry_failed_mails", "_selected_action": [row.pk]})
    assert [message.to for message in mail.outbox] == [["reader@example.org"]]
    row.refresh_from_db()
    assert (row.state, row.tries) == ("SENT", 1)
    with TestCase.captureOnCommitCallbacks(execute=True):
        client.post(reverse(LIST), {"action": "retry_failed_mails", "_selected_action": [row.pk]})
    assert len(mail.outbox) == 1
