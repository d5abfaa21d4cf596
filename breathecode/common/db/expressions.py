from typing import Any

from django.db.models import Aggregate, Func, TextField


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
