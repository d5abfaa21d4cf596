"""Choosing a password: by a link that was mailed, or signed in (rules U2, U4)."""

import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from breathecode.authenticate.errors import LinkExpired, LinkNotValid
from breathecode.authenticate.models import Token, User
from breathecode.common.errors import ValidationFailed
from breathecode.common.models import lock

LINKS = (Token.Purpose.INVITATION, Token.Purpose.PASSWORD_RESET)


def find_link(*, key_hash: str, now: datetime.datetime) -> Token:
    """The token of a mailed link, with its user. Raises `link-not-valid`, `link-expired`."""
    tokens = Token.objects.select_related("user").filter(purpose__in=LINKS, user__is_active=True)
    token = tokens.filter(key_hash=key_hash).first()
    if token is None or not token.is_current:
        raise LinkNotValid
    if token.expires_at is None or token.expires_at <= now:
        raise LinkExpired
    return token


@transaction.atomic
def choose_password(*, key_hash: str, password: str, now: datetime.datetime) -> User:
    """Uses the link, and ends every other token of the user. Raises `link-not-valid`, `link-expired`.

    The caller has validated the password for this user.
    """
    # Two requests with links of one user at once: the second waits here and finds its link ended.
    lock(User, find_link(key_hash=key_hash, now=now).user_id)
    user = find_link(key_hash=key_hash, now=now).user
    _save_password(user, password)
    user.tokens.all().delete()
    return user


def change_password(*, user: User, current_password: str, new_password: str, token: Token | None) -> None:
    """Ends every sign-in but `token`, the one that asks. Raises `validation-error` on either field.

    Of two changes at once that name the same current password, one is refused.
    """
    if not user.check_password(current_password):
        raise _wrong_password()
    try:
        validate_password(new_password, user)
    except ValidationError as error:
        raise ValidationFailed({"new_password": error.messages}) from error
    known = user.access_fingerprint()
    with transaction.atomic():
        lock(User, user.pk)
        if User.objects.get(pk=user.pk).access_fingerprint() != known:
            raise _wrong_password()
        _save_password(user, new_password)
        if token is not None:
            # Their own, who have just proved who they are; one that was revoked meanwhile does not come back.
            user.tokens.filter(pk=token.pk).update(fingerprint=user.access_fingerprint())
        user.tokens.exclude(fingerprint=user.access_fingerprint()).delete()


def _wrong_password() -> ValidationFailed:
    return ValidationFailed({"current_password": [_("The current password is incorrect.")]})


def _save_password(user: User, password: str) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])
