"""Statements that PostgreSQL keeps prepared: it plans the query of a list for longer than it runs it (decision 9)."""

from collections.abc import Iterable
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.db.backends.postgresql.operations import DatabaseOperations
from psycopg.errors import FeatureNotSupported, InvalidSqlStatementName
from psycopg.pq import TransactionStatus

THRESHOLD = 5  # runs on a connection before a statement is prepared, unless the option `prepare_threshold` says another
MAX_PREPARED = 20  # statements that a connection keeps, each with up to a quarter of a megabyte of the server's memory

_direct: "WeakKeyDictionary[psycopg.Connection[Any], bool]" = WeakKeyDictionary()


class PreparedCursor(psycopg.Cursor[Any]):
    """Sends values apart from the SQL, and has the server keep what runs often, unless `threshold` is None.

    The server plans a kept statement for its values a few times more, and then keeps a plan for all values if it
    expects that to be no slower. It plans again after `ANALYZE` and after changes of the tables.
    """

    threshold: int | None = None

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        """As psycopg's. In a transaction nothing is prepared: a statement that fails there cannot be run again."""
        connection = self.connection
        # Django's transactions begin with their first statement.
        is_alone = connection.autocommit and connection.info.transaction_status == TransactionStatus.IDLE
        if self.threshold is None or not is_alone or not _is_direct(connection):
            return super().execute(query, params, **{**options, "prepare": False})
        # Only for this statement: psycopg would count all statements, and keep the text of those with values in it.
        usual, connection.prepare_threshold = connection.prepare_threshold, self.threshold
        try:
            return super().execute(query, params, **options)
        # A migration changed the type of a column that it returns, or somebody has discarded the statement.
        except (FeatureNotSupported, InvalidSqlStatementName):
            connection.execute("DEALLOCATE ALL")
            return super().execute(query, params, **{**options, "prepare": False})
        finally:
            connection.prepare_threshold = usual


class PreparedOperations(DatabaseOperations):
    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> Any:
        """With its values, for logs and tests: the statement itself has none."""
        if isinstance(cursor, PreparedCursor):
            return self.compose_sql(sql, params)
        return super().last_executed_query(cursor, sql, params)

    def with_literals(self, sql: str, parameters: Iterable[tuple[Any, bool]]) -> str:
        """SQL in which constants are written as literals, so that a plan for all values may count on them.

        `parameters`: for each `%s` its value, and whether it is a constant; where it is none, `%s` stays.
        """
        written = [
            self.compose_sql("%s", [value]).replace("%", "%%") if is_constant else "%s"
            for value, is_constant in parameters
        ]
        return sql.replace("%%", "%%%%") % tuple(written)


def _is_direct(connection: "psycopg.Connection[Any]") -> bool:
    """Whether one process of the server runs all statements of the connection. Asks once for each connection.

    A pooler like PgBouncer may hand each transaction to another process, which knows other prepared statements or,
    under the same name, those of others. It gives its clients numbers of its own in place of the process's.
    """
    found = _direct.get(connection)
    if found is None:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        found = _direct[connection] = row is not None and row[0] == connection.info.backend_pid
        connection.prepared_max = MAX_PREPARED
    return found
