"""Django's PostgreSQL backend with psycopg's own reader of timestamps, which is written in C, the actor of changes, and
connections that are asked before they are used.

In Python, reading timestamps took two thirds of the time of reading a long list (decision 9). Once Django's own loader
of `timestamptz` is written in C, or is psycopg's, `send_actor` (decision 15) and the connections are left to do here.
"""

import time
from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base
from psycopg.types.datetime import TimestamptzLoader
from psycopg_pool import PoolTimeout

from breathecode.common.db.actors import send_actor
from breathecode.common.db.postgresql.answering import answers
from breathecode.common.db.postgresql.prepared_cursor import THRESHOLD, PreparedCursor, PreparedOperations

CHECK_SECONDS = 0.3
PAUSE_SECONDS = 0.5  # after a wait in vain, on the same thread
REPLACEMENT_SECONDS = 0.1  # in which the pool usually replaces a connection that was cut


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = PreparedOperations
    pool: Any  # a property of Django's; None without a pool
    _gone_until = 0.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.execute_wrappers.append(send_actor)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection on which the database answers. Raises OperationalError after some two seconds at most (rule O6).

        A request that failed asks for a connection once more, for its log line: it does not wait a second time.
        """
        if time.monotonic() < self._gone_until:
            raise PoolTimeout("the database did not answer a moment ago")
        try:
            return self._get_answering_connection(conn_params)
        except PoolTimeout:
            self._gone_until = time.monotonic() + PAUSE_SECONDS
            raise

    def _get_answering_connection(self, conn_params: dict[str, Any]) -> Any:
        """If one from the pool does not answer, neither do those beside it.

        A database that restarts and a firewall that forgets cut them all: they are replaced at once.
        """
        connection = super().get_new_connection(conn_params)
        if self.pool and not answers(connection, seconds=CHECK_SECONDS):
            connection.close()
            self.pool.putconn(connection)
            self.pool.drain()
            self._wait_for_replacement()
            connection = super().get_new_connection(conn_params)
        return connection

    def _wait_for_replacement(self) -> None:
        """Until the pool has a connection again, for a moment at most.

        Asked before, it would grow: by one connection with each restart of the database, though one is enough.
        """
        deadline = time.monotonic() + REPLACEMENT_SECONDS
        while not self.pool.get_stats()["pool_available"] and time.monotonic() < deadline:
            time.sleep(0.002)

    def create_cursor(self, name: str | None = None) -> Any:
        """Django's cursor, with psycopg's own reader of timestamps instead of Django's subclass of it in Python.

        It returns datetimes in the session's time zone, which Django sets on each connection: `datetime.UTC`.
        """
        return _reading_timestamps(super().create_cursor(name))

    def prepared_cursor(self, *, keeps: bool) -> Any:
        """A cursor for SQL that stays the same. `keeps`: the server may keep it, and one plan for all values."""
        self.ensure_connection()
        with self.wrap_database_errors:
            cursor = PreparedCursor(self.connection)
            if keeps and settings.DATABASE_PREPARED_STATEMENTS:
                cursor.threshold = self.settings_dict["OPTIONS"].get("prepare_threshold", THRESHOLD)
            return self._prepare_cursor(_reading_timestamps(cursor))  # type: ignore[attr-defined]  # the stubs lack it


def _reading_timestamps(cursor: Any) -> Any:
    cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
    return cursor
