"""How often a wrong password may be tried, per account and per address (rule U2)."""

from django.conf import settings

from breathecode.authenticate.domain.limits import Limit
from breathecode.authenticate.errors import TooManySignIns
from breathecode.common.text import normalize_email


def _limit() -> Limit:
    return Limit("sign-in", settings.LOGIN_FAILURE_WINDOW_SECONDS)


def _most(email: str, address: str) -> dict[str, int]:
    most = {f"account:{normalize_email(email)}": settings.LOGIN_FAILURES_PER_ACCOUNT}
    if address:
        most[f"address:{address}"] = settings.LOGIN_FAILURES_PER_ADDRESS
    return most


def count_attempt(*, email: str, address: str) -> None:
    """Counts an attempt as a failure, before its password is checked: many at once are no more than many in turn.

    Raises `too-many-sign-ins` with the seconds to wait, and counts nothing then. `forget_attempt` where it was right.
    """
    limit, most = _limit(), _most(email, address)
    if wait := limit.seconds_to_wait(most):
        raise TooManySignIns(wait=wait)
    if not limit.count(most):
        limit.uncount(most)
        raise TooManySignIns(wait=limit.seconds_left())


def forget_attempt(*, email: str, address: str) -> None:
    """Takes back what `count_attempt` counted: the password was right."""
    _limit().uncount(_most(email, address))
