"""Asking for a new password by e-mail (rule U4)."""

import datetime

from django.conf import settings

from breathecode.authenticate.domain.limits import Limit
from breathecode.authenticate.domain.tokens import issue_token
from breathecode.authenticate.errors import TooManyResets
from breathecode.authenticate.models import Token, User
from breathecode.common.i18n.languages import supported_language
from breathecode.common.text import normalize_email
from breathecode.notify.domain.outbox import queue_mail

HOUR = 3600  # seconds


def count_request(*, email: str, address: str) -> None:
    """Raises `too-many-password-resets`, for known and unknown accounts alike."""
    limit = Limit("password-reset", HOUR)
    limits = {f"account:{normalize_email(email)}": settings.PASSWORD_RESETS_PER_ACCOUNT}
    if address:
        limits[f"address:{address}"] = settings.PASSWORD_RESETS_PER_ADDRESS
    # What is refused is not counted; of requests at once, those beyond the limit are.
    if wait := limit.seconds_to_wait(limits):
        raise TooManyResets(wait=wait)
    if not limit.count(limits):
        raise TooManyResets(wait=limit.seconds_left())


def send_reset_link(*, email: str, language: str = "") -> bool:
    """Mails a link to the user of this account; False if there is none, which callers must not reveal.

    A user who was invited and has no password yet gets one too: it proves the same as an invitation's link.
    The mail is in the user's language, else in `language`, which the request asked for, else in their academy's (V5).
    """
    user = User.objects.filter(email=normalize_email(email), is_active=True).first()
    if user is None:
        return False
    hours: int = settings.PASSWORD_RESET_LIFETIME_HOURS
    key, token = issue_token(user=user, purpose=Token.Purpose.PASSWORD_RESET, lifetime=datetime.timedelta(hours=hours))
    queue_mail(
        purpose=f"password-reset:{user.pk}:{token.pk}",
        to=user.email,
        user_id=user.pk,
        template="password_reset",
        language=supported_language(user.language, language, _academy_language(user)),
        context={
            "name": user.first_name,
            "email": user.email,
            "link": f"{settings.PUBLIC_URL}/password/reset/{key}",
            "hours": hours,
        },
    )
    return True


def _academy_language(user: User) -> str | None:
    return user.memberships.order_by("pk").values_list("academy__language", flat=True).first()
