"""Database triggers that maintain invariants for every kind of write (decision 0011).

Each app lists its triggers in `triggers.py`, in the SQL of both databases. They are made after `migrate`. SQLite
remakes a table to alter it, and loses its triggers with it, so there they are dropped before the migrations run.
"""

import dataclasses
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django.apps import AppConfig
from django.db import connections, transaction
from django.db.models import Model
from django.db.models.signals import post_migrate, pre_migrate

PREFIX = "breathecode_"
_WORDS = {
    "postgresql": {"CLOCK": "statement_timestamp()"},
    "sqlite": {"CLOCK": "strftime('%Y-%m-%d %H:%M:%f', 'now')", "GREATEST(": "max(", "::int": ""},
}
_EVENTS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """One trigger. The PostgreSQL statement executes the function `name`, which `function` defines.

    It is made where its table and those that it `needs` exist.
    """

    name: str
    table: str
    function: str
    postgresql: str
    sqlite: Sequence[str]
    needs: Sequence[str] = ()


def columns_of(model: type[Model], *, but: Iterable[str] = ()) -> list[str]:
    """The names of the model's columns, without those of the fields `but`."""
    left_out = set(but)
    return [field.column for field in model._meta.concrete_fields if field.name not in left_out]


def columns_named(model: type[Model], names: Iterable[str]) -> list[str]:
    """The names of the columns of these fields of the model."""
    wanted = set(names)
    return [field.column for field in model._meta.concrete_fields if field.name in wanted]


def differs(columns: Iterable[str], *, vendor: str, old: str = "OLD", new: str = "NEW") -> str:
    """A condition: the rows `old` and `new` differ in one of the columns. Null equals null."""
    names = list(columns)
    before, after = (", ".join(f'{row}."{name}"' for name in names) for row in (old, new))
    operator = {"postgresql": "IS DISTINCT FROM", "sqlite": "IS NOT"}[vendor]
    return f"(({before}) {operator} ({after}))"


def correcting_trigger(
    name: str, table: str, *, when: str, update: str, columns: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> Trigger:
    """A trigger that updates a row again after an update of it, where the condition `when` holds.

    Written in PostgreSQL's SQL, for both. `CLOCK` is the time; `<NAME>_DIFFER` compares the row before and after in
    the columns with this name. It runs after the update and not before it: there, PostgreSQL would take a stronger
    lock, for which inserts of rows that refer to this one would have to wait.
    """
    condition, body = _in_both(when, columns), _in_both(f"UPDATE {table} SET {update} WHERE id = NEW.id;", columns)
    return Trigger(
        name=PREFIX + name,
        table=table,
        function=_function(name, f"IF {condition['postgresql']} THEN {body['postgresql']} END IF;\nRETURN NULL;"),
        postgresql=f"AFTER UPDATE ON {table} FOR EACH ROW",
        sqlite=[f"AFTER UPDATE ON {table} FOR EACH ROW WHEN {condition['sqlite']} BEGIN {body['sqlite']} END"],
    )


def _in_both(text: str, columns: Mapping[str, Sequence[str]]) -> dict[str, str]:
    found = {}
    for vendor, words in _WORDS.items():
        named = {f"{name}_DIFFER": differs(names, vendor=vendor) for name, names in columns.items()}
        found[vendor] = functools.reduce(lambda sql, word: sql.replace(*word), [*named.items(), *words.items()], text)
    return found


def update_trigger(name: str, table: str, *, columns: Sequence[str], sql: str, needs: Sequence[str] = ()) -> Trigger:
    """A trigger after the update of a row, where one of the columns changed; `sql` reads it as `OLD` and `NEW`.

    For each row and not for a statement: on PostgreSQL, two tables whose statement triggers update each other would
    never end, since such a trigger also runs for a statement that updates no row.
    """
    condition = {vendor: differs(columns, vendor=vendor) for vendor in _WORDS}
    return Trigger(
        name=PREFIX + name,
        table=table,
        function=_function(name, f"{sql}\nRETURN NULL;"),
        postgresql=f"AFTER UPDATE ON {table} FOR EACH ROW WHEN {condition['postgresql']}",
        sqlite=[f"AFTER UPDATE ON {table} FOR EACH ROW WHEN {condition['sqlite']} BEGIN {sql} END"],
        needs=needs,
    )


def insert_trigger(name: str, table: str, *, postgresql: str) -> Trigger:
    """A trigger before each insert, on PostgreSQL alone."""
    return Trigger(
        name=PREFIX + name,
        table=table,
        function=_function(name, f"{postgresql}\nRETURN NEW;"),
        postgresql=f"BEFORE INSERT ON {table} FOR EACH ROW",
        sqlite=[],
    )


def change_triggers(
    name: str,
    table: str,
    *,
    columns: Sequence[str],
    parent: Sequence[str],
    postgresql: str,
    sqlite: str,
    events: Iterable[str] = _EVENTS,
    needs: Sequence[str] = (),
) -> list[Trigger]:
    """Triggers for rows that are inserted, deleted or changed in one of the `columns`.

    On PostgreSQL they run once for a statement, however many rows it writes; `CHANGED` stands for the table `changed`
    of those rows, as they were and as they are. On SQLite they run for each row, which is `ROW`: for the row as it is,
    and for the row as it was where a column in `parent` changed, so that each parent is written once.
    """
    return [
        Trigger(
            name=f"{PREFIX}{name}_{event.lower()}",
            table=table,
            function=_function(f"{name}_{event.lower()}", _with_changed(postgresql, event, columns)),
            postgresql=_after_statement(table, event),
            sqlite=list(_after_row(table, event, columns, parent, sqlite)),
            needs=needs,
        )
        for event in events
    ]


def _function(name: str, body: str) -> str:
    return f"CREATE OR REPLACE FUNCTION {PREFIX}{name}() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n{body}\nEND $$"


def _with_changed(body: str, event: str, columns: Sequence[str]) -> str:
    """The body with `CHANGED` replaced by a subquery of the statement's transition tables."""
    rows = " UNION ALL ".join(f"SELECT * FROM {row.lower()}_rows" for row in _EVENTS[event])
    if event == "UPDATE":
        # A new key counts as a row that went and one that came.
        same = f"o.id = n.id AND NOT {differs(columns, vendor='postgresql', old='o', new='n')}"
        rows = (
            f"SELECT o.* FROM old_rows o WHERE NOT EXISTS (SELECT FROM new_rows n WHERE {same})"
            f" UNION ALL SELECT n.* FROM new_rows n WHERE NOT EXISTS (SELECT FROM old_rows o WHERE {same})"
        )
    return body.replace("CHANGED", f"({rows}) AS changed") + "\nRETURN NULL;"


def _after_statement(table: str, event: str) -> str:
    tables = " ".join(f"{row} TABLE AS {row.lower()}_rows" for row in _EVENTS[event])
    return f"AFTER {event} ON {table} REFERENCING {tables} FOR EACH STATEMENT"


def _after_row(table: str, event: str, columns: Sequence[str], parent: Sequence[str], body: str) -> Iterable[str]:
    for row in _EVENTS[event]:
        compared = parent if row == "OLD" else columns
        condition = f" WHEN {differs(compared, vendor='sqlite')}" if event == "UPDATE" else ""
        yield f"AFTER {event} ON {table} FOR EACH ROW{condition} BEGIN {body.replace('ROW', row)} END"


def keep_triggers(app: AppConfig, triggers: Callable[[], Iterable[Trigger]]) -> None:
    """Makes these triggers after each `migrate`, and drops them before it where migrations would lose them."""

    def drop(using: str, plan: Sequence[Any] = (), **kwargs: Any) -> None:
        if plan and connections[using].vendor == "sqlite":
            drop_triggers(triggers(), using=using)

    def make(using: str, **kwargs: Any) -> None:
        make_triggers(triggers(), using=using)

    pre_migrate.connect(drop, sender=app, weak=False, dispatch_uid=f"{app.label}: drop triggers")
    post_migrate.connect(make, sender=app, weak=False, dispatch_uid=f"{app.label}: make triggers")


def make_triggers(triggers: Iterable[Trigger], *, using: str) -> None:
    """Makes them, or replaces them, at once; none for a table that does not exist (yet)."""
    connection = connections[using]
    statements = {"postgresql": _postgresql, "sqlite": _sqlite}[connection.vendor]
    tables = set(connection.introspection.table_names())
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for trigger in triggers:
            for statement in statements(trigger) if tables.issuperset((trigger.table, *trigger.needs)) else ():
                cursor.execute(statement)


def drop_triggers(triggers: Iterable[Trigger], *, using: str) -> None:
    """Drops them on SQLite."""
    with connections[using].cursor() as cursor:
        for name in (name for trigger in triggers for name, _body in _sqlite_names(trigger)):
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def names(triggers: Iterable[Trigger], *, vendor: str) -> set[str]:
    """What they are called in the database."""
    found = list(triggers)
    if vendor == "postgresql":
        return {trigger.name for trigger in found}
    return {name for trigger in found for name, _body in _sqlite_names(trigger)}


def _postgresql(trigger: Trigger) -> Iterable[str]:
    yield trigger.function
    yield f"CREATE OR REPLACE TRIGGER {trigger.name} {trigger.postgresql} EXECUTE FUNCTION {trigger.name}()"


def _sqlite(trigger: Trigger) -> Iterable[str]:
    for name, body in _sqlite_names(trigger):
        yield f"DROP TRIGGER IF EXISTS {name}"
        yield f"CREATE TRIGGER {name} {body}"


def _sqlite_names(trigger: Trigger) -> Iterable[tuple[str, str]]:
    for number, body in enumerate(trigger.sqlite, start=1):
        yield f"{trigger.name}_{number}", body
