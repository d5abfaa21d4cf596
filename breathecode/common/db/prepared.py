"""Lists whose SQL Django makes once and not each time: making it costs several times running it.

Two questions have one SQL where they differ in nothing but plain values: integers, texts, instants. So the SQL is made
with stand-ins for these, and once more with other stand-ins. A parameter that is the same both times is part of the
SQL; one that is a stand-in both times is the place of a value. Where anything else comes out, Django does something to
a value on its way (as `icontains` does), and such questions are asked through Django each time.
"""

import datetime
import enum
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import connection
from django.db.models import F, Model, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.sql.compiler import SQLCompiler

MAX_QUERY_SHAPES = 200  # that a thread keeps of one kind of list; with more it begins anew
MAX_VALUES = 40  # of a shape worth keeping
_INSTANT = datetime.datetime(2000, 1, 1, 1, 1, 1, 1, tzinfo=datetime.UTC)
# Whatever is done to one (lower case, a cut, whole seconds) shows.
_STAND_INS: dict[type, Callable[[int], Any]] = {
    int: lambda number: 1_000_003 + number,
    str: lambda number: f" Stand-in ß%_{number} ",
    datetime.datetime: lambda number: _INSTANT + datetime.timedelta(seconds=number),
}
Rows = list[tuple[Any, ...]]


class _UnsupportedValue(Exception):
    """The question holds something beside plain values: an expression, a query of its own."""


class _QuerySpec(NamedTuple):
    """All that decides the rows."""

    subject: tuple[Any, ...]
    conditions: tuple[Q, ...]
    ordering: tuple[str | OrderBy, ...]

    def with_values(self, replace: Callable[[Any], Any]) -> "_QuerySpec":
        return _QuerySpec(_with_values(self.subject, replace), _with_values(self.conditions, replace), self.ordering)


class _Statement(NamedTuple):
    compiler: SQLCompiler
    sql: str
    parameters: tuple[tuple[Any, int | None], ...]  # a constant, or the number of the value that belongs there
    converters: Any

    def rows(self, values: list[Any], page: slice) -> Rows:
        adapted = [_adapted(value) for value in values]
        parameters = [constant if number is None else adapted[number] for constant, number in self.parameters]
        first = page.start or 0
        with connection.cursor() as cursor:
            cursor.execute(f"{self.sql} LIMIT %s OFFSET %s", [*parameters, page.stop - first, first])
            found: Rows = cursor.fetchall()
        if not self.converters:
            return found
        return [tuple(row) for row in self.compiler.apply_converters(found, self.converters)]


class PreparedRows:
    """Rows of one kind: `columns` of the queryset that `build(*subject)` returns.

    `build` may look neither at the clock nor at the values of its subject, but for whether they are None: it runs once.
    """

    def __init__(
        self, model: type[Model], build: Callable[..., QuerySet[Any]], *columns: str, ordering: tuple[str, ...] = ()
    ) -> None:
        self.model = model
        self.build = build
        self.columns = columns
        self.ordering = ordering
        # A compiler belongs to a connection, and a connection to a thread.
        self._here = threading.local()

    def of(self, *subject: Any) -> "RowQuery":
        return RowQuery(self, _QuerySpec(subject, (), self.ordering))

    def queryset(self, question: _QuerySpec) -> QuerySet[Any, Any]:
        """The same rows, asked through Django."""
        found = self.build(*question.subject)
        for condition in question.conditions:
            found = found.filter(condition)
        return found.order_by(*question.ordering).values_list(*self.columns)

    def read(self, question: _QuerySpec, page: slice) -> Rows:
        values: list[Any] = []
        statement = self._statement(question, values)
        return list(self.queryset(question)[page]) if statement is None else statement.rows(values, page)

    def _statement(self, question: _QuerySpec, values: list[Any]) -> _Statement | None:
        """The SQL for all questions of this shape, and the question's values; None where Django must be asked."""

        def take(value: Any) -> type:
            values.append(value)
            return type(value)

        try:
            shape = question.with_values(take)
        except _UnsupportedValue:
            return None
        if len(values) > MAX_VALUES:
            return None
        made: dict[_QuerySpec, _Statement | None] = self._here.__dict__.setdefault("made", {})
        if shape not in made:
            if len(made) >= MAX_QUERY_SHAPES:
                made.clear()
            made[shape] = self._prepare(question)
        return made[shape]

    def _prepare(self, question: _QuerySpec) -> _Statement | None:
        try:
            compiler, sql, parameters, stand_ins = self._compile(question, 0)
            _compiler, other_sql, other_parameters, other_stand_ins = self._compile(question, 500_000)
        except (EmptyResultSet, TypeError, ValueError, ValidationError):
            return None  # no row can match, or a value is of the wrong type
        if sql != other_sql:
            return None
        pairs = list(zip(stand_ins, other_stand_ins, strict=True))
        places: list[tuple[Any, int | None]] = []
        for here, there in zip(parameters, other_parameters, strict=True):
            if (here, there) in pairs:
                places.append((None, pairs.index((here, there))))
            elif here == there:
                places.append((here, None))
            else:
                return None
        if {number for _constant, number in places} - {None} != set(range(len(pairs))):
            return None
        converters = compiler.get_converters([expression for expression, *_rest in compiler.select or ()])
        return _Statement(compiler, sql, tuple(places), converters)

    def _compile(self, question: _QuerySpec, offset: int) -> tuple[SQLCompiler, str, tuple[Any, ...], list[Any]]:
        stand_ins: list[Any] = []

        def stand_in(value: Any) -> Any:
            stand_ins.append(_STAND_INS[type(value)](offset + len(stand_ins)))
            return stand_ins[-1]

        compiler = self.queryset(question.with_values(stand_in)).query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        return compiler, sql, tuple(parameters), [_adapted(value) for value in stand_ins]


class RowQuery:
    """What filters and pages ask of a queryset, of `PreparedRows`. Like a queryset, it never changes."""

    def __init__(self, kind: PreparedRows, question: _QuerySpec) -> None:
        self._kind = kind
        self._question = question
        self.model = kind.model

    def all(self) -> "RowQuery":
        return self

    def filter(self, *conditions: Any, **lookups: Any) -> "RowQuery":
        added = (*self._question.conditions, Q(*conditions, **lookups))
        return RowQuery(self._kind, self._question._replace(conditions=added))

    def order_by(self, *ordering: str | OrderBy) -> "RowQuery":
        return RowQuery(self._kind, self._question._replace(ordering=ordering))

    def count(self) -> int:
        return self._kind.queryset(self._question).order_by().count()

    def __getitem__(self, page: slice) -> Rows:
        return self._kind.read(self._question, page)


def _with_values(part: Any, replace: Callable[[Any], Any]) -> Any:
    """The same part of a question, with its values replaced. Raises `_UnsupportedValue`."""
    kind = type(part)
    if kind in _STAND_INS and not (kind is int and abs(part) >= 2**63):  # beyond that, databases differ
        return replace(part)
    if kind in (tuple, list):
        return tuple([_with_values(item, replace) for item in part])
    if kind is Q:
        return Q.create([_child(child, replace) for child in part.children], part.connector, part.negated)
    if part is None or kind in (bool, F) or isinstance(part, enum.Enum):
        return part
    raise _UnsupportedValue


def _child(child: Any, replace: Callable[[Any], Any]) -> Any:
    if type(child) is tuple:  # a lookup and its value
        return child[0], _with_values(child[1], replace)
    return _with_values(child, replace)


def _adapted(value: Any) -> Any:
    """As the database takes it."""
    return connection.ops.adapt_datetimefield_value(value) if type(value) is datetime.datetime else value
