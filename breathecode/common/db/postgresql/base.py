"""Django's PostgreSQL backend, with timestamps read in C: in Python they were two thirds of reading a long list."""

from typing import Any

from django.db.backends.postgresql import base
from psycopg.types.datetime import TimestamptzLoader


class DatabaseWrapper(base.DatabaseWrapper):
    def create_cursor(self, name: str | None = None) -> Any:
        """Django's cursor, with psycopg's own reader of timestamps instead of Django's subclass of it in Python.

        It answers in the session's time zone, which Django sets on each connection: `datetime.UTC`, as before.
        """
        cursor = super().create_cursor(name)
        cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        return cursor
