"""Queueing mails queues their delivery."""

import pytest
from django.test import TestCase

from breathecode.notify.domain.outbox import Mail, queue_mails
from breathecode.notify.models import OutgoingMail


def mail(number):
    return Mail(purpose=f"test:{number}", to=f"user{number}@example.org", template="test", language="en", context={})


@pytest.mark.usefixtures("mail_server")
@pytest.mark.parametrize("count", [1, 2])
def test_mails_are_sent_after_the_commit(db, count):
    """N3: one mail or several are sent after the commit, without waiting for a sweep."""
    with TestCase.captureOnCommitCallbacks(execute=True) as callbacks:
        queue_mails([mail(number) for number in range(count)])
        assert set(OutgoingMail.objects.values_list("state", flat=True)) == {OutgoingMail.State.QUEUED}
    assert len(callbacks) == 1
    assert list(OutgoingMail.objects.values_list("state", flat=True)) == [OutgoingMail.State.SENT] * count
