"""Inviting people by e-mail to choose their password (rule U4)."""

import datetime
import secrets
from collections.abc import Iterable, Mapping, Sequence

from django.conf import settings
from django.utils import timezone

from breathecode.authenticate.domain.tokens import new_token
from breathecode.authenticate.models import Academy, Invitation, Token, User
from breathecode.common.languages import supported_language
from breathecode.notify.domain.outbox import Mail, purposes_with_mail, queue_mails


def can_be_invited(user: User) -> bool:
    """Who has no password yet, and is not locked out."""
    return user.is_active and not user.has_usable_password()


def people_to_invite(users: Iterable[User], *, academy: Academy) -> list[User]:
    """Those who cannot sign in yet and have had no mail from this academy today.

    A repeated request or file sends nothing twice; who lost the mail is invited again tomorrow, or asks for a
    password on their own.
    """
    by_purpose = {_purpose(user, academy): user for user in users if can_be_invited(user)}
    invited = purposes_with_mail(by_purpose)
    return [user for purpose, user in by_purpose.items() if purpose not in invited]


def invite(users: Sequence[User], *, academy: Academy, language: str = "") -> list[User]:
    """Queues an invitation for each of `people_to_invite`, in the caller's transaction; answers whom.

    All of `users` count as invited by the academy from then on (rule U6), whether or not they need a mail.

    `language`, the cohort's, is for people who have chosen none; without one, it is the academy's (rule V5).
    The number of statements does not grow with the people.
    """
    invited = people_to_invite(users, academy=academy)
    Invitation.objects.bulk_create([Invitation(academy=academy, user=user) for user in users], ignore_conflicts=True)
    keys = _issue_keys(invited)
    queue_mails([_mail(user, keys[user.pk], academy=academy, language=language) for user in invited])
    return invited


def _purpose(user: User, academy: Academy) -> str:
    return f"invitation:{academy.pk}:{user.pk}:{timezone.now():%Y-%m-%d}"


def _issue_keys(users: Sequence[User]) -> Mapping[int, str]:
    """A key for each person. Earlier invitations stay valid: their mail may be the one that arrives."""
    keys = {user.pk: secrets.token_hex(20) for user in users}
    expires_at = timezone.now() + datetime.timedelta(hours=settings.INVITATION_LIFETIME_HOURS)
    purpose = Token.Purpose.INVITATION
    Token.objects.bulk_create(
        [new_token(user=user, purpose=purpose, key=keys[user.pk], expires_at=expires_at) for user in users]
    )
    return keys


def _mail(user: User, key: str, *, academy: Academy, language: str) -> Mail:
    return Mail(
        purpose=_purpose(user, academy),
        to=user.email,
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
