"""Choosing a password: by a link that was mailed, or signed in (rules U2, U4)."""

import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from breathecode.authenticate.errors import LinkExpired, LinkNotValid
from breathecode.authenticate.models import Token, User
from breathecode.common.errors import ValidationFailed

LINKS = (Token.Purpose.INVITATION, Token.Purpose.PASSWORD_RESET)


def find_link(*, key_hash: str, now: datetime.datetime) -> Token:
    """The token behind a mailed link, with its person. Raises `link-not-valid`, `link-expired`."""
    tokens = Token.objects.select_related("user").filter(purpose__in=LINKS, user__is_active=True)
    token = tokens.filter(key_hash=key_hash).first()
    if token is None:
        raise LinkNotValid
    if token.expires_at is None or token.expires_at <= now:
        raise LinkExpired
    return token


@transaction.atomic
def choose_password(*, key_hash: str, password: str, now: datetime.datetime) -> User:
    """Uses up the link, and with it every other token of the person. Raises `link-not-valid`, `link-expired`.

    The caller has validated the password for this person.
    """
    # Whoever opens one link twice at once: the second waits for the row, and finds it gone.
    Token.objects.select_for_update().filter(key_hash=key_hash).first()
    user = find_link(key_hash=key_hash, now=now).user
    _save_password(user, password)
    return user


@transaction.atomic
def change_password(*, user: User, current_password: str, new_password: str, token: Token) -> None:
    """Ends every sign-in but the one that asks. Raises `validation-error` on either field."""
    if not user.check_password(current_password):
        raise ValidationFailed({"current_password": [_("This is not your password.")]})
    try:
        validate_password(new_password, user)
    except ValidationError as error:
        raise ValidationFailed({"new_password": error.messages}) from error
    _save_password(user, new_password)
    # Saving a password deletes all tokens (rule U2); this one is the caller's own, who has just proved who they are.
    Token.objects.bulk_create([token])


def _save_password(user: User, password: str) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])
