"""A cache that fails costs a process one wait, and not one for each request."""

import logging
import time
from collections.abc import Callable
from typing import ClassVar, TypeVar

logger = logging.getLogger(__name__)
T = TypeVar("T")


class CacheOutage:
    """What a process knows of it. All caches are in one place, so the first that fails speaks for the others."""

    PAUSE = 10.0  # seconds for which they are left alone
    paused_until: ClassVar[float] = 0.0


def ask_cache(question: Callable[[], T]) -> T | None:
    """The answer; None where the cache fails, or has failed a moment ago."""
    if time.monotonic() < CacheOutage.paused_until:
        return None
    try:
        return question()
    except Exception as error:  # noqa: BLE001  (cache backends raise errors of their own client libraries)
        CacheOutage.paused_until = time.monotonic() + CacheOutage.PAUSE
        logger.warning("the cache does not answer (%s); the database does", type(error).__name__)
        return None
