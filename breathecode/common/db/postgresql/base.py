"""Django's PostgreSQL backend with psycopg's own reader of timestamps, which is written in C, and the actor of changes.

In Python, reading timestamps took two thirds of the time of reading a long list (decision 9). Once Django's own loader
of `timestamptz` is written in C, or is psycopg's, only `send_actor` is left to do here (decision 15).
"""

from typing import Any

from django.db.backends.postgresql import base
from psycopg.types.datetime import TimestamptzLoader

from breathecode.common.db.actors import send_actor


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.execute_wrappers.append(send_actor)

    def create_cursor(self, name: str | None = None) -> Any:
        """Django's cursor, with psycopg's own reader of timestamps instead of Django's subclass of it in Python.

        It returns datetimes in the session's time zone, which Django sets on each connection: `datetime.UTC`.
        """
        cursor = super().create_cursor(name)
        cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        return cursor
