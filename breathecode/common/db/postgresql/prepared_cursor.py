"""Statements that PostgreSQL keeps prepared: it plans the query of a list for longer than it runs it (decision 9)."""

from collections.abc import Iterable
from typing import Any

import psycopg
from django.db.backends.postgresql.operations import DatabaseOperations
from psycopg import pq, sql


class PreparedCursor(psycopg.Cursor[Any]):
    """Sends values apart from the SQL, which the server parses once for each connection.

    From the sixth run on the server also keeps one plan for all values, where it expects that plan to be no slower
    than a plan for these values. Nothing is kept where the option `prepare_threshold` is None (a connection pooler
    that gives each transaction another connection). Django's own cursors prepare nothing, whatever the option says.
    """

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        """As psycopg's. Prepares again after a migration has changed the type of a column."""
        try:
            return super().execute(query, params, prepare=True, **options)
        except psycopg.errors.FeatureNotSupported:  # "cached plan must not change result type"
            if self.connection.info.transaction_status != pq.TransactionStatus.IDLE:
                raise
            self.connection.execute("DEALLOCATE ALL")
            return super().execute(query, params, prepare=True, **options)


class PreparedOperations(DatabaseOperations):
    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> Any:
        """With its values, for logs and tests: the statement itself has none."""
        if isinstance(cursor, PreparedCursor):
            return self.compose_sql(sql, params)
        return super().last_executed_query(cursor, sql, params)


def with_literals(text: str, parameters: Iterable[tuple[Any, bool]], *, connection: Any) -> str:
    """SQL in which constants are written as literals, so that a plan for all values may still count on them.

    `parameters`: for each `%s` its value, and whether it is a constant; where it is none, `%s` stays.
    """
    written = [
        sql.Literal(value).as_string(connection).replace("%", "%%") if is_constant else "%s"
        for value, is_constant in parameters
    ]
    return text.replace("%%", "%%%%") % tuple(written)
