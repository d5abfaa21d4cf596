"""INSERT … SELECT: rows that the database makes of others, which then need not be read and sent back."""

from typing import Any

from django.db import connections
from django.db.models import Model, QuerySet, Value


def insert_selected(model: type[Model], rows: QuerySet[Any], **fields: Any) -> int:
    """Inserts a row of `model` for each of `rows`, in their order and in one statement; returns how many were new.

    `fields`, named as their columns are (`user_id`), are expressions over `rows` or values; the others have the model's
    defaults. A row that a unique constraint refuses is not inserted; of two callers with one row, the second waits.
    """
    new = model(**{name: value for name, value in fields.items() if not hasattr(value, "resolve_expression")})
    values = {
        field.column: fields[field.attname]
        if hasattr(fields.get(field.attname), "resolve_expression")
        else Value(field.pre_save(new, add=True), output_field=field)
        for field in model._meta.concrete_fields
        if not field.primary_key
    }
    connection = connections[rows.db]
    selected = rows.values_list(*values.values())
    sql, parameters = selected.query.get_compiler(connection=connection).as_sql()
    names = ", ".join(connection.ops.quote_name(column) for column in values)
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(model._meta.db_table)
        cursor.execute(f"INSERT INTO {table} ({names}) {sql} ON CONFLICT DO NOTHING", parameters)
        return int(cursor.rowcount)
