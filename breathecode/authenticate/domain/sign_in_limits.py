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


def refuse_if_too_many(*, email: str, address: str) -> None:
    """Raises `too-many-sign-ins` with the seconds to wait."""
    if wait := _limit().seconds_to_wait(_most(email, address)):
        raise TooManySignIns(wait=wait)


def count_failure(*, email: str, address: str) -> None:
    _limit().count(_most(email, address))
