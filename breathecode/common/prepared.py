"""Queries of every request, whose SQL Django makes once and not each time: making it costs several times running it."""

import threading
from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler


class _Statement(NamedTuple):
    compiler: SQLCompiler
    sql: str
    parameters: tuple[tuple[Any, str | None], ...]  # a constant, or a stand-in with the name of the value it stands for
    converters: Any


class PreparedRows:
    """Rows of one query with other values each time.

    `build` takes a stand-in for each value, by the names of `kinds` (`int` or `str`), and returns a queryset of
    `values_list()`. It must put each into the query as it is: `field=value`, neither `in` nor a computation.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], **kinds: type) -> None:
        self.build = build
        self.stand_ins: dict[str, Any] = {
            name: -(10**15) - number if kind is int else f"stand-in for {name}"
            for number, (name, kind) in enumerate(kinds.items())
        }
        # A compiler belongs to a connection, and a connection to a thread.
        self.here = threading.local()

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        statement = self._statement()
        filled = [constant if name is None else values[name] for constant, name in statement.parameters]
        with connection.cursor() as cursor:
            cursor.execute(statement.sql, filled)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        if not statement.converters:
            return found
        converted = statement.compiler.apply_converters(found, statement.converters)
        return [tuple(row) for row in converted]

    def _statement(self) -> _Statement:
        made: _Statement | None = getattr(self.here, "statement", None)
        if made is None:
            made = self.here.statement = self._make()
        return made

    def _make(self) -> _Statement:
        compiler = self.build(**self.stand_ins).query.get_compiler("default")
        sql, parameters = compiler.as_sql()
        names = {stand_in: name for name, stand_in in self.stand_ins.items()}
        placed = tuple((value, names.get(value)) for value in parameters)
        if missing := set(self.stand_ins) - {name for _value, name in placed}:
            raise ValueError(f"The query does not hold {', '.join(sorted(missing))} as it was given.")
        converters = compiler.get_converters([expression for expression, *_rest in compiler.select or ()])
        return _Statement(compiler, sql, placed, converters)
