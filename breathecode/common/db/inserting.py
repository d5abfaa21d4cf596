"""Inserting thousands of rows that differ in few columns: by COPY on PostgreSQL, by multi-row inserts on SQLite.

Django's `bulk_create()` makes an instance of each row and asks each of its fields twice, which took five times as long
as the database (benchmarks, part `generation`). Here the fields are asked once for all rows that share a template.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection, models

from breathecode.common.db.actors import set_actor

BATCH = 20_000  # rows of a multi-row insert: beyond it, memory costs more than a second statement


class Variants(NamedTuple):
    """Rows to insert: each is the unsaved instance `template` with the values of one element of `rows`."""

    template: models.Model
    rows: Iterable[tuple[Any, ...]]


def insert_variants(model: type[models.Model], names: Sequence[str], variants: Iterable[Variants]) -> None:
    """Inserts all rows in one statement, within the caller's transaction; the ids are not returned.

    `names` are the fields (by attribute, `cohort_id`) whose values the rows have, in this order and as PostgreSQL's
    columns take them: aware datetimes, dates, numbers, texts, None. Every other field is filled from the template as
    `save()` would. Triggers and constraints hold as for any insert; no signal is sent. Raises IntegrityError.
    """
    insert = {"postgresql": _copy}.get(connection.vendor, _insert)
    insert(model, names, variants)


def _copy(model: type[models.Model], names: Sequence[str], variants: Iterable[Variants]) -> None:
    by_name = {field.attname: field for field in _filled_fields(model)}
    varying = [by_name.pop(name) for name in names]
    constant = list(by_name.values())
    quoted = connection.ops.quote_name
    columns = ", ".join(quoted(str(field.column)) for field in (*varying, *constant))
    statement = f"COPY {quoted(model._meta.db_table)} ({columns}) FROM STDIN"
    with connection.cursor() as cursor, connection.wrap_database_errors:
        set_actor(connection)  # wrappers of statements do not see a COPY
        with cursor.copy(statement) as copy:
            for template, rows in variants:
                shared = [field.get_db_prep_save(field.pre_save(template, True), connection) for field in constant]
                for row in rows:
                    copy.write_row((*row, *shared))


def _insert(model: type[models.Model], names: Sequence[str], variants: Iterable[Variants]) -> None:
    instances = []
    for template, rows in variants:
        shared = {
            field.attname: field.pre_save(template, True)
            for field in _filled_fields(model)
            if field.attname not in names
        }
        instances += [model(**shared, **dict(zip(names, row, strict=True))) for row in rows]
    model._base_manager.bulk_create(instances, batch_size=BATCH)


def _filled_fields(model: type[models.Model]) -> "list[models.Field[Any, Any]]":
    """The fields that an insert has values for: all but an id that the database counts."""
    return [field for field in model._meta.concrete_fields if field is not model._meta.auto_field]
