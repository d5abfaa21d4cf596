"""The state of mails sent to users, for the staff of an academy (rules U7, N4)."""

import dataclasses
import datetime
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from breathecode.authenticate.models import Invitation, User
from breathecode.notify.models import OutgoingMail

State = OutgoingMail.State
COLUMNS = ("state", "last_error", "created_at")


@dataclasses.dataclass(frozen=True, slots=True)
class MailState:
    """`state` is QUEUED, SENT or FAILED; `reason` is the mail server's last complaint, None where it had none."""

    state: str
    at: datetime.datetime
    reason: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class MailsOfUser:
    invitation: MailState | None = None  # the newest one of this academy
    failed_mail: MailState | None = None  # the newest mail of any kind that failed for good, at this address


def mails_of(users: Iterable[User], *, academy_id: int) -> dict[int, MailsOfUser]:
    """By user id, in two statements."""
    by_id = {user.pk: user for user in users}
    if not by_id:
        return {}
    invitations = Invitation.objects.filter(academy_id=academy_id, user__in=by_id, mail__isnull=False)
    invited = {
        row.user_id: _state(row.mail)
        for row in invitations.select_related("mail").only("user_id", *(f"mail__{name}" for name in COLUMNS))
    }
    failed = failed_mails_to(*(user.email for user in by_id.values()))
    newest = {mail.to: _state(mail) for mail in failed.only("to", *COLUMNS).order_by("created_at", "pk")}
    return {pk: MailsOfUser(invited.get(pk), newest.get(user.email)) for pk, user in by_id.items()}


def failed_mails_to(*addresses: Any) -> QuerySet[OutgoingMail]:
    """Mails of any kind that failed for good; an address may be an expression of an outer query."""
    return OutgoingMail.objects.filter(state=State.FAILED, to__in=addresses)


def _state(mail: OutgoingMail | None) -> MailState | None:
    if mail is None:
        return None
    state = State.QUEUED if mail.state == State.SENDING else State(mail.state)
    return MailState(state=state.value, at=mail.created_at, reason=_(mail.last_error) if mail.last_error else None)
