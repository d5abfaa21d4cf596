"""Celery's connection to Redis, mended so that a worker outlives every loss of its broker (rule C1).

When the connection is lost, kombu drops its transport, and then still acknowledges and restores messages on channels of
it. There a channel fails with an `AttributeError`, which no caller expects: the worker ends with "Unrecoverable error".
Here it fails with a connection error, which every caller handles.
"""

from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis
from redis.exceptions import ConnectionError as RedisConnectionError


class Channel(redis.Channel):
    def _connparams(self, asynchronous: bool = False) -> Any:
        if self.connection is None or self.connection.client is None:
            raise RedisConnectionError("The connection of this channel was closed.")
        return super()._connparams(asynchronous=asynchronous)  # type: ignore[no-untyped-call]  # kombu has no types


class Transport(redis.Transport):
    Channel = Channel


def use_for_redis_urls() -> None:
    """Makes kombu use this transport for `redis://` and `rediss://`. Call it before the first connection."""
    for scheme in ("redis", "rediss"):
        TRANSPORT_ALIASES[scheme] = f"{__name__}:Transport"
