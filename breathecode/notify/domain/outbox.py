"""Putting mails into the outbox: rendered at once, stored in the caller's transaction, sent after it commits."""

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from breathecode.common.i18n.languages import supported_language
from breathecode.notify.domain.rendering import render_mail
from breathecode.notify.models import OutgoingMail
from breathecode.notify.tasks import queue_delivery

MAILS_PER_STATEMENT = 500  # each row holds two rendered bodies


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What the outbox needs to know about a mail.

    `purpose` names what the mail is for: there is never a second one for it. `template` names the pair
    `mail/<template>.txt` and `.html`. `user_id` is the user it is for, if there is one: it is sent only while the user
    is active and `to` is the user's address. `from_name` is shown with our address (an academy's name), `reply_to` is
    where answers go. An attachment is a text with `type`, `content` and `name`; one without a name is another form of
    the mail itself (`multipart/alternative`), which is how RFC 6047 sends an invitation.
    """

    purpose: str
    to: str
    template: str
    language: str
    context: Mapping[str, Any]
    user_id: int | None = None
    from_name: str = ""
    reply_to: str = ""
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    attachments: Sequence[Mapping[str, str]] = ()


def queue_mail(**fields: Any) -> int:
    """Queues one mail (fields as in `Mail`) and returns its id, or that of the earlier mail with the same purpose."""
    queue_mails([Mail(**fields)])
    return OutgoingMail.objects.values_list("pk", flat=True).get(purpose=fields["purpose"])


def queue_mails(mails: Sequence[Mail]) -> None:
    """Queues mails in as few statements as their size allows; a mail whose purpose exists already is not stored."""
    store_mails(mails)
    waiting = OutgoingMail.objects.filter(purpose__in=[mail.purpose for mail in mails], state=OutgoingMail.State.QUEUED)
    queue_delivery(list(waiting.values_list("pk", flat=True)))


def store_mails(mails: Sequence[Mail]) -> None:
    """As `queue_mails`, without queueing the delivery: the next sweep finds them."""
    now = timezone.now()
    # Two callers with one purpose: the second waits for the first to commit, and then inserts nothing.
    OutgoingMail.objects.bulk_create(
        [_rendered(mail, now=now) for mail in mails], ignore_conflicts=True, batch_size=MAILS_PER_STATEMENT
    )


def _rendered(mail: Mail, *, now: datetime.datetime) -> OutgoingMail:
    body = render_mail(template=mail.template, language=mail.language, context=mail.context)
    return OutgoingMail(
        purpose=mail.purpose,
        to=mail.to,
        user_id=mail.user_id,
        template=mail.template,
        language=supported_language(mail.language),
        subject=body.subject,
        text=body.text,
        html=body.html,
        from_name=mail.from_name,
        reply_to=mail.reply_to,
        headers=dict(mail.headers),
        attachments=[dict(attachment) for attachment in mail.attachments],
        next_try_at=now,
        created_at=now,
    )
