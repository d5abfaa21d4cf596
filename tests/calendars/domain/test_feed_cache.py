"""The cache of feeds with two makers at once (rule I4)."""

import threading
import time

import pytest
from django.core.cache import cache

from breathecode.calendars.domain.feed_cache import Chunk, FeedCache


@pytest.fixture(autouse=True)
def _empty():
    cache.clear()
    yield
    cache.clear()


def test_two_makers_at_once_make_a_chunk_once():
    """I4: the second waits for the chunk of the first, and both have the same text."""
    made, texts, begun = [], [], threading.Event()

    def make(known):
        made.append(sorted(known))
        begun.set()
        time.sleep(0.3)
        return {pk: Chunk({"digest": b"text"}) for pk in known}

    def read():
        texts.append(FeedCache().made_once({7: "fingerprint"}, make=make)[7].text)

    first, second = threading.Thread(target=read), threading.Thread(target=read)
    first.start()
    assert begun.wait(10)
    second.start()
    first.join(20)
    second.join(20)
    assert (made, texts) == ([[7]], [b"text", b"text"])


def test_a_maker_that_fails_leaves_no_claim():
    """I4: whoever comes next makes the chunk at once."""

    def fail(known):
        raise ConnectionError("the database went away")

    with pytest.raises(ConnectionError):
        FeedCache().made_once({7: "fingerprint"}, make=fail)
    began = time.monotonic()
    chunks = FeedCache().made_once({7: "fingerprint"}, make=lambda known: {7: Chunk({"digest": b"text"})})
    assert chunks[7].text == b"text"
    assert time.monotonic() - began < FeedCache.WAIT / 2
