"""Counting SQL statements, and the rows that they return: a test that fails prints the statements that it counted."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

_MAX_PRINTED = 100
_captures: list[list[str]] = []  # of the test that is running


@contextmanager
def captured_queries() -> Iterator[list[str]]:
    """The SQL statements that ran inside the block, complete when it is left.

    `BEGIN`, `COMMIT` and savepoints count as Django counts them.
    """
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    statements: list[str] = []
    _captures.append(statements)
    with CaptureQueriesContext(connection) as context:
        yield statements
    statements.extend(query["sql"] for query in context.captured_queries)


@contextmanager
def assert_num_queries(expected: int) -> Iterator[list[str]]:
    """Fails unless the block takes exactly `expected` SQL statements."""
    with captured_queries() as statements:
        yield statements
    assert len(statements) == expected


@contextmanager
def counted_rows() -> Iterator[list[int]]:
    """How many rows each `SELECT` of Django's ORM returned inside the block, those of `iterator()` too."""
    from django.db.models.sql import compiler

    numbers: list[int] = []
    cursor_iter = compiler.cursor_iter

    def counting(*args: Any) -> Iterator[Any]:
        place = len(numbers)
        numbers.append(0)
        for rows in cursor_iter(*args):
            numbers[place] += len(rows)
            yield rows

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiler, "cursor_iter", counting)
        yield numbers


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and _captures:
        report.sections.append(("SQL statements that were counted", "\n".join(_printed())))
    if report.when == "teardown":
        _captures.clear()
    return report


def _printed() -> Iterator[str]:
    for number, statements in enumerate(_captures, start=1):
        yield f"{number}. count: {len(statements)}"
        yield from (f"    {statement}" for statement in statements[:_MAX_PRINTED])
        if len(statements) > _MAX_PRINTED:
            yield f"    … and {len(statements) - _MAX_PRINTED} more"
