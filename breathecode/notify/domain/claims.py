"""Who sends a mail, and what became of it: the states of the outbox, as compare-and-set.

A mail is claimed by a statement that commits before the mail server is spoken to, so no two senders hold one mail at a
time. A sender that is killed leaves its claim behind; after `CLAIM_TIMEOUT` the mail is due again.
"""

import datetime
from collections.abc import Collection
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from breathecode.notify.models import ADDRESS_CHANGED, NOT_ACTIVE, OutgoingMail

State = OutgoingMail.State

CLAIM_TIMEOUT = datetime.timedelta(minutes=10)  # far above all time-outs (EMAIL_TIMEOUT) of one conversation
MAX_ATTEMPTS = 12  # with the pauses between them: some 20 hours


def due_mails(*, now: datetime.datetime) -> QuerySet[OutgoingMail]:
    """Mails to send now: queued ones whose next try has come, and claimed ones whose claim has expired."""
    return OutgoingMail.objects.filter(state__in=OutgoingMail.WAITING, next_try_at__lte=now)


# Compiled by Django, it would cost several times what sending the mail does. Conditions of the row itself, without a
# join: PostgreSQL looks at them again where it had to wait for the row.
_CLAIM = f"""
    UPDATE notify_outgoingmail SET
        state = CASE WHEN id = %(sent)s THEN '{State.SENT}' ELSE '{State.SENDING}' END,
        sent_at = CASE WHEN id = %(sent)s THEN %(now)s ELSE sent_at END,
        last_error = CASE WHEN id = %(sent)s THEN '' ELSE last_error END,
        text = CASE WHEN id = %(sent)s THEN '' ELSE text END,
        html = CASE WHEN id = %(sent)s THEN '' ELSE html END,
        attachments = CASE WHEN id = %(sent)s THEN '[]' ELSE attachments END,
        tries = CASE WHEN id = %(sent)s THEN tries ELSE tries + 1 END,
        claimed_at = CASE WHEN id = %(sent)s THEN claimed_at ELSE %(now)s END,
        next_try_at = CASE WHEN id = %(sent)s THEN next_try_at ELSE %(expires)s END
    WHERE (id = %(sent)s AND state <> '{State.SENT}')
        OR (
            id = %(mail)s AND state IN ('{State.QUEUED}', '{State.SENDING}') AND next_try_at <= %(now)s
            AND tries = %(tries)s AND tries < {MAX_ATTEMPTS}
            AND (
                user_id IS NULL
                OR EXISTS (
                    SELECT 1 FROM authenticate_user
                    WHERE authenticate_user.id = user_id AND email = notify_outgoingmail."to" AND is_active
                )
            )
        )
    RETURNING id
"""  # noqa: S608  (of constants alone)


def claim(mail: OutgoingMail, *, now: datetime.datetime, after: OutgoingMail | None = None) -> bool:
    """Takes the mail for sending, and marks `after`, which was sent before it, as sent: one statement for both.

    False where another sender has it or had it since it was read, where it has had its tries, or where its user is no
    longer active or has another address (`settle_unclaimed`); `after` is marked all the same.
    """
    # A new address locks the waiting mails to the old one: two of them in one statement could end in a deadlock.
    if after and after.to == mail.to:
        mark_sent(after)
        after = None
    adapted = connection.ops.adapt_datetimefield_value
    values = {"mail": mail.pk, "tries": mail.tries, "now": adapted(now), "expires": adapted(now + CLAIM_TIMEOUT)}
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {**values, "sent": after.pk if after else None})
        is_claimed = (mail.pk,) in cursor.fetchall()
    mail.tries += is_claimed
    return is_claimed


def mark_sent(mail: OutgoingMail) -> None:
    """Regardless of who holds the claim now: the mail is sent and must not be sent again."""
    OutgoingMail.objects.filter(pk=mail.pk).exclude(state=State.SENT).update(
        state=State.SENT, sent_at=timezone.now(), last_error="", text="", html="", attachments=[]
    )


def _is_to_its_user(**conditions: Any) -> Q:
    """Whether `to` is the address of the mail's user, for whom `conditions` hold; also where it is for no user."""
    users = get_user_model()._default_manager.filter(pk=OuterRef("user_id"), email=OuterRef("to"), **conditions)
    return Q(user=None) | Q(Exists(users))


def settle_unclaimed(mail_ids: Collection[int], *, now: datetime.datetime) -> None:
    """Settles mails that `claim` refused and no other sender holds: withdrawn, or failed. Three statements."""
    due = due_mails(now=now).filter(pk__in=mail_ids)
    _withdraw(due)
    # The process of the last attempt died: a mail that kills its senders must not be tried endlessly.
    due.filter(tries__gte=MAX_ATTEMPTS).update(
        state=State.FAILED, last_error="The worker stopped during the last attempt."
    )


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
