"""Sending what the outbox holds: one conversation with the mail server for many mails.

Each mail is claimed (`claims`) before it is sent, by the statement that marks the one before it as sent. Between the
server's "250 accepted" and that statement there is a moment in which a mail is sent but not marked. A sender that is
killed there has that one mail sent again: we choose "at least once", since a lost invitation locks a person out and a
double one is a nuisance. Every try carries the same Message-ID, by which mailboxes and people recognise the double.

Two kinds of trouble are kept apart. Where no conversation with the server comes about (down, unreachable, it
refuses our password), that is not the mail's fault: nothing is counted, all of them wait, and the next sweep tries
again. Where the server refuses or fails one mail, that mail backs off alone, or fails for good.
"""

import dataclasses
import datetime
import logging
import time
from collections.abc import Iterator, Sequence

from django.db.models import QuerySet
from django.utils import timezone

from breathecode.common.sweeps import in_batches
from breathecode.notify.domain.claims import MAX_ATTEMPTS, claim, due_mails, mark_sent, settle_unclaimed
from breathecode.notify.domain.conversation import Conversation, OutageError, Rest, describe, is_permanent
from breathecode.notify.domain.message import build_message
from breathecode.notify.models import OutgoingMail

logger = logging.getLogger(__name__)
State = OutgoingMail.State

MIN_PAUSE = datetime.timedelta(minutes=1)
MAX_PAUSE = datetime.timedelta(hours=6)
BODY_LIFETIME = datetime.timedelta(days=7)  # of a failed mail: as long as the longest-lived link in one
MAILS_PER_SWEEP = 500
MAILS_PER_READ = 50  # each has two bodies
SECONDS_PER_SWEEP = 30.0  # the embedded worker has one thread for everything


@dataclasses.dataclass(slots=True)
class _Outcome:
    sent: int = 0
    is_late: bool = False  # the time ran out before the mails did
    is_outage: bool = False


def send_if_due(*, mail_id: int) -> bool:
    """Sends this mail now unless it is sent, claimed or backing off. Says whether it is sent by this call."""
    if not due_mails(now=timezone.now()).filter(pk=mail_id).exists():
        return False
    return _send_each([mail_id]).sent > 0


def send_due() -> bool:
    """Sends due mails, the longest-waiting first, for at most `SECONDS_PER_SWEEP`.

    True where it left some that can be sent at once. Where the mail server is down, the next sweep is soon enough:
    trying again at once would loop. Where it was waited for in vain, other tasks have the process for as long.
    """
    if time.monotonic() < Rest.until:
        return False
    began = time.monotonic()
    due = due_mails(now=timezone.now()).order_by("next_try_at", "pk")
    ids = list(due.values_list("pk", flat=True)[: MAILS_PER_SWEEP + 1])
    if not ids:
        return False
    outcome = _send_each(ids[:MAILS_PER_SWEEP])
    if outcome.is_outage:
        Rest.after(time.monotonic() - began)
    return not outcome.is_outage and (outcome.is_late or len(ids) > MAILS_PER_SWEEP)


def _send_each(mail_ids: Sequence[int]) -> _Outcome:
    """One conversation for all of them, and one statement for each that the server takes."""
    outcome, sender = _Outcome(), _Sender()
    deadline = time.monotonic() + SECONDS_PER_SWEEP
    try:
        sender.conversation.open()
        for mail in _still_due(mail_ids):
            if time.monotonic() > deadline:
                outcome.is_late = True
                break
            sender.conversation.open()  # closed after a failed mail
            sender.send(mail)
    except OutageError as error:
        _note_outage(mail_ids, error)
        outcome.is_outage = True
    finally:
        sender.finish()
    outcome.sent = sender.sent
    return outcome


def _still_due(mail_ids: Sequence[int]) -> Iterator[OutgoingMail]:
    """The mails in this order, read a few at a time: not those that other senders took meanwhile."""
    for part in in_batches(mail_ids, MAILS_PER_READ):
        found = due_mails(now=timezone.now()).in_bulk(part)
        yield from (found[pk] for pk in part if pk in found)


class _Sender:
    """Claims and sends mails one after the other."""

    def __init__(self) -> None:
        self.conversation = Conversation()
        self.sent = 0
        self._unmarked: OutgoingMail | None = None  # the last one that was sent: the next claim marks it
        self._unclaimed: list[int] = []

    def send(self, mail: OutgoingMail) -> None:
        """Whatever becomes of it, the next one can be sent."""
        is_claimed = claim(mail, now=timezone.now(), after=self._unmarked)
        self._unmarked = None
        if not is_claimed:
            self._unclaimed.append(mail.pk)
            return
        try:
            self.conversation.send(build_message(mail))
        except Exception as error:  # noqa: BLE001  (an error of one mail must not delay the others)
            _settle_failure(mail, error)
            self.conversation.close()
        else:
            self._unmarked = mail
            self.sent += 1
            logger.info("mail sent", extra={"mail_id": mail.pk, "template": mail.template, "tries": mail.tries})

    def finish(self) -> None:
        """Marks the last one before the server is asked to end the conversation: it may be slow."""
        try:
            if self._unmarked:
                mark_sent(self._unmarked)
            if self._unclaimed:
                settle_unclaimed(self._unclaimed, now=timezone.now())
        finally:
            self.conversation.close()


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


def _note_outage(mail_ids: Sequence[int], outage: OutageError) -> None:
    """Leaves the mails due; the next sweep is within a minute, however long the outage lasted."""
    reason = describe(outage.__cause__ or outage)
    waiting = due_mails(now=timezone.now()).filter(pk__in=mail_ids, state=State.QUEUED)
    waiting.exclude(last_error=reason).update(last_error=reason)
    logger.warning("mail server unavailable", extra={"waiting": len(mail_ids), "reason": reason})


def pause_after(tries: int) -> datetime.timedelta:
    """1, 2, 4, 8 … minutes, 6 hours at most."""
    doublings = min(max(0, tries - 1), 16)
    return min(MIN_PAUSE * (1 << doublings), MAX_PAUSE)


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
