"""How often a wrong password may be tried, per account and per address (rule U2)."""

from django.conf import settings

from breathecode.authenticate.domain.limits import Limit
from breathecode.authenticate.errors import TooManySignIns
from breathecode.common.text import normalize_email


def _limit() -> Limit:
    return Limit("sign-in", settings.LOGIN_FAILURE_WINDOW_SECONDS)


def _limits_of(email: str, address: str) -> dict[str, int]:
    limits = {f"account:{normalize_email(email)}": settings.LOGIN_FAILURES_PER_ACCOUNT}
    if address:
        limits[f"address:{address}"] = settings.LOGIN_FAILURES_PER_ADDRESS
    return limits


def count_attempt(*, email: str, address: str) -> None:
    """Counts an attempt as a failure before its password is checked, so that parallel attempts cannot exceed the limit.

    Raises `too-many-sign-ins` with the seconds to wait, and counts nothing then. `forget_attempt` where it was right.
    """
    limit, limits = _limit(), _limits_of(email, address)
    if wait := limit.seconds_to_wait(limits):
        raise TooManySignIns(wait=wait)
    if not limit.count(limits):
        limit.uncount(limits)
        raise TooManySignIns(wait=limit.seconds_left())


def forget_attempt(*, email: str, address: str) -> None:
    """Takes back what `count_attempt` counted: the password was right."""
    _limit().uncount(_limits_of(email, address))
