"""How long a statement waits for a lock that another transaction holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def lock_waits_limited(connection: Any, *, seconds: float) -> Iterator[None]:
    """Statements of this connection that wait longer raise OperationalError; 0 is without a limit.

    Only on PostgreSQL: SQLite, which has one lock for all, has the limit of its settings.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        (former,) = cursor.fetchone()
    _set(connection, f"{seconds * 1000:.0f}ms")
    try:
        yield
    finally:
        if connection.is_usable():
            _set(connection, former)


def _set(connection: Any, limit: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [limit])
