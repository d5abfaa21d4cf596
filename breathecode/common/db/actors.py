"""The actor of a change, where triggers can read it (rule P8).

SQLite calls a function of this process. PostgreSQL cannot, so the actor is sent before each statement that writes a
recorded table: for the transaction, or in autocommit for the connection, where the next one overwrites it.
"""

from collections.abc import Callable
from typing import Any

from breathecode.common.actor import current_actor

# Tables whose changes triggers record; each app that records adds its own.
RECORDED_TABLES: set[str] = set()
_SQL = "SELECT set_config('breathecode.by', %s, %s), set_config('breathecode.through', %s, %s)"
_WRITES = ("INSERT", "UPDATE", "DELETE")


def add_actor_functions(connection: Any, **kwargs: Any) -> None:
    """Makes `breathecode_by()` and `breathecode_through()` on a new connection to SQLite."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("breathecode_by", 0, lambda: current_actor().user_id)
        connection.connection.create_function("breathecode_through", 0, lambda: current_actor().through)


def send_actor(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """A wrapper of statements on PostgreSQL (see Django's `execute_wrapper`)."""
    if isinstance(sql, str) and _writes_recorded_table(sql):
        set_actor(context["connection"])
    return execute(sql, params, many, context)


def set_actor(connection: Any) -> None:
    """Sends the actor to PostgreSQL, before a statement that no wrapper sees."""
    actor, local = current_actor(), connection.in_atomic_block
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute(_SQL, (str(actor.user_id or ""), local, actor.through, local))


def _writes_recorded_table(sql: str) -> bool:
    return sql.startswith(_WRITES) and any(table in sql for table in RECORDED_TABLES)
