from typing import Any

from django.db.models import Aggregate, TextField


class JoinedText(Aggregate):
    """The texts of a group, joined with commas, in no particular order."""

    function = "GROUP_CONCAT"
    template = "%(function)s(%(expressions)s, ',')"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="STRING_AGG", **extra)
