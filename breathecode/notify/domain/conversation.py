"""Speaking with the mail server: one connection for many mails, and what its errors mean."""

import logging
import smtplib
import time
from collections.abc import Iterable
from typing import Any, ClassVar

from django.core.mail import EmailMessage, get_connection

logger = logging.getLogger(__name__)


class OutageError(Exception):
    """The mail server does not answer; caused by the error that says why."""


class Rest:
    """After a mail server that says nothing, this process does other tasks first: a worker may have one process."""

    until: ClassVar[float] = 0.0

    @classmethod
    def after(cls, waited: float) -> None:
        """`waited` in seconds; a server that refuses connections takes none."""
        if waited > 1:
            cls.until = time.monotonic() + waited


class Conversation:
    """A connection that stays open from mail to mail, and is reopened where the server closed it."""

    def __init__(self) -> None:
        self._connection: Any = get_connection()
        self._has_sent = False  # over the connection that is open

    def open(self) -> None:
        """Does nothing while it is open. Raises `OutageError`."""
        try:
            self._connection.open()
        except OSError as error:  # SMTPException is one too
            raise OutageError from error

    def send(self, message: EmailMessage) -> None:
        """Raises what the server or the message is at fault for.

        Many servers end a connection after some mails or a pause: on one that has sent a mail, that is not the fault
        of the next, which is sent over a new connection.
        """
        try:
            self._connection.send_messages([message])
        except smtplib.SMTPException as error:
            if not self._has_sent or not _has_ended(error):
                raise
            self.close()
            self._connection.open()
            self._connection.send_messages([message])
        self._has_sent = True

    def close(self) -> None:
        self._has_sent = False
        try:
            self._connection.close()
        except OSError as error:  # errors on close are harmless: the mails are sent
            logger.debug("mail server closed the connection: %s", type(error).__name__)


def _has_ended(error: smtplib.SMTPException) -> bool:
    """Whether the server ended the connection (421: it is about to), and did not just keep us waiting."""
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return not isinstance(error.__context__, TimeoutError)
    return any(code == 421 for code, _reason in _answers(error))


def is_permanent(error: Exception) -> bool:
    """Whether the server will never take this mail: it refuses the recipient or the content for good (5xx).

    A refused sender is a matter of our configuration, not of the mail: once that is put right, the mail goes out.
    """
    if isinstance(error, ValueError):  # an address or header that cannot be written down (BadHeaderError is one)
        return True
    if isinstance(error, smtplib.SMTPSenderRefused):
        return False
    return any(500 <= code < 600 for code, _reason in _answers(error))


def _answers(error: Exception) -> Iterable[tuple[int, str]]:
    """What the server answered, as code and words."""
    answers: list[tuple[int, bytes | str]] = []
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = list(error.recipients.values())
    elif isinstance(error, smtplib.SMTPResponseException):
        answers = [(error.smtp_code, error.smtp_error)]
    return [(code, words.decode("utf-8", "replace") if isinstance(words, bytes) else words) for code, words in answers]


def describe(error: BaseException) -> str:
    """The reason shown to operators: the server's reply, else the error's text."""
    answers = _answers(error) if isinstance(error, Exception) else []
    words = "; ".join(f"{code} {reason}" for code, reason in answers) or f"{type(error).__name__}: {error}"
    return words.replace("\x00", "")[:500]
