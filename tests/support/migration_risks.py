"""What a migration would do to the program that runs meanwhile, read from its operations."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.db.migrations import Migration, operations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from breathecode.common.db.operations import AddIndexConcurrently

SAFE = (
    operations.CreateModel,
    AddIndexConcurrently,
    operations.AlterModelOptions,
    operations.AlterModelManagers,
    operations.RemoveConstraint,  # the former code keeps to it anyway
)


def risks(migration: Migration, *, before: ProjectState) -> Iterator[str]:
    """A sentence for each operation that the former release's program, or a full table, may not stand.

    `before` is the state of the models that the migration begins with.
    """
    state, created = before.clone(), set()
    for operation in migration.operations:
        if isinstance(operation, operations.CreateModel):
            created.add(operation.name_lower)
        is_new = getattr(operation, "model_name", "").lower() in created  # nobody uses the table yet
        if not is_new and (risk := _risk(operation, migration.app_label, state)):
            yield f"{migration.app_label}.{migration.name}: {operation.describe()}: {risk}"
        operation.state_forwards(migration.app_label, state)


def _risk(operation: Operation, app_label: str, state: ProjectState) -> str:
    if isinstance(operation, operations.AddField):
        return _risk_of_new_column(operation.field)
    if isinstance(operation, operations.AddIndex) and not isinstance(operation, AddIndexConcurrently):
        return "nobody can write while it is made: AddIndexConcurrently of common/db/operations.py"
    if isinstance(operation, SAFE):
        return ""
    if isinstance(operation, operations.AlterField):
        model = state.models[app_label, operation.model_name_lower]
        if _column(model.fields[operation.name]) == _column(operation.field):
            return ""
    return "expand in this release, contract in the next (docs/contributing.md)"


def _risk_of_new_column(field: models.Field) -> str:
    if field.unique:
        return "a unique index locks the table: add the column, then the index concurrently"
    if field.many_to_many or field.null or field.db_default is not models.NOT_PROVIDED:
        return ""
    return "the former code inserts rows without it: null=True or db_default"


def _column(field: models.Field) -> tuple[object, ...]:
    """What the database knows of a field."""
    _, path, arguments, options = field.deconstruct()
    return path, arguments, {name: value for name, value in options.items() if name not in field.non_db_attrs}
