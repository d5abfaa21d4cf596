"""Making, finding and revoking tokens (rule U2)."""

import datetime
import secrets

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from breathecode.authenticate.models import Token, User
from breathecode.common.db.pending_checks import Scope, Task, scopes, settle
from breathecode.common.models import lock

TOKENS_PER_BATCH = 1000


def issue_token(
    *, user: User, purpose: Token.Purpose, lifetime: datetime.timedelta | None, user_agent: str = ""
) -> tuple[str, Token]:
    """A new token and its key, which is not stored: only its hash is.

    `user` as it was when they were authenticated: what has ended their access since ends this token too.
    """
    key = secrets.token_hex(20)
    token = new_token(user=user, purpose=purpose, key=key, expires_at=timezone.now() + lifetime if lifetime else None)
    token.user_agent = user_agent
    token.save()
    return key, token


def new_token(*, user: User, purpose: Token.Purpose, key: str, expires_at: datetime.datetime | None) -> Token:
    """A token that is not saved yet."""
    return Token(
        user=user,
        purpose=purpose,
        key_hash=Token.digest(key),
        fingerprint=user.access_fingerprint(),
        expires_at=expires_at,
    )


def sign_in(*, user: User, user_agent: str = "") -> tuple[str, Token]:
    """`user_agent` is stored with the token, to tell a user's sign-ins apart (rule U1)."""
    lifetime = datetime.timedelta(hours=settings.TOKEN_LIFETIME_HOURS)
    return issue_token(user=user, purpose=Token.Purpose.SIGN_IN, lifetime=lifetime, user_agent=user_agent)


def delete_expired_tokens() -> int:
    """Deletes tokens that expired over 30 days ago (until then they answer `expired-token`), and worthless ones.

    `TOKENS_PER_BATCH` at a time. Returns how many.
    """
    expired = Token.objects.filter(expires_at__lt=timezone.now() - datetime.timedelta(days=30)).order_by("expires_at")
    deleted = 0
    while ids := list(expired.values_list("pk", flat=True)[:TOKENS_PER_BATCH]):
        deleted += Token.objects.filter(pk__in=ids).delete()[0]
    return deleted + sum(map(_delete_worthless, scopes(Task.TOKENS)))


def _delete_worthless(users: Scope) -> int:
    """Of users whose password, address or lock has changed; a token that was issued too late for that expires."""
    tokens = Token.objects.filter(**users.within()).select_related("user")
    worthless = [token.pk for token in tokens if not token.is_current]
    deleted: int = Token.objects.filter(pk__in=worthless).delete()[0]
    settle(users)
    return deleted


def renew_calendar_token(*, user: User) -> str:
    """The key of a new calendar token; the one before stops working (rule I2)."""
    lifetime = datetime.timedelta(days=settings.CALENDAR_TOKEN_LIFETIME_DAYS)
    with transaction.atomic():
        # Without the lock, two requests at once would each revoke the old one and leave two new ones behind.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        user.tokens.filter(purpose=Token.Purpose.CALENDAR).delete()
        return issue_token(user=user, purpose=Token.Purpose.CALENDAR, lifetime=lifetime)[0]


def calendar_token_of(user: User, *, now: datetime.datetime) -> Token | None:
    """The user's calendar token, if they have one that still works."""
    tokens = user.tokens.filter(purpose=Token.Purpose.CALENDAR, fingerprint=user.access_fingerprint())
    return tokens.exclude(expires_at__lte=now).first()


@transaction.atomic
def revoke_all_tokens() -> dict[str, int]:
    """Ends everything that signs anybody in, after a leak: tokens of every purpose and sessions. The number of each."""
    return {"tokens": Token.objects.all().delete()[0], "sessions": Session.objects.all().delete()[0]}


@transaction.atomic
def sign_out_everywhere(user: User) -> None:
    """Ends every session and every token of the user but the calendar's, which no person signs in with (rule V6)."""
    lock(User, user.pk)
    found = User.objects.get(pk=user.pk)
    calendar = list(found.tokens.filter(purpose=Token.Purpose.CALENDAR, fingerprint=found.access_fingerprint()))
    found.access_version += 1
    User.objects.filter(pk=found.pk).update(access_version=found.access_version)
    Token.objects.filter(pk__in=[token.pk for token in calendar]).update(fingerprint=found.access_fingerprint())
    found.tokens.exclude(purpose=Token.Purpose.CALENDAR).delete()
