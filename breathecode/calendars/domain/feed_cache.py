"""What feeds keep in the cache: the events of one cohort under one key, overwritten as they change (rule I4).

Every feed that shows a cohort is put together from the same chunk, so the cache grows with the cohorts and not with
the addresses that name them. A chunk is kept with the fingerprint of what decides it, and one with another fingerprint
is not shown; its events serve to make the next chunk, in which most classes are as they were.
"""

import functools
import hashlib
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.cache import cache

from breathecode.common.cache_outages import ask_cache
from breathecode.events.domain.lists.cache import LiveClassCache

Fingerprints = Mapping[int, str]  # by cohort id


class Chunk:
    """The events of one cohort, in the order of time: the digest of each entry and its text."""

    def __init__(self, events: dict[str, bytes]) -> None:
        self.events = events

    @functools.cached_property
    def text(self) -> bytes:
        return b"".join(self.events.values())

    @functools.cached_property
    def digest(self) -> bytes:
        """Of the bytes themselves."""
        return hashlib.sha256(self.text).digest()


class FeedCache(LiveClassCache):
    SECONDS = 26 * 60 * 60  # the window moves daily, so a chunk is of no use for longer than a day
    WAIT = 10.0  # seconds for which a feed waits for another maker of the same chunks
    STEP = 0.1  # seconds between two looks
    CLAIM_TIMEOUT = 60  # seconds after which the claim of a maker that was killed ends

    def digests(self, wanted: Fingerprints) -> dict[int, bytes]:
        """The digests of the chunks that are kept with these fingerprints."""
        return {pk: kept for pk, kept in self._kept("digest", wanted).items() if kept is not None}

    def chunks(self, wanted: Fingerprints) -> dict[int, Chunk]:
        """The chunks that are kept with these fingerprints."""
        return {pk: Chunk(kept) for pk, kept in self._kept("events", wanted).items() if kept is not None}

    def made_once(
        self, wanted: Fingerprints, *, make: Callable[[Mapping[int, Mapping[str, bytes]]], dict[int, Chunk]]
    ) -> dict[int, Chunk]:
        """All these chunks: those that another maker finishes within `WAIT` seconds, and the others made here.

        `make` is called with the events that were known of each cohort, by the digests of their entries.
        """
        claimed = {pk for pk in sorted(wanted) if self._claim(pk)}
        try:
            done = self._await({pk: wanted[pk] for pk in wanted.keys() - claimed})
            left = {pk: wanted[pk] for pk in wanted if pk not in done}
            if not left:
                return done
            made = make(self._events_of(left))
            for pk, chunk in made.items():
                self._keep(pk, wanted[pk], chunk)
            return done | made
        finally:
            ask_cache(lambda: cache.delete_many([f"calendar-feed:making:{pk}" for pk in claimed]))

    def _claim(self, pk: int) -> bool:
        """False while another makes this chunk. Without a cache every process makes its own."""
        return ask_cache(lambda: cache.add(f"calendar-feed:making:{pk}", 1, self.CLAIM_TIMEOUT)) is not False

    def _await(self, wanted: Fingerprints) -> dict[int, Chunk]:
        done: dict[int, Chunk] = {}
        for _look in range(round(self.WAIT / self.STEP)):
            if len(done) == len(wanted):
                break
            time.sleep(self.STEP)
            missing = {pk: wanted[pk] for pk in wanted if pk not in done}
            ready = self.digests(missing)
            done |= self.chunks({pk: missing[pk] for pk in ready})
        return done

    def _events_of(self, cohort_ids: Iterable[int]) -> dict[int, Mapping[str, bytes]]:
        """With any fingerprint: the digest of an entry decides whether its text is still valid."""
        kept = self._read("events", cohort_ids)
        return {pk: kept[pk][1] if pk in kept else {} for pk in cohort_ids}

    def _keep(self, pk: int, fingerprint: str, chunk: Chunk) -> None:
        parts = {f"calendar-feed:events:{pk}": chunk.events, f"calendar-feed:digest:{pk}": chunk.digest}
        kept = {key: (fingerprint, part) for key, part in parts.items()}
        ask_cache(lambda: cache.set_many(kept, self.SECONDS))

    def _kept(self, part: str, wanted: Fingerprints) -> dict[int, Any]:
        kept = self._read(part, wanted)
        return {pk: value for pk, (fingerprint, value) in kept.items() if fingerprint == wanted[pk]}

    def _read(self, part: str, cohort_ids: Iterable[int]) -> dict[int, tuple[str, Any]]:
        keys = {f"calendar-feed:{part}:{pk}": pk for pk in cohort_ids}
        found = ask_cache(lambda: cache.get_many(keys)) if keys else None
        return {keys[key]: value for key, value in (found or {}).items()}
