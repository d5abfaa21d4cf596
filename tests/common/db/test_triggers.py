"""The triggers that keep revisions and versions: there they are, and a migration leaves them there (decision 0011)."""

import subprocess
import sys
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import connection, models
from django.db.migrations import Migration

from breathecode.admissions import triggers as of_admissions
from breathecode.admissions.models import Cohort
from breathecode.authenticate import triggers as of_authenticate
from breathecode.calendars import triggers as of_calendars
from breathecode.common.db.triggers import names
from breathecode.events import triggers as of_events
from breathecode.feedback import triggers as of_feedback
from breathecode.history import triggers as of_history
from tests.support.processes import ROOT

APPS = (of_authenticate, of_admissions, of_events, of_calendars, of_feedback, of_history)
OURS = [trigger for app in APPS for trigger in app.triggers()]

PLAN = [(Migration("a_migration", "admissions"), False)]


def in_the_database():
    tables = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    with connection.cursor() as cursor:
        cursor.execute(tables[connection.vendor])
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.django_db
def test_they_are_there():
    """G9, O2: after `migrate`, as in each new database."""
    assert in_the_database() == names(OURS, vendor=connection.vendor)


@pytest.mark.django_db(transaction=True)
def test_a_migration_that_remakes_a_table(world):
    """G9, O2: SQLite makes a new table for it, without triggers; after `migrate` there they are and work."""
    before = in_the_database()
    field: Any = models.CharField(max_length=9, default="")
    field.set_attributes_from_name("remade")
    emit_pre_migrate_signal(0, False, "default", plan=PLAN)
    with connection.schema_editor() as editor:
        editor.add_field(Cohort, field)
        editor.remove_field(Cohort, field)
    emit_post_migrate_signal(0, False, "default", plan=PLAN)
    assert in_the_database() == before
    slot, version = world.time_slot(), Cohort.objects.get(pk=world.cohort.pk).classes_version
    Cohort.objects.filter(pk=world.cohort.pk).update(never_ends=True, ending_date=None)
    slot.refresh_from_db()
    assert (slot.revision, Cohort.objects.get(pk=world.cohort.pk).classes_version) == (2, version + 1)


@pytest.mark.django_db(transaction=True)
def test_migrate_with_nothing_to_migrate():
    """O2: a server goes on writing meanwhile, so none of them is gone for a moment."""
    seen = []

    def look(**kwargs):
        seen.append(in_the_database())

    models.signals.post_migrate.connect(look, sender=apps.get_app_config("common"))
    try:
        call_command("migrate", verbosity=0)
    finally:
        models.signals.post_migrate.disconnect(look, sender=apps.get_app_config("common"))
    assert seen == [names(OURS, vendor=connection.vendor)]


def test_all_the_way_back_and_forth(tmp_path):
    """G9: on SQLite, triggers that name a table which is gone would stop each migration after it."""
    script = (
        "import django; django.setup(); from django.core.management import call_command as call\n"
        "for target in [()] + [(app, 'zero') for app in ('events', 'attendance')] + [()]:\n"
        "    call('migrate', *target, verbosity=0)\n"
        "from django.db import connection as c; k = c.cursor()\n"
        "k.execute(\"SELECT count(*) FROM sqlite_master WHERE type = 'trigger'\"); print(k.fetchone()[0])\n"
    )
    env = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        "DJANGO_SETTINGS_MODULE": "breathecode.settings.base",
        "SECRET_KEY": "only-for-processes-of-this-test-0123456789",
    }
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=env, capture_output=True, text=True, timeout=100
    )
    assert done.stdout.strip() == str(len(names(OURS, vendor="sqlite"))), done.stderr
