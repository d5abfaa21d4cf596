from typing import Any

from django.core.mail.backends.base import BaseEmailBackend


class NoMailServer(BaseEmailBackend):
    """Stands where EMAIL_URL is not set: a server that is never there, so mails wait in the outbox until it is."""

    def open(self) -> bool | None:
        raise OSError("EMAIL_URL is not set")

    def send_messages(self, email_messages: Any) -> int:
        raise OSError("EMAIL_URL is not set")
