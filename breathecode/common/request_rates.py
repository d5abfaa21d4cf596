"""How often somebody may do the same within a minute, counted in the cache.

For what costs little and does no harm done twice. Guessed passwords and mails are counted in the database
(`authenticate/domain/limits.py`), where a cache that fails must not allow any number of tries. With Redis all web
servers count together; without it each process counts for itself.
"""

from django.conf import settings
from django.core.cache import caches
from django.utils import timezone

from breathecode.common.cache_outages import ask_cache
from breathecode.common.errors import TooManyRequests

WINDOW = 60  # seconds


class RequestRate:
    """Requests of one kind by one user. `setting` names their largest number in a minute; 0: any number."""

    def __init__(self, kind: str, *, setting: str) -> None:
        self.kind = kind
        self.setting = setting

    def count(self, user_id: int) -> None:
        """Raises `too-many-requests` with the seconds to the end of the minute. A cache that fails counts nothing."""
        limit: int = getattr(settings, self.setting)
        if not limit:
            return
        now = timezone.now().timestamp()
        key = f"requests:{self.kind}:{user_id}:{int(now // WINDOW)}"
        if (ask_cache(lambda: _increment(key)) or 0) > limit:
            raise TooManyRequests(wait=max(1, int(WINDOW - now % WINDOW)))


def _increment(key: str) -> int:
    """The count with this one."""
    cache = caches["requests"]
    try:
        return 1 if cache.add(key, 1, WINDOW) else int(cache.incr(key))
    except ValueError:  # it was dropped between both
        return 1


JOINS = RequestRate("join", setting="JOINS_PER_MINUTE")
FEEDS = RequestRate("feed", setting="FEEDS_PER_MINUTE")
