"""Who sends a mail, and what became of it: the states of the outbox, as compare-and-set.

A mail is claimed by a statement that commits before the mail server is spoken to, so no two senders hold one mail at a
time. A sender that is killed leaves its claim behind; after `CLAIM_TIMEOUT` the mail is due again.
"""

import datetime
from collections.abc import Collection
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from breathecode.common.db.returning import update_returning_ids
from breathecode.notify.models import ADDRESS_CHANGED, NOT_ACTIVE, OutgoingMail

State = OutgoingMail.State

CLAIM_TIMEOUT = datetime.timedelta(minutes=10)  # far above all time-outs (EMAIL_TIMEOUT) of one conversation
MAX_ATTEMPTS = 12  # with the pauses between them: some 20 hours


def due_mails(*, now: datetime.datetime) -> QuerySet[OutgoingMail]:
    """Mails to send now: queued ones whose next try has come, and claimed ones whose claim has expired."""
    return OutgoingMail.objects.filter(state__in=OutgoingMail.WAITING, next_try_at__lte=now)


def claim(mail: OutgoingMail, *, now: datetime.datetime, after: OutgoingMail | None = None) -> bool:
    """Takes the mail for sending, and marks `after`, which was sent before it, as sent: one statement for both.

    False where another sender has it or had it since it was read, where it has had its tries, or where its user is no
    longer active or has another address (`withdraw`); `after` is marked all the same.
    """
    # A new address locks the waiting mails to the old one: two of them in one statement could end in a deadlock.
    if after and after.to == mail.to:
        mark_sent(after)
        after = None
    # Conditions of the row itself, without a join: PostgreSQL looks at them again where it had to wait for the row.
    due = Q(pk=mail.pk, state__in=OutgoingMail.WAITING, next_try_at__lte=now, tries=mail.tries)
    due &= Q(tries__lt=MAX_ATTEMPTS) & _is_to_its_user(is_active=True)
    claimed = {"state": State.SENDING, "tries": F("tries") + 1, "claimed_at": now, "next_try_at": now + CLAIM_TIMEOUT}
    if after is None:
        taken = OutgoingMail.objects.filter(due).update(**claimed) > 0
    else:
        rows = OutgoingMail.objects.filter(due | _unmarked(after))
        taken = mail.pk in update_returning_ids(rows, **_either(after, _sent(now), claimed))
    mail.tries += taken
    return taken


def mark_sent(mail: OutgoingMail) -> None:
    """Regardless of who holds the claim now: the mail is sent and must not be sent again."""
    OutgoingMail.objects.filter(_unmarked(mail)).update(**_sent(timezone.now()))


def _unmarked(mail: OutgoingMail) -> Q:
    return Q(pk=mail.pk) & ~Q(state=State.SENT)


def _sent(now: datetime.datetime) -> dict[str, Any]:
    return {"state": State.SENT, "sent_at": now, "last_error": "", "text": "", "html": "", "attachments": []}


def _either(first: OutgoingMail, values: dict[str, Any], others: dict[str, Any]) -> dict[str, Case]:
    """`values` for the row of `first`, and `others` for every other row; fields not named stay as they are."""
    fields = {name: OutgoingMail._meta.get_field(name) for name in values | others}
    return {
        name: Case(
            When(pk=first.pk, then=_expression(values.get(name, F(name)), field)),
            default=_expression(others.get(name, F(name)), field),
            output_field=field,
        )
        for name, field in fields.items()
    }


def _expression(value: Any, field: Any) -> Any:
    return value if hasattr(value, "resolve_expression") else Value(value, output_field=field)


def _is_to_its_user(**conditions: Any) -> Q:
    """Whether `to` is the address of the mail's user, for whom `conditions` hold; also where it is for no user."""
    users = get_user_model()._default_manager.filter(pk=OuterRef("user_id"), email=OuterRef("to"), **conditions)
    return Q(user=None) | Q(Exists(users))


def settle_unclaimed(mail_ids: Collection[int], *, now: datetime.datetime) -> None:
    """What is to become of mails that `claim` did not take and nobody else has: in three statements."""
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
