"""Every migration since the previous release, before it meets a program that is running (docs/contributing.md)."""

import pytest
from django.db import models
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader

from breathecode.common.db.operations import AddIndexConcurrently
from tests.support import previous_release
from tests.support.migration_risks import risks

# Those that take something away, and why no process of the previous release misses it.
CONTRACTS: dict[tuple[str, str], str] = {}
INDEX = models.Index(fields=["title"], name="by_title")
COUNT: models.IntegerField = models.IntegerField(default=0)


LOADER = MigrationLoader(None)
NOW = LOADER.project_state()
TITLE = NOW.models["events", "liveclass"].fields["title"]


def ours():
    """Our own migrations on disk, by app and name."""
    migrations = LOADER.disk_migrations
    return {key: found for key, found in migrations.items() if type(found).__module__.startswith("breathecode.")}


def test_migrations_of_the_previous_release_are_all_there():
    """O6: one that was released is neither renamed nor removed: its database would not be upgraded."""
    assert previous_release.migrations() <= ours().keys()


def test_migrations_since_the_previous_release_let_it_run():
    """O6: none takes away what its processes use, refuses what they write, or locks a full table."""
    new = ours().keys() - previous_release.migrations() - CONTRACTS.keys()
    assert [
        risk for key in sorted(new) for risk in risks(ours()[key], before=LOADER.project_state(key, at_end=False))
    ] == []


def test_contracts_name_migrations_since_the_previous_release():
    """O6: an exception ends with the release that it was made for."""
    assert set(CONTRACTS) <= ours().keys() - previous_release.migrations()


def migration_of(*found):
    """A migration of events with these operations."""
    return type("Migration", (Migration,), {"operations": list(found)})("0002_for_a_test", "events")


def with_help(field):
    """The same column, with another text for people."""
    changed = field.clone()
    changed.help_text = "What the class is about."
    return changed


@pytest.mark.parametrize(
    ("operation", "allowed"),
    [
        (operations.AddField("liveclass", "count", models.IntegerField(null=True)), True),
        (operations.AddField("liveclass", "count", models.IntegerField(db_default=0)), True),
        (operations.AddField("liveclass", "count", COUNT), False),
        (operations.AddField("liveclass", "count", models.IntegerField(null=True, unique=True)), False),
        (AddIndexConcurrently("liveclass", INDEX), True),
        (operations.AddIndex("liveclass", INDEX), False),
        (operations.AddConstraint("liveclass", models.UniqueConstraint(fields=["title"], name="once")), False),
        (operations.AlterField("liveclass", "title", models.TextField()), False),
        (operations.AlterField("liveclass", "title", with_help(TITLE)), True),
        (operations.RemoveField("liveclass", "title"), False),
        (operations.RenameField("liveclass", "title", "name"), False),
        (operations.DeleteModel("liveclass"), False),
        (operations.RunSQL("UPDATE events_liveclass SET title = ''"), False),
    ],
    ids=lambda value: getattr(value, "describe", lambda: str(value))(),
)
def test_what_a_migration_may_do(operation, allowed):
    """O6: else the test above would prove nothing."""
    assert (not list(risks(migration_of(operation), before=NOW))) is allowed


def test_a_table_of_the_same_migration_may_have_anything():
    """O6: nobody uses it yet."""
    migration = migration_of(
        operations.CreateModel("Note", fields=[("id", models.AutoField(primary_key=True))]),
        operations.AddField("note", "count", COUNT),
        operations.AddIndex("note", models.Index(fields=["count"], name="by_count")),
    )
    assert list(risks(migration, before=NOW)) == []
