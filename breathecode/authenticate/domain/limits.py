"""Counting in windows of fixed length: how often something may be tried.

The counters are rows in the database: cached lists cannot evict them, all processes and machines share them, and while
they cannot be read signing in is impossible too.
"""

import dataclasses
import datetime
import hashlib
from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from breathecode.authenticate.models import LimitCount


@dataclasses.dataclass(frozen=True, slots=True)
class Limit:
    """`window` in seconds. The names counted (an account, an address) are kept hashed."""

    purpose: str
    window: int

    def seconds_to_wait(self, limits: Mapping[str, int]) -> int:
        """Seconds until the window ends if any name has reached its limit, else 0."""
        keys = {self._key(name): limit for name, limit in limits.items()}
        counts = LimitCount.objects.filter(key__in=keys).values_list("key", "count")
        exceeded = any(count >= keys[key] for key, count in counts)
        return self.seconds_left() if exceeded else 0

    def seconds_left(self) -> int:
        """Seconds until the end of the window, which is the same for all keys; at least 1."""
        return max(1, int(self.window - timezone.now().timestamp() % self.window))

    def count(self, limits: Mapping[str, int]) -> bool:
        """Increments the count of each name. False if any exceeds its limit; two concurrent calls count two."""
        counts = {name: self._increment(self._key(name)) for name in limits}
        return all(count <= limits[name] for name, count in counts.items())

    def uncount(self, names: Iterable[str]) -> None:
        """Takes back one for each name, as far as the window that it was counted in still runs."""
        LimitCount.objects.filter(key__in=map(self._key, names), count__gt=0).update(count=F("count") - 1)

    @transaction.atomic
    def _increment(self, key: str) -> int:
        """The count including this one; the UPDATE locks the row, so concurrent attempts are not included."""
        row = LimitCount.objects.filter(key=key)
        if not row.update(count=F("count") + 1):
            end = timezone.now() + datetime.timedelta(seconds=self.window)
            # A concurrent request may create the row first; then its count is incremented.
            LimitCount.objects.bulk_create([LimitCount(key=key, count=0, ends_at=end)], ignore_conflicts=True)
            row.update(count=F("count") + 1)
        return row.values_list("count", flat=True).get()

    def _key(self, name: str) -> str:
        number = int(timezone.now().timestamp() // self.window)
        text = f"{self.purpose}:{number}:{name}"
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def delete_past_counts() -> int:
    """Deletes the counts of windows that are over; returns how many."""
    return LimitCount.objects.filter(ends_at__lt=timezone.now()).delete()[0]
