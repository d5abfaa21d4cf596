"""Querysets whose SQL Django compiles once and not for each request: compiling costs several times running it.

Two querysets that differ only in plain values (integers, texts, datetimes) have the same SQL. It is compiled with
placeholders for these values, and a second time with other placeholders. A parameter that is the same both times is a
constant of the SQL; one that is a placeholder both times is the place of a value. If anything else comes out, Django
converts a value on its way into the SQL (as `icontains` does), and such querysets are compiled each time.

Delete this module once Django keeps compiled SQL itself, or once compiling takes less than a tenth of a list's request
(decision 9 has the figures). `build(*arguments)` is an ordinary queryset and replaces `bind(*arguments)`.
"""

import datetime
import enum
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import connection
from django.db.models import F, Model, Q, QuerySet
from django.db.models.constants import OnConflict
from django.db.models.expressions import OrderBy
from django.db.models.sql import InsertQuery
from django.db.models.sql.compiler import SQLCompiler

MAX_QUERY_SHAPES = 200  # kept by each thread for each PreparedRows; all are dropped when there would be more
MAX_VALUES = 40  # in a query whose statement is kept
_LIMIT = 987_654_321  # stands for that of a page while a query is compiled
_INSTANT = datetime.datetime(2000, 1, 1, 1, 1, 1, 1, tzinfo=datetime.UTC)
# A conversion (lower case, a cut, whole seconds) changes each of these.
_PLACEHOLDERS: dict[type, Callable[[int], Any]] = {
    int: lambda number: 1_000_003 + number,
    str: lambda number: f" Placeholder ß%_{number} ",
    datetime.datetime: lambda number: _INSTANT + datetime.timedelta(seconds=number),
}
Rows = list[tuple[Any, ...]]
M = TypeVar("M", bound=Model)


class _UnsupportedValue(Exception):
    """The query holds something other than plain values: an expression or a subquery."""


class _QuerySpec(NamedTuple):
    """What decides the rows of a query."""

    arguments: tuple[Any, ...]
    conditions: tuple[Q, ...]
    ordering: tuple[str | OrderBy, ...]

    def with_values(self, replace: Callable[[Any], Any]) -> "_QuerySpec":
        return _QuerySpec(_with_values(self.arguments, replace), _with_values(self.conditions, replace), self.ordering)


_Made = Callable[[_QuerySpec], QuerySet[Any, Any]]


class _Statement(NamedTuple):
    compiler: SQLCompiler
    sql: str
    rest: str  # what comes after the limit
    parameters: tuple[tuple[Any, int | None], ...]  # a constant, or the number of the value that belongs there
    converters: Any
    keeps_plan: bool

    def rows(self, values: list[Any], page: slice) -> Rows:
        first = page.start or 0
        # The limit is part of the SQL: a plan for all limits would be one for a tenth of the rows.
        sql, parameters = f"{self.sql} LIMIT {page.stop - first:d}", self._filled(values)
        if first:
            sql, parameters = f"{sql} OFFSET %s", [*parameters, first]
        with self._cursor() as cursor:
            cursor.execute(sql + self.rest, parameters)
            found: Rows = cursor.fetchall()
        if not self.converters:
            return found
        return [tuple(row) for row in self.compiler.apply_converters(found, self.converters)]

    def count(self, values: list[Any]) -> int:
        with self._cursor() as cursor:
            sql = f"SELECT COUNT(*) FROM ({self.sql}) AS counted"  # noqa: S608  (compiled by Django, without values)
            cursor.execute(sql, self._filled(values))
            (found,) = cursor.fetchone()
        return int(found)

    def _cursor(self) -> Any:
        database: Any = connection
        return database.prepared_cursor(keeps=self.keeps_plan) if database.vendor == "postgresql" else database.cursor()

    def _filled(self, values: list[Any]) -> list[Any]:
        adapted = [_adapted(value) for value in values]
        return [constant if number is None else adapted[number] for constant, number in self.parameters]


class PreparedRows:
    """A query that is compiled once: `columns` of the queryset that `build(*arguments)` returns.

    `build` runs once for each shape of query, so it must not depend on the time or on its arguments, except on whether
    they are None.

    `keeps_plan`: one plan is right for all arguments, so the database may keep it. Queries with further values, those
    of filters, are planned each time.

    `ids_first_below`: pages of fewer rows are found by their ids first, and only these rows are joined with other
    tables. It is planned in half of the time, and a plan that reads far more than the page costs a fifth.
    """

    def __init__(
        self,
        model: type[Model],
        build: Callable[..., QuerySet[Any]],
        *columns: str,
        ordering: tuple[str, ...] = (),
        keeps_plan: bool = False,
        ids_first_below: int = 0,
    ) -> None:
        self.model = model
        self.build = build
        self.columns = columns
        self.ordering = ordering
        self.keeps_plan = keeps_plan
        self.ids_first_below = ids_first_below
        self._ids: PreparedRows | None = None
        # A compiler belongs to a connection, and a connection to a thread.
        self._local = threading.local()

    def bind(self, *arguments: Any) -> "RowQuery":
        return RowQuery(self, _QuerySpec(arguments, (), self.ordering))

    def queryset(self, spec: _QuerySpec) -> QuerySet[Any, Any]:
        """The same rows as a queryset that Django compiles."""
        return self._found(spec).values_list(*self.columns)

    def _found(self, spec: _QuerySpec) -> QuerySet[Any, Any]:
        found = self.build(*spec.arguments)
        for condition in spec.conditions:
            found = found.filter(condition)
        return found.order_by(*spec.ordering)

    def _ids_first(self, spec: _QuerySpec) -> QuerySet[Any, Any]:
        """The same rows of a page, whose limit is to be put in place of `_LIMIT`."""
        ids = self._found(spec).values("pk")[:_LIMIT]
        return self.model._default_manager.filter(pk__in=ids).order_by(*spec.ordering).values_list(*self.columns)

    def read(self, spec: _QuerySpec, page: slice) -> Rows:
        values: list[Any] = []
        ids_first = page.stop - (page.start or 0) < self.ids_first_below
        statement = self._statement(spec, values, ids_first=ids_first)
        return list(self.queryset(spec)[page]) if statement is None else statement.rows(values, page)

    def count(self, spec: _QuerySpec) -> int:
        """How many rows there are, by a statement that reads no other columns."""
        if self._ids is None:
            self._ids = PreparedRows(self.model, self.build, "pk", keeps_plan=self.keeps_plan)
        unsorted = spec._replace(ordering=())
        values: list[Any] = []
        statement = self._ids._statement(unsorted, values)
        return self.queryset(unsorted).count() if statement is None else statement.count(values)

    def _statement(self, spec: _QuerySpec, values: list[Any], *, ids_first: bool = False) -> _Statement | None:
        """The statement for queries of this shape, or None if Django must compile. Appends the values to `values`."""

        def take(value: Any) -> type:
            values.append(value)
            return type(value)

        try:
            shape = spec.with_values(take)
        except _UnsupportedValue:
            return None
        if len(values) > MAX_VALUES:
            return None
        statements: dict[Any, _Statement | None] = self._local.__dict__.setdefault("statements", {})
        key = (shape, ids_first)
        if key not in statements:
            if len(statements) >= MAX_QUERY_SHAPES:
                statements.clear()
            statements[key] = self._prepare(spec, self._ids_first if ids_first else self.queryset)
        return statements[key]

    def _prepare(self, spec: _QuerySpec, made: _Made) -> _Statement | None:
        try:
            compiler, sql, parameters, placeholders = _compiled(spec, made, 0)
            _compiler, other_sql, other_parameters, other_placeholders = _compiled(spec, made, 500_000)
        except (EmptyResultSet, TypeError, ValueError, ValidationError):
            return None  # no row can match, or a value is of the wrong type
        if sql != other_sql:
            return None
        pairs = list(zip(placeholders, other_placeholders, strict=True))
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
        if connection.vendor == "postgresql":
            operations: Any = connection.ops
            sql = operations.with_literals(sql, [(constant, number is None) for constant, number in places])
            places = [(None, number) for _constant, number in places if number is not None]
        keeps_plan = self.keeps_plan and not _values_in(spec.conditions)
        sql, _limit, rest = sql.partition(f" LIMIT {_LIMIT}")
        return _Statement(compiler, sql, rest, tuple(places), converters, keeps_plan)


class RowQuery:
    """The part of the queryset interface that filters and pagination use. Immutable, as a queryset is."""

    def __init__(self, kind: PreparedRows, spec: _QuerySpec) -> None:
        self._kind = kind
        self._spec = spec
        self.model = kind.model

    def all(self) -> "RowQuery":
        return self

    def filter(self, *conditions: Any, **lookups: Any) -> "RowQuery":
        added = (*self._spec.conditions, Q(*conditions, **lookups))
        return RowQuery(self._kind, self._spec._replace(conditions=added))

    def order_by(self, *ordering: str | OrderBy) -> "RowQuery":
        return RowQuery(self._kind, self._spec._replace(ordering=ordering))

    def count(self) -> int:
        return self._kind.count(self._spec)

    def __getitem__(self, page: slice) -> Rows:
        return self._kind.read(self._spec, page)


class PreparedInsert:
    """An INSERT of one row that is compiled once: values for `fields`, by their attribute names, and no defaults."""

    def __init__(self, model: type[Model], *fields: str) -> None:
        self.model = model
        self.fields = [field for field in model._meta.concrete_fields if field.attname in fields]
        if [field.attname for field in self.fields] != list(fields):
            raise ValueError("The fields have to be fields of the model, in its order.")

    def insert_unless_there(self, *values: Any) -> None:
        """In one statement and no transaction. A row that a unique constraint excludes is left out."""
        saved = [field.get_db_prep_save(value, connection) for field, value in zip(self.fields, values, strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, saved)

    @cached_property
    def _sql(self) -> str:
        query = InsertQuery(self.model, on_conflict=OnConflict.IGNORE)
        query.insert_values(self.fields, [self.model(**dict.fromkeys(field.attname for field in self.fields))])
        ((sql, _parameters),) = query.get_compiler(connection=connection).as_sql()
        return str(sql)


def attnames_of(model: type[Model], *, but: Iterable[str] = ()) -> list[str]:
    """What `instance_of` makes an instance of: the attribute names of the model's fields, without those in `but`."""
    return [field.attname for field in model._meta.concrete_fields if field.attname not in but]


def instance_of(model: type[M], attnames: Sequence[str], values: Iterator[Any]) -> M:
    """An instance with these attributes, which takes their values from `values`; others are deferred."""
    return model.from_db("default", attnames, [next(values) for _name in attnames])


def _compiled(spec: _QuerySpec, made: _Made, offset: int) -> tuple[SQLCompiler, str, tuple[Any, ...], list[Any]]:
    """The SQL of a query with placeholders for its values, and these, the first of which has the number `offset`."""
    placeholders: list[Any] = []

    def placeholder(value: Any) -> Any:
        placeholders.append(_PLACEHOLDERS[type(value)](offset + len(placeholders)))
        return placeholders[-1]

    compiler = made(spec.with_values(placeholder)).query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    return compiler, sql, tuple(parameters), [_adapted(value) for value in placeholders]


def _with_values(part: Any, replace: Callable[[Any], Any]) -> Any:
    """This part of a query with its values replaced. Raises `_UnsupportedValue`."""
    kind = type(part)
    if kind in _PLACEHOLDERS and not (kind is int and abs(part) >= 2**63):  # beyond that, databases differ
        return replace(part)
    if kind in (tuple, list):
        return tuple([_with_values(item, replace) for item in part])
    if kind is Q:
        return Q.create([_child(child, replace) for child in part.children], part.connector, part.negated)
    if part is None or kind in (bool, F) or isinstance(part, enum.Enum):
        return part
    raise _UnsupportedValue


def _values_in(part: Any) -> list[Any]:
    found: list[Any] = []
    _with_values(part, found.append)
    return found


def _child(child: Any, replace: Callable[[Any], Any]) -> Any:
    if type(child) is tuple:  # a lookup and its value
        return child[0], _with_values(child[1], replace)
    return _with_values(child, replace)


def _adapted(value: Any) -> Any:
    """The value as the database driver takes it; whole numbers of one type, so that they share a prepared statement."""
    if type(value) is int:
        return connection.ops.adapt_integerfield_value(value, "BigIntegerField")
    return connection.ops.adapt_datetimefield_value(value) if type(value) is datetime.datetime else value
