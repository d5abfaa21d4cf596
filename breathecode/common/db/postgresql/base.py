"""Django's PostgreSQL backend with psycopg's own reader of timestamps, which is written in C.

In Python it took two thirds of the time of reading a long list (decision 9). Delete this package and use Django's
engine once Django's own loader of `timestamptz` is written in C, or is psycopg's.
"""

from typing import Any

from django.db.backends.postgresql import base
from psycopg.types.datetime import TimestamptzLoader


class DatabaseWrapper(base.DatabaseWrapper):
    def create_cursor(self, name: str | None = None) -> Any:
        """Django's cursor, with psycopg's own reader of timestamps instead of Django's subclass of it in Python.

        It returns datetimes in the session's time zone, which Django sets on each connection: `datetime.UTC`.
        """
        cursor = super().create_cursor(name)
        cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        return cursor
