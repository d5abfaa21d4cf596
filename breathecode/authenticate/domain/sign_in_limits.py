"""How often a wrong password may be tried, per account and per address (rule U2).

Counted in windows of fixed length in the cache; a cache that is down lets sign-ins through, since locking
everybody out would be the greater harm.
"""

import hashlib
import logging
import time

from django.conf import settings
from django.core.cache import cache

from breathecode.authenticate.errors import TooManySignIns

logger = logging.getLogger(__name__)


def _limits(email: str, address: str) -> list[tuple[str, int]]:
    return [
        (f"account:{email.strip().lower()}", settings.LOGIN_FAILURES_PER_ACCOUNT),
        (f"address:{address}", settings.LOGIN_FAILURES_PER_ADDRESS),
    ]


def _key(name: str) -> str:
    window = int(time.time() // settings.LOGIN_FAILURE_WINDOW_SECONDS)
    return f"sign-in:{hashlib.sha256(name.encode()).hexdigest()}:{window}"


def refuse_if_too_many(*, email: str, address: str) -> None:
    """Raises `too-many-sign-ins` with the seconds to wait."""
    try:
        exceeded = any((cache.get(_key(name)) or 0) >= most for name, most in _limits(email, address))
    except Exception:  # noqa: BLE001  (cache backends raise errors of their own client libraries)
        logger.warning("sign-in limits: the cache does not answer")
        return
    if exceeded:
        window = settings.LOGIN_FAILURE_WINDOW_SECONDS
        raise TooManySignIns(wait=max(1, int(window - time.time() % window)))


def count_failure(*, email: str, address: str) -> None:
    try:
        for name, _most in _limits(email, address):
            cache.add(_key(name), 0, settings.LOGIN_FAILURE_WINDOW_SECONDS)
            cache.incr(_key(name))
    except Exception:  # noqa: BLE001  (see refuse_if_too_many)
        logger.warning("sign-in limits: the cache does not answer")
