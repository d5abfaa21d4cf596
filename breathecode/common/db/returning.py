"""UPDATE … RETURNING: which rows a statement wrote, where a count would not tell.

Delete this module once Django's `QuerySet.update()` can return rows.
"""

from typing import Any

from django.db import connections
from django.db.models import QuerySet
from django.db.models.sql import UpdateQuery


def update_returning_ids(rows: QuerySet[Any], **values: Any) -> set[int]:
    """As `rows.update(**values)`, in one statement; returns the primary keys of the rows that were updated.

    `rows` are of one table: conditions may have subqueries, and no joins.
    """
    query: Any = rows.query.chain(UpdateQuery)
    query.add_update_values(values)
    connection = connections[rows.db]
    sql, parameters = query.get_compiler(connection=connection).as_sql()
    key = connection.ops.quote_name(rows.model._meta.pk.column)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} RETURNING {key}", parameters)
        return {pk for (pk,) in cursor.fetchall()}
