from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Aggregate, DateTimeField, Func, IntegerField, OrderBy, TextField
from django.db.models.functions import Collate
from django.db.models.indexes import IndexExpression
from django.utils.deconstruct import deconstructible


class JoinedText(Aggregate):
    """Concatenates the texts of a group with commas, in no particular order.

    Replace it with Django's `StringAgg`, which works on every database from Django 6.0.
    """

    function = "GROUP_CONCAT"
    template = "%(function)s(%(expressions)s, ',')"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="STRING_AGG", **extra)


class FlatConcat(Func):
    """Concatenates texts with `||`; null where one of them is null.

    Django's `Concat` nests its arguments in pairs, each pair with two more parameters: deeper than SQLite reads, and
    past fifty of them psycopg parses a statement again for each request.
    """

    template = "(%(expressions)s)"
    arg_joiner = " || "
    output_field = TextField()


class Interval(Func):
    """Which of the intervals that begin at these instants, in ascending order, a timestamp is in: 0 for the first.

    The last has no end; before the first it is -1 on PostgreSQL and 0 on SQLite, so filter by its beginning.
    """

    arity = 1
    output_field = IntegerField()

    def __init__(self, timestamp: Any, *, beginnings: Sequence[datetime]) -> None:
        super().__init__(timestamp, beginnings=tuple(beginnings))

    def as_postgresql(self, compiler: Any, connection: Any, **_extra: Any) -> Any:
        timestamp, params = compiler.compile(self.get_source_expressions()[0])
        beginnings = list(self.extra["beginnings"])
        return f"(width_bucket({timestamp}, %s::timestamptz[]) - 1)", [*params, beginnings]

    def as_sqlite(self, compiler: Any, connection: Any, **_extra: Any) -> Any:
        timestamp, params = compiler.compile(self.get_source_expressions()[0])
        ends = [connection.ops.adapt_datetimefield_value(end) for end in self.extra["beginnings"][1:]]
        whens = " ".join(f"WHEN {timestamp} < %s THEN {number}" for number, _end in enumerate(ends))
        case = f"CASE {whens} ELSE {len(ends)} END" if ends else "0"
        return case, [param for end in ends for param in (*params, end)]


class DaysBefore(Func):
    """The instant so many days of 24 hours before a timestamp; on SQLite to the second.

    Django's `F("timestamp") - timedelta` calls Python for each row on SQLite.
    """

    arity = 1
    output_field = DateTimeField()

    def __init__(self, timestamp: Any, days: int) -> None:
        super().__init__(timestamp, days=int(days))

    def as_postgresql(self, compiler: Any, connection: Any, **_extra: Any) -> Any:
        timestamp, params = compiler.compile(self.get_source_expressions()[0])
        return f"({timestamp} - interval '{self.extra['days'] * 24} hours')", params

    def as_sqlite(self, compiler: Any, connection: Any, **_extra: Any) -> Any:
        timestamp, params = compiler.compile(self.get_source_expressions()[0])
        return f"datetime({timestamp}, '-{self.extra['days']} days')", params


@deconstructible(path="breathecode.common.db.expressions.PrefixKey")
class PrefixKey(Func):
    """A column in an index that answers `istartswith`, on both databases: `Index(PrefixKey("email"), name=…)`."""

    arity = 1

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="(UPPER(%(expressions)s)) text_pattern_ops", **extra)

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="%(expressions)s COLLATE NOCASE", **extra)


# A wrapper stays outside of the parentheses that Django puts around the expressions of an index.
_wrappers: Any = (OrderBy, Collate, PrefixKey)  # the classes, which django-stubs takes for instances
IndexExpression.register_wrappers(*_wrappers)
