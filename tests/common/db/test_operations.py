"""The project's own operations of migrations, on both databases."""

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.migrations.state import ProjectState

from breathecode.common.db.operations import AddIndexConcurrently

INDEX = models.Index(fields=["name"], name="cohort_name_for_a_test")


def index_names():
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, "admissions_cohort"))


@pytest.mark.django_db(transaction=True)
def test_an_index_is_added_and_removed():
    """O6: on either database, outside a transaction as the migration's `atomic = False` has it."""
    before = ProjectState.from_apps(apps)
    operation = AddIndexConcurrently("cohort", INDEX)
    after = before.clone()
    operation.state_forwards("admissions", after)
    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("admissions", editor, before, after)
    assert INDEX.name in index_names()
    if connection.vendor == "postgresql":  # a run that broke off has left the index, which may be invalid
        with connection.schema_editor(atomic=False) as editor:
            operation.database_forwards("admissions", editor, before, after)
        assert INDEX.name in index_names()
    with connection.schema_editor(atomic=False) as editor:
        operation.database_backwards("admissions", editor, after, before)
    assert INDEX.name not in index_names()
