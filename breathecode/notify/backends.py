from typing import Any

from django.core.mail.backends.base import BaseEmailBackend


class NoMailServer(BaseEmailBackend):
    """Used while EMAIL_URL is not set: never connects, so that mails wait in the outbox."""

    def open(self) -> bool | None:
        raise OSError("EMAIL_URL is not set")

    def send_messages(self, email_messages: Any) -> int:
        raise OSError("EMAIL_URL is not set")
