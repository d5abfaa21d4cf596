from typing import Any

from django.db.models import Aggregate, TextField


class JoinedText(Aggregate):
    """Concatenates the texts of a group with commas, in no particular order.

    Replace it with Django's `StringAgg`, which works on every database from Django 6.0.
    """

    function = "GROUP_CONCAT"
    template = "%(function)s(%(expressions)s, ',')"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="STRING_AGG", **extra)
