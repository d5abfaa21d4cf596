"""Invitations by e-mail to choose a password (rule U4)."""

import datetime
import math
import secrets
from collections.abc import Iterable, Mapping, Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import CharField, F, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from breathecode.authenticate.domain.tokens import new_token
from breathecode.authenticate.errors import InvitationNotNeeded, InvitationTooSoon
from breathecode.authenticate.models import Academy, Invitation, Token, User
from breathecode.common.db.insert_select import insert_selected
from breathecode.common.i18n.languages import supported_language
from breathecode.notify.domain.outbox import Mail, queue_mails
from breathecode.notify.models import OutgoingMail

AGAIN_AFTER = datetime.timedelta(minutes=10)
# The same file uploaded twice is more likely an accident than a wish to send all invitations again.
FILE_AGAIN_AFTER = datetime.timedelta(days=1)


def can_be_invited(user: User) -> bool:
    """Who has no password yet, and is not locked out."""
    return user.is_active and not user.has_usable_password()


def users_to_invite(
    users: Iterable[User], *, academy: Academy, again_after: datetime.timedelta = AGAIN_AFTER
) -> list[User]:
    """Those who cannot sign in yet and whom this academy has sent no invitation within `again_after`."""
    candidates = [user for user in users if can_be_invited(user)]
    recent = Invitation.objects.filter(
        academy=academy, user__in=candidates, mailed_at__gt=timezone.now() - again_after
    ).values_list("user_id", flat=True)
    ids = set(recent) if candidates else set()
    return [user for user in candidates if user.pk not in ids]


@transaction.atomic
def invite(
    users: Sequence[User],
    *,
    academy: Academy,
    language: str = "",
    again_after: datetime.timedelta = AGAIN_AFTER,
    as_student: bool = False,
) -> list[User]:
    """Queues an invitation for each of `users_to_invite`; returns the users invited.

    All of `users` count as invited by the academy from then on (rule U6), whether or not they need a mail. Of two
    concurrent callers, the second finds the mail of the first. `language` is for users without a language of their
    own. The number of statements does not grow with the users.
    """
    _record(users, academy=academy, as_student=as_student)
    invited = users_to_invite(users, academy=academy, again_after=again_after)
    now = timezone.now()
    keys = _issue_keys(invited)
    queue_mails([_mail(user, keys[user.pk], academy=academy, language=language, now=now) for user in invited])
    _remember_mails(invited, academy=academy, now=now)
    return invited


def invite_again(user: User, *, academy: Academy, language: str = "") -> None:
    """Sends the invitation again on request (rule U7).

    Raises `invitation-not-needed`, and `invitation-too-soon` with the seconds to wait.
    """
    if not can_be_invited(user):
        raise InvitationNotNeeded
    if not invite([user], academy=academy, language=language):
        mailed_at = Invitation.objects.values_list("mailed_at", flat=True).get(academy=academy, user=user)
        rest = (mailed_at or timezone.now()) + AGAIN_AFTER - timezone.now()
        raise InvitationTooSoon(wait=max(1, math.ceil(rest.total_seconds())))


def _record(users: Sequence[User], *, academy: Academy, as_student: bool) -> None:
    """Makes the rows that are missing, and locks all of them in the order of their users."""
    invited = User.objects.filter(pk__in=[user.pk for user in users]).order_by("pk")
    insert_selected(Invitation, invited, academy_id=academy.pk, user_id=F("pk"), as_student=as_student)
    rows = Invitation.objects.filter(academy=academy, user__in=users)
    list(rows.select_for_update(no_key=True, of=("self",)).order_by("user_id").values_list("pk"))
    if as_student:
        rows.filter(as_student=False).update(as_student=True)


def _remember_mails(users: Sequence[User], *, academy: Academy, now: datetime.datetime) -> None:
    if not users:
        return
    start, end = _purpose("/", academy, now).split("/")
    purpose = Concat(Value(start), Cast(OuterRef("user_id"), CharField()), Value(end))
    mail = OutgoingMail.objects.filter(purpose=purpose).values("pk")[:1]
    Invitation.objects.filter(academy=academy, user__in=users).update(mail=Subquery(mail), mailed_at=now)


def _purpose(user_id: int | str, academy: Academy, now: datetime.datetime) -> str:
    return f"invitation:{academy.pk}:{user_id}:{now.isoformat()}"


def _issue_keys(users: Sequence[User]) -> Mapping[int, str]:
    """A key for each user. Earlier invitations stay valid: theirs may be the mail that arrives."""
    keys = {user.pk: secrets.token_hex(20) for user in users}
    expires_at = timezone.now() + datetime.timedelta(hours=settings.INVITATION_LIFETIME_HOURS)
    purpose = Token.Purpose.INVITATION
    Token.objects.bulk_create(
        [new_token(user=user, purpose=purpose, key=keys[user.pk], expires_at=expires_at) for user in users]
    )
    return keys


def _mail(user: User, key: str, *, academy: Academy, language: str, now: datetime.datetime) -> Mail:
    return Mail(
        purpose=_purpose(user.pk, academy, now),
        to=user.email,
        user_id=user.pk,
        template="invitation",
        language=supported_language(user.language, language, academy.language),
        from_name=academy.name,
        reply_to=academy.feedback_email,
        context={
            "name": user.first_name,
            "academy": academy.name,
            "link": f"{settings.PUBLIC_URL}/invite/{key}",
            "reset_url": f"{settings.PUBLIC_URL}/password/reset",
            "days": max(1, settings.INVITATION_LIFETIME_HOURS // 24),
        },
    )
