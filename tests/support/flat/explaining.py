"""What each statement of a block reads, from `EXPLAIN (ANALYZE, BUFFERS)` of PostgreSQL: pages, not milliseconds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection

_EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) "
_EXPLAINED = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "(")


@dataclass(frozen=True)
class Statement:
    """`pages` of shared buffers that it asked for, each as often as it did; `scanned` are tables read as a whole."""

    sql: str
    pages: int
    scanned: frozenset[str]


@contextmanager
def explained_queries() -> Iterator[list[Statement]]:
    """The statements of the block, each explained before it runs, in a savepoint that is rolled back.

    What triggers read is not in a plan: their pages are not counted.
    """
    found: list[Statement] = []

    def explain(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if sql.lstrip().upper().startswith(_EXPLAINED):
            found.append(_explain(sql, params[0] if many and params else params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield found


def _explain(sql: str, params: Any) -> Statement:
    assert connection.connection is not None
    with connection.connection.cursor() as cursor:
        cursor.execute("SAVEPOINT explained")
        try:
            cursor.execute(_EXPLAIN + sql, params)
            (answer,) = cursor.fetchone()
        except psycopg.Error:
            cursor.execute("ROLLBACK TO SAVEPOINT explained")
            return Statement(sql, 0, frozenset())  # the statement itself raises the same, or cannot be explained
        cursor.execute("ROLLBACK TO SAVEPOINT explained")
    plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    pages = plan.get("Shared Hit Blocks", 0) + plan.get("Shared Read Blocks", 0)
    return Statement(sql, pages, frozenset(_scanned(plan)))


def _scanned(plan: dict[str, Any]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan" and plan.get("Actual Loops"):
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from _scanned(part)
