"""Operations of migrations that do not stop the program that is running."""

from typing import Any

from django.contrib.postgres import operations
from django.db.migrations.operations import AddIndex

from breathecode.common.db.lock_waits import lock_waits_limited


class AddIndexConcurrently(operations.AddIndexConcurrently):
    """Adds an index while others write, in a migration with `atomic = False`.

    It waits for all open transactions. No request waits behind it, so it has no limit as `migrate` has.
    Where an earlier run broke off, PostgreSQL has kept the index, whole or invalid: it is dropped and made once more.
    On SQLite, which has one writer at a time, it is `AddIndex`.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            with lock_waits_limited(schema_editor.connection, seconds=0):
                name = schema_editor.quote_name(self.index.name)
                schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
                super().database_forwards(app_label, schema_editor, from_state, to_state)
        else:
            AddIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
        else:
            AddIndex.database_backwards(self, app_label, schema_editor, from_state, to_state)
