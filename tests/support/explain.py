"""What the database reads for a statement: no clock is needed to see that it reads a table from end to end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Asked = list[tuple[str, Any]]
_EXPLAINED = re.compile(r"\(?(SELECT|UPDATE|DELETE)\b")


@contextmanager
def noted_statements() -> Iterator[Asked]:
    """The statements that run inside the block, with their parameters."""
    from django.db import connection

    asked: Asked = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield asked


def scanned(sql: str, params: Any) -> set[str]:
    """The tables that this statement reads from end to end; none for one that only inserts."""
    from django.db import connection

    if not _EXPLAINED.match(sql):
        return set()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            (plan,) = cursor.fetchone()
            return set(_seq_scans((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        steps = [row[3].split() for row in cursor.fetchall()]
    scans = {step[1] for step in steps if step[0] == "SCAN" and "INDEX" not in step}
    # SQLite names the alias.
    return scans | {table for table, alias in re.findall(r'"(\w+)" (\w\d+)\b', sql) if alias in scans}


def _seq_scans(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    for child in node.get("Plans", []):
        yield from _seq_scans(child)
