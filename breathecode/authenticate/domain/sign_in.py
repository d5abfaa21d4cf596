"""Signing in with a password, and how often a wrong one may be tried (rules U1, U2).

API, pages and admin all count their attempts here.
"""

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest

from breathecode.authenticate.domain.client_address import client_address
from breathecode.authenticate.domain.limits import Limit
from breathecode.authenticate.errors import InvalidCredentials, TooManySignIns
from breathecode.authenticate.models import User
from breathecode.common.text import normalize_email


def verify_credentials(request: HttpRequest, *, email: str, password: str) -> User:
    """Raises `too-many-sign-ins` or, for any wrong e-mail or password, `invalid-credentials`."""
    address = client_address(request)
    count_attempt(email=email, address=address)
    # Django hashes the password for an unknown address too, so both take the same time.
    user = authenticate(request, username=email, password=password)
    if not isinstance(user, User):
        raise InvalidCredentials
    forget_attempt(email=email, address=address)
    return user


def _limit() -> Limit:
    return Limit("sign-in", settings.LOGIN_FAILURE_WINDOW_SECONDS)


def _limits_of(email: str, address: str) -> dict[str, int]:
    limits = {f"account:{normalize_email(email)}": settings.LOGIN_FAILURES_PER_ACCOUNT}
    if address:
        limits[f"address:{address}"] = settings.LOGIN_FAILURES_PER_ADDRESS
    return limits


def count_attempt(*, email: str, address: str) -> None:
    """Counts an attempt as a failure before its password is checked, so that parallel attempts cannot exceed the limit.

    Raises `too-many-sign-ins` with the seconds to wait, without counting.
    After a right password, call `forget_attempt`.
    """
    limit, limits = _limit(), _limits_of(email, address)
    if wait := limit.seconds_to_wait(limits):
        raise TooManySignIns(wait=wait)
    if not limit.count(limits):
        limit.uncount(limits)
        raise TooManySignIns(wait=limit.seconds_left())


def forget_attempt(*, email: str, address: str) -> None:
    """Reverts `count_attempt` after a right password."""
    _limit().uncount(_limits_of(email, address))
