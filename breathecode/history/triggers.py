"""The database records each change of these tables, whatever writes it (rule P8, decision 15).

Once for a statement on PostgreSQL, however many rows it writes; for each row on SQLite. Nothing is recorded where no
recorded column has another value, and no row for each class that a build makes: the time slot's history says why they
are there.
"""

import dataclasses
from collections.abc import Callable, Iterable

from django.db import models

from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser, Holiday
from breathecode.authenticate.models import AcademyMember
from breathecode.common.db.triggers import PREFIX, Trigger, differs
from breathecode.events.models import LiveClass
from breathecode.history.models import Change

CHANGES = "history_change"
COHORTS = "admissions_cohort"
_ALWAYS_LEFT_OUT = frozenset({"id", "academy", "created_at", "updated_at"})
_COHORT_OF_ROW = f"(SELECT academy_id FROM {COHORTS} WHERE id = ROW.cohort_id)"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A table whose changes are recorded.

    `academy` and `cohort` are SQL expressions of the row `ROW`; `left_out` are fields that say nothing to people, and
    `made_if` a condition on the new row: only such ones are recorded as created.
    """

    kind: Change.Kind
    model: type[models.Model]
    academy: str
    cohort: str
    left_out: frozenset[str] = frozenset()
    made_if: str = "TRUE"

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def fields(self) -> "list[models.Field[object, object]]":
        left_out = _ALWAYS_LEFT_OUT | self.left_out
        return [field for field in self.model._meta.concrete_fields if field.name not in left_out]


RECORDED = (
    Recorded(
        kind=Change.Kind.LIVE_CLASS,
        model=LiveClass,
        academy="ROW.academy_id",
        cohort="ROW.cohort_id",
        left_out=frozenset({
            "hash", "planned_date", "marked", "attended", "sequence", "kept_by_staff", "cancelled_by_schedule",
            "cohort", "day",
        }),
        made_if="ROW.planned_date IS NULL",
    ),
    Recorded(
        kind=Change.Kind.TIME_SLOT,
        model=CohortTimeSlot,
        academy=_COHORT_OF_ROW,
        cohort="ROW.cohort_id",
        left_out=frozenset({
            "revision", "built_revision", "built_until", "extends_at", "horizon_days", "first_built_at",
            "zone_data_version",
        }),
    ),
    Recorded(
        kind=Change.Kind.COHORT,
        model=Cohort,
        academy="ROW.academy_id",
        cohort="ROW.id",
        left_out=frozenset({"current_day", "classes_version", "calendar_changed_at"}),
    ),
    Recorded(kind=Change.Kind.HOLIDAY, model=Holiday, academy="ROW.academy_id", cohort="ROW.cohort_id"),
    Recorded(kind=Change.Kind.ENROLMENT, model=CohortUser, academy=_COHORT_OF_ROW, cohort="ROW.cohort_id"),
    Recorded(kind=Change.Kind.MEMBER, model=AcademyMember, academy="ROW.academy_id", cohort="CAST(NULL AS bigint)"),
)  # fmt: skip


def triggers() -> Iterable[Trigger]:
    """All of this app."""
    for recorded in RECORDED:
        yield from (_trigger(recorded, event) for event in ("INSERT", "UPDATE", "DELETE"))
    yield _end_of_academy()


def _trigger(recorded: Recorded, event: str) -> Trigger:
    name = f"{PREFIX}record_{recorded.kind}_{event.lower()}"
    columns = [field.column for field in recorded.fields]
    where = f" WHEN {differs(columns, vendor='sqlite')}" if event == "UPDATE" else ""
    if event == "INSERT" and recorded.made_if != "TRUE":
        where = f" WHEN {recorded.made_if.replace('ROW', 'NEW')}"
    tables = {"INSERT": "NEW TABLE AS n", "UPDATE": "OLD TABLE AS o NEW TABLE AS n", "DELETE": "OLD TABLE AS o"}[event]
    return Trigger(
        name=name,
        table=recorded.table,
        function=_function(name, _postgresql(recorded, event)),
        postgresql=f"AFTER {event} ON {recorded.table} REFERENCING {tables} FOR EACH STATEMENT",
        sqlite=[f"AFTER {event} ON {recorded.table} FOR EACH ROW{where} BEGIN {_sqlite(recorded, event)} END"],
        needs=(CHANGES, COHORTS),
    )


def _function(name: str, body: str) -> str:
    begin = f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n"
    return f"{begin}{body}\nRETURN NULL;\nEND $$"


def _insert(recorded: Recorded, *, row: str, clock: str, by: str, through: str, changes: str, rows: str) -> str:
    """Nothing is recorded of a row whose cohort is gone: no route leads to it."""
    academy, cohort = recorded.academy.replace("ROW", row), recorded.cohort.replace("ROW", row)
    return f"""
        INSERT INTO {CHANGES} (kind, object_id, academy_id, cohort_id, at, by_id, through, changes)
        SELECT * FROM (
            SELECT '{recorded.kind}' AS kind, {row}.id, {academy} AS academy_id, {cohort} AS cohort_id, {clock} AS at,
                {by} AS by_id, {through} AS through, {changes} AS changes
            {rows}
        ) AS written WHERE academy_id IS NOT NULL;
    """


# --- PostgreSQL ----------------------------------------------------------------------------------
_SETTING = "nullif(current_setting('breathecode.{0}', true), '')"


def _postgresql(recorded: Recorded, event: str) -> str:
    columns = [field.column for field in recorded.fields]
    rows = {
        "INSERT": f"FROM n WHERE {recorded.made_if.replace('ROW', 'n')}",
        "UPDATE": f"FROM o JOIN n ON n.id = o.id WHERE {differs(columns, vendor='postgresql', old='o', new='n')}",
        "DELETE": "FROM o",
    }[event]
    return _insert(
        recorded,
        row="o" if event == "DELETE" else "n",
        clock="statement_timestamp()",
        by=_SETTING.format("by") + "::bigint",
        through=f"coalesce({_SETTING.format('through')}, 'command')",
        changes=_changes_postgresql(recorded, event),
        rows=rows,
    )


def _changes_postgresql(recorded: Recorded, event: str) -> str:
    before, after = (_side(event, row, _value_postgresql, null="NULL::jsonb") for row in ("o", "n"))
    values = ", ".join(f"('{field.name}', {before(field)}, {after(field)})" for field in recorded.fields)
    return f"""(
        SELECT coalesce(jsonb_object_agg(f.name, jsonb_build_array(f.before, f.after)), '{{}}')
        FROM (VALUES {values}) AS f(name, before, after) WHERE f.before IS DISTINCT FROM f.after
    )"""


def _value_postgresql(field: "models.Field[object, object]", row: str) -> str:
    column = f'{row}."{field.column}"'
    if isinstance(field, models.DateTimeField):
        text = f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
        return f"to_jsonb(replace({text}, '.000000', ''))"
    return f"to_jsonb({column})"


# --- SQLite --------------------------------------------------------------------------------------
def _sqlite(recorded: Recorded, event: str) -> str:
    return _insert(
        recorded,
        row="OLD" if event == "DELETE" else "NEW",
        clock="strftime('%Y-%m-%d %H:%M:%f', 'now')",
        by="breathecode_by()",
        through="breathecode_through()",
        changes=_changes_sqlite(recorded, event),
        rows="",
    )


def _changes_sqlite(recorded: Recorded, event: str) -> str:
    before, after = (_side(event, row, _value_sqlite, null="NULL") for row in ("OLD", "NEW"))
    pairs = " UNION ALL ".join(
        f"SELECT '{field.name}' AS name, json_array({before(field)}, {after(field)}) AS pair"
        f" WHERE {before(field)} IS NOT {after(field)}"
        for field in recorded.fields
    )
    return f"(SELECT json_group_object(name, json(pair)) FROM ({pairs}))"


def _value_sqlite(field: "models.Field[object, object]", row: str) -> str:
    column = f'{row}."{field.column}"'
    if isinstance(field, models.DateTimeField):
        return f"(replace({column}, ' ', 'T') || 'Z')"
    if isinstance(field, models.BooleanField):
        return f"json(CASE WHEN {column} THEN 'true' ELSE 'false' END)"
    return f"json({column})" if isinstance(field, models.JSONField) else column


def _side(
    event: str, row: str, value: "Callable[[models.Field[object, object], str], str]", *, null: str
) -> "Callable[[models.Field[object, object]], str]":
    """The value of a field before (`o`, `OLD`) or after; `null` where the event has no such row."""
    missing = {"INSERT": ("o", "OLD"), "DELETE": ("n", "NEW")}.get(event, ())
    return (lambda field: null) if row in missing else (lambda field: value(field, row))


def _end_of_academy() -> Trigger:
    """What was recorded while an academy was being deleted goes with it."""
    name, table = f"{PREFIX}end_of_academy", "authenticate_academy"
    delete = f"DELETE FROM {CHANGES} WHERE academy_id = OLD.id;"
    return Trigger(
        name=name,
        table=table,
        function=_function(name, delete),
        postgresql=f"AFTER DELETE ON {table} FOR EACH ROW",
        sqlite=[f"AFTER DELETE ON {table} FOR EACH ROW BEGIN {delete} END"],
        needs=(CHANGES,),
    )
