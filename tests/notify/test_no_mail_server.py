"""Without EMAIL_URL mails wait (rules O3, U4)."""

import pytest

from breathecode.notify.domain.outbox import queue_mail
from breathecode.notify.models import OutgoingMail
from breathecode.notify.tasks import send_due_mails


@pytest.mark.django_db
def test_mails_wait_and_are_not_written_to_the_log(mail_server, settings, caplog, capfd):
    """O3, O4: no body reaches the log or standard output; no try is counted; with a server they go out."""
    settings.EMAIL_BACKEND = "breathecode.notify.backends.NoMailServer"
    queue_mail(
        purpose="x",
        to="reader@example.org",
        template="password_reset",
        language="en",
        context={"link": "http://testserver/password/reset/THE-KEY", "hours": 2},
    )
    send_due_mails()
    waiting = OutgoingMail.objects.get()
    assert (waiting.state, waiting.tries, waiting.last_error) == ("QUEUED", 0, "OSError: EMAIL_URL is not set")
    written = "".join(capfd.readouterr()) + "".join(str(record.__dict__) for record in caplog.records)
    assert "EMAIL_URL is not set" in written
    assert "THE-KEY" not in written
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    send_due_mails()
    assert OutgoingMail.objects.get().state == "SENT"
    assert len(mail_server.messages) == 1
