"""Sending what the outbox holds.

A mail is claimed by a compare-and-set that commits before the mail server is spoken to, so no two senders hold
one mail at a time. A sender that is killed leaves its claim behind; after `CLAIM_TIMEOUT` the mail is due again.

Between the server's "250 accepted" and our commit there is a moment in which the mail is sent but not marked.
A sender that is killed there has its mail sent again: we choose "at least once", since a lost invitation locks a
person out and a double one is a nuisance. Every try carries the same Message-ID, by which mailboxes and people
recognise the double.

Two kinds of trouble are kept apart. Where no conversation with the server comes about (down, unreachable, it
refuses our password), that is not the mail's fault: nothing is counted, all of them wait, and the next sweep tries
again. Where the server refuses or fails one mail, that mail backs off alone, or fails for good.
"""

import contextlib
import datetime
import logging
import smtplib
import time
from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.core.mail import get_connection
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from breathecode.notify.domain.message import build_message
from breathecode.notify.models import ADDRESS_CHANGED, NOT_ACTIVE, OutgoingMail

logger = logging.getLogger(__name__)
State = OutgoingMail.State

CLAIM_TIMEOUT = datetime.timedelta(minutes=10)  # far above all time-outs (EMAIL_TIMEOUT) of one conversation
MIN_PAUSE = datetime.timedelta(minutes=1)
MAX_PAUSE = datetime.timedelta(hours=6)
MAX_ATTEMPTS = 12  # with the pauses between them: some 20 hours
BODY_LIFETIME = datetime.timedelta(days=7)  # of a failed mail: as long as the longest-lived link in one
MAILS_PER_SWEEP = 500
SECONDS_PER_SWEEP = 30.0  # the embedded worker has one thread for everything


def due_mails(*, now: datetime.datetime) -> QuerySet[OutgoingMail]:
    """Mails to send now: queued ones whose next try has come, and claimed ones whose claim has expired."""
    return OutgoingMail.objects.filter(state__in=OutgoingMail.WAITING, next_try_at__lte=now)


def send_if_due(*, mail_id: int) -> bool:
    """Sends this mail now unless it is sent, claimed or backing off. Says whether it is sent by this call."""
    if not due_mails(now=timezone.now()).filter(pk=mail_id).exists():
        return False
    with contextlib.suppress(_OutageError):
        _send_each([mail_id])
    return OutgoingMail.objects.filter(pk=mail_id, state=State.SENT).exists()


class _OutageError(Exception):
    """The mail server does not answer."""


def send_due() -> bool:
    """Sends due mails, the longest-waiting first, for at most `SECONDS_PER_SWEEP`.

    True where it left some that can be sent at once. Where the mail server is down, the next sweep is soon enough:
    trying again at once would loop.
    """
    due = due_mails(now=timezone.now()).order_by("next_try_at", "pk")
    ids = list(due.values_list("pk", flat=True)[: MAILS_PER_SWEEP + 1])
    try:
        return _send_each(ids[:MAILS_PER_SWEEP]) or len(ids) > MAILS_PER_SWEEP
    except _OutageError:
        return False


def _send_each(mail_ids: list[int]) -> bool:
    """One conversation for all of them. True where the time ran out before the mails did. Raises `_OutageError`."""
    if not mail_ids:
        return False
    connection = get_connection()
    deadline = time.monotonic() + SECONDS_PER_SWEEP
    try:
        for position, mail_id in enumerate(mail_ids):
            if time.monotonic() > deadline:
                return True
            try:
                connection.open()  # does nothing while open; reopens after a failed mail
            except OSError as error:  # SMTPException is one too
                _note_outage(mail_ids[position:], error)
                raise _OutageError from error
            if mail := claim(mail_id=mail_id, now=timezone.now()):
                _send(mail, connection)
    finally:
        _close(connection)
    return False


def claim(*, mail_id: int, now: datetime.datetime) -> OutgoingMail | None:
    """Takes a due mail for sending; None where another sender has it, where it has had its tries, or where it is
    withdrawn, since its user is no longer active or has another address."""
    due = due_mails(now=now).filter(pk=mail_id)
    # Conditions of the row itself, without a join: PostgreSQL looks at them again where it had to wait for the row.
    taken = due.filter(_is_to_its_user(is_active=True), tries__lt=MAX_ATTEMPTS).update(
        state=State.SENDING, tries=F("tries") + 1, claimed_at=now, next_try_at=now + CLAIM_TIMEOUT
    )
    if taken:
        return OutgoingMail.objects.get(pk=mail_id)
    _withdraw(due)
    # The process of the last attempt died: a mail that kills its senders must not be tried endlessly.
    due.filter(tries__gte=MAX_ATTEMPTS).update(
        state=State.FAILED, last_error="The worker stopped during the last attempt."
    )
    return None


def _is_to_its_user(**conditions: Any) -> Q:
    """Whether `to` is the address of the mail's user, for whom `conditions` hold; also where it is for no user."""
    users = get_user_model()._default_manager.filter(pk=OuterRef("user_id"), email=OuterRef("to"), **conditions)
    return Q(user=None) | Q(Exists(users))


def _withdraw(mails: QuerySet[OutgoingMail]) -> None:
    """Fails for good those that the trigger of a new address did not see: they were being queued at that moment.

    As there, their purpose is free again. Those of users who were erased meanwhile are deleted (rule O8): the users are
    not active and have another address.
    """
    users = get_user_model()._default_manager.filter(pk=OuterRef("user_id"), is_active=False)
    mails.filter(Exists(users.exclude(email=OuterRef("to")))).delete()
    reason = Case(When(_is_to_its_user(), then=Value(NOT_ACTIVE)), default=Value(ADDRESS_CHANGED))
    mails.exclude(_is_to_its_user(is_active=True)).update(
        state=State.FAILED,
        purpose=Concat(Value("withdrawn:"), Cast("pk", CharField())),
        last_error=reason,
        text="",
        html="",
        attachments=[],
    )


def _send(mail: OutgoingMail, connection: Any) -> None:
    try:
        connection.send_messages([build_message(mail)])
    except Exception as error:  # noqa: BLE001  (an error of one mail must not delay the others)
        _settle_failure(mail, error)
        _close(connection)
    else:
        _settle_success(mail)


def _settle_success(mail: OutgoingMail) -> None:
    # Regardless of who holds the claim now: the mail is sent and must not be sent again.
    OutgoingMail.objects.filter(pk=mail.pk).exclude(state=State.SENT).update(
        state=State.SENT, sent_at=timezone.now(), last_error="", text="", html="", attachments=[]
    )
    logger.info("mail sent", extra={"mail_id": mail.pk, "template": mail.template, "tries": mail.tries})


def _settle_failure(mail: OutgoingMail, error: Exception) -> None:
    final = is_permanent(error) or mail.tries >= MAX_ATTEMPTS
    # `tries` is the claim's number: a mail that another sender has taken over meanwhile is theirs to settle.
    OutgoingMail.objects.filter(pk=mail.pk, state=State.SENDING, tries=mail.tries).update(
        state=State.FAILED if final else State.QUEUED,
        next_try_at=timezone.now() + pause_after(mail.tries),
        last_error=describe(error),
    )
    details = {"mail_id": mail.pk, "template": mail.template, "tries": mail.tries, "final": final}
    logger.warning("mail not sent", extra={**details, "reason": describe(error)})


def _note_outage(mail_ids: list[int], error: OSError) -> None:
    """Leaves the mails due; the next sweep is within a minute, however long the outage lasted."""
    logger.warning("mail server unavailable", extra={"waiting": len(mail_ids), "reason": describe(error)})
    waiting = OutgoingMail.objects.filter(pk__in=mail_ids, state=State.QUEUED)
    waiting.exclude(last_error=describe(error)).update(last_error=describe(error))


def _close(connection: Any) -> None:
    try:
        connection.close()
    except OSError as error:  # errors on close are harmless: the mails are sent
        logger.debug("mail server closed the connection: %s", type(error).__name__)


def pause_after(tries: int) -> datetime.timedelta:
    """1, 2, 4, 8 … minutes, 6 hours at most."""
    doublings = min(max(0, tries - 1), 16)
    return min(MIN_PAUSE * (1 << doublings), MAX_PAUSE)


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


def describe(error: Exception) -> str:
    """The reason shown to operators: the server's reply, else the error's text."""
    words = "; ".join(f"{code} {reason}" for code, reason in _answers(error)) or f"{type(error).__name__}: {error}"
    return words.replace("\x00", "")[:500]


def clear_old_bodies() -> int:
    """Forgets the bodies of mails that failed over a week ago: the links in them have expired."""
    old = OutgoingMail.objects.filter(state=State.FAILED, created_at__lt=timezone.now() - BODY_LIFETIME)
    return old.filter(text__gt="").update(text="", html="", attachments=[])


def retry_failed(mails: QuerySet[OutgoingMail]) -> list[int]:
    """Queues failed mails again with all their attempts, unless the body was deleted. Returns the ids queued."""
    failed = list(mails.filter(state=State.FAILED).exclude(text="").values_list("pk", flat=True))
    OutgoingMail.objects.filter(pk__in=failed, state=State.FAILED).update(
        state=State.QUEUED, tries=0, next_try_at=timezone.now()
    )
    return failed
