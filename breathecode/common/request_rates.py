"""How often somebody may do the same within a minute, counted in the cache.

For what costs little and does no harm done twice. Guessed passwords and mails are counted in the database
(`authenticate/domain/limits.py`), where a cache that fails must not allow any number of tries. With Redis all web
servers count together; without it each process counts for itself.
"""

import logging
import time
from typing import Any, ClassVar

from django.conf import settings
from django.core.cache import caches
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from breathecode.common.errors import ApiError

WINDOW = 60  # seconds
PAUSE = 10.0  # seconds for which a cache that failed is left alone
logger = logging.getLogger(__name__)


class TooManyRequests(ApiError):
    """`wait` is the time in seconds after which a next request is answered."""

    status_code = 429
    slug = "too-many-requests"
    default_detail = _("Too many requests. Try again in {wait} seconds.")

    def __init__(self, *, wait: int) -> None:
        super().__init__(wait=wait)
        self.wait = wait


class RequestRate:
    """Requests of one kind by one user. `setting` names their largest number in a minute; 0 is no limit."""

    _paused_until: ClassVar[float] = 0.0

    def __init__(self, kind: str, *, setting: str) -> None:
        self.kind = kind
        self.setting = setting

    def count(self, user_id: int) -> None:
        """Raises `too-many-requests` with the seconds to the end of the minute. A cache that fails counts nothing."""
        limit: int = getattr(settings, self.setting)
        now = timezone.now().timestamp()
        if limit and (self._count(f"requests:{self.kind}:{user_id}:{int(now // WINDOW)}") or 0) > limit:
            raise TooManyRequests(wait=max(1, int(WINDOW - now % WINDOW)))

    def _count(self, key: str) -> Any:
        """The number so far, with this one."""
        if time.monotonic() < RequestRate._paused_until:
            return None
        try:
            cache = caches["requests"]
            return 1 if cache.add(key, 1, WINDOW) else cache.incr(key)
        except ValueError:  # it was dropped between both
            return 1
        except Exception as error:  # noqa: BLE001  (cache backends raise errors of their own client libraries)
            RequestRate._paused_until = time.monotonic() + PAUSE
            logger.warning("the cache does not answer (%s); requests are not counted", type(error).__name__)
            return None


JOINS = RequestRate("join", setting="JOINS_PER_MINUTE")
FEEDS = RequestRate("feed", setting="FEEDS_PER_MINUTE")
