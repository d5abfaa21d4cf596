"""Counting in windows of fixed length in the cache: how often something may be tried.

A cache that is down lets everybody through, since locking everybody out would be the greater harm.
"""

import dataclasses
import hashlib
import logging
import time
from collections.abc import Mapping

from django.core.cache import cache

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True)
class Limit:
    """`window` in seconds. The names counted (an account, an address) are kept hashed."""

    purpose: str
    window: int

    def seconds_to_wait(self, most: Mapping[str, int]) -> int:
        """Until the end of the window where any name has had as often as `most` says; else 0."""
        try:
            exceeded = any((cache.get(self._key(name)) or 0) >= limit for name, limit in most.items())
        except Exception:  # noqa: BLE001  (cache backends raise errors of their own client libraries)
            logger.warning("%s limits: the cache does not answer", self.purpose)
            return 0
        return max(1, int(self.window - time.time() % self.window)) if exceeded else 0

    def count(self, most: Mapping[str, int]) -> None:
        try:
            for name in most:
                cache.add(self._key(name), 0, self.window)
                cache.incr(self._key(name))
        except Exception:  # noqa: BLE001  (see seconds_to_wait)
            logger.warning("%s limits: the cache does not answer", self.purpose)

    def _key(self, name: str) -> str:
        number = int(time.time() // self.window)
        return f"{self.purpose}:{hashlib.sha256(name.encode('utf-8', 'surrogateescape')).hexdigest()}:{number}"
