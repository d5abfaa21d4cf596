"""What each statement of a block reads, from `EXPLAIN (ANALYZE, BUFFERS)` of PostgreSQL: pages, not milliseconds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql
from psycopg.types.numeric import Int8

from breathecode.common.db.postgresql.prepared_cursor import PreparedCursor

_EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) "
_EXPLAINED = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "(")


@dataclass(frozen=True)
class Statement:
    """`pages` of shared buffers that it asked for, each as often as it did; `scanned` are tables read as a whole.

    `searches`: how often it went down the tree of an index, by the index; of PostgreSQL 18 and later alone.
    """

    sql: str
    pages: int
    scanned: frozenset[str]
    searches: Counter[str] = field(default_factory=Counter)


@contextmanager
def explained_queries() -> Iterator[list[Statement]]:
    """The statements of the block, each explained before it runs, in a savepoint that is rolled back.

    What triggers read is not in a plan: their pages are not counted.
    """
    found: list[Statement] = []

    def explain(execute: Callable[..., Any], text: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if text.lstrip().upper().startswith(_EXPLAINED):
            found.append(_explain(text, params[0] if many and params else params, _way_of(context["cursor"].cursor)))
        return execute(text, params, many, context)

    with connection.execute_wrapper(explain):
        yield found


def _way_of(cursor: Any) -> Callable[[Any, str, Any], None]:
    """Explains as the server plans: what it keeps by a plan for all values, all else by one for these."""
    return _prepared if isinstance(cursor, PreparedCursor) and cursor.threshold is not None else _direct


def _direct(cursor: Any, statement: str, params: Any) -> None:
    cursor.execute(_EXPLAIN + statement, params)


def _prepared(cursor: Any, statement: str, params: Any) -> None:
    """By the plan for all values, which the server changes to after a few runs."""
    types = ", ".join("bigint" if isinstance(value, Int8) else "unknown" for value in params)
    numbered = statement.replace("%%", "%%%%") % tuple(f"${number}" for number, _ in enumerate(params, start=1))
    cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    cursor.execute(f"PREPARE explained ({types}) AS {numbered}".replace("%%", "%"))
    values = sql.SQL(", ").join(map(sql.Literal, params))
    try:
        cursor.execute(sql.SQL(_EXPLAIN + "EXECUTE explained ({})").format(values))
    finally:
        cursor.connection.pgconn.exec_(b"DEALLOCATE explained")


def _explain(statement: str, params: Any, explain: Callable[[Any, str, Any], None]) -> Statement:
    assert connection.connection is not None
    with connection.connection.cursor() as cursor:
        cursor.execute("SAVEPOINT explained")
        try:
            explain(cursor, statement, params)
            (answer,) = cursor.fetchone()
        except psycopg.Error:
            cursor.execute("ROLLBACK TO SAVEPOINT explained")
            if explain is _prepared:
                raise
            return Statement(statement, 0, frozenset())  # it raises the same when it runs, or cannot be explained
        cursor.execute("ROLLBACK TO SAVEPOINT explained")
    plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    pages = plan.get("Shared Hit Blocks", 0) + plan.get("Shared Read Blocks", 0)
    return Statement(statement, pages, frozenset(_scanned(plan)), _searches(plan))


def _scanned(plan: dict[str, Any]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan" and plan.get("Actual Loops"):
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from _scanned(part)


def _searches(plan: dict[str, Any]) -> Counter[str]:
    found = Counter({plan["Index Name"]: plan.get("Index Searches", 0)} if "Index Name" in plan else {})
    for part in plan.get("Plans", ()):
        found += _searches(part)
    return found
