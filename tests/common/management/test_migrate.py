"""`manage.py migrate` beside other transactions."""

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from breathecode.common.management.commands import migrate
from tests.support.database import database_url

pytestmark = pytest.mark.django_db(transaction=True)
LIMIT = "SHOW lock_timeout"


def test_it_migrates_on_both_databases():
    """O6: as Django's own command does; of what is up to date, the triggers are made again."""
    call_command("migrate", verbosity=0)


if connection.vendor == "postgresql":

    def test_it_gives_up_where_requests_would_wait_behind_it(monkeypatch):
        """O6: after some seconds, and it works once the other transaction is over."""
        monkeypatch.setattr(migrate, "MAX_LOCK_WAIT", 0.2)
        with psycopg.connect(database_url()) as other:
            # As of one that writes; triggers are made under a lock that waits for it.
            other.execute("LOCK TABLE admissions_cohort IN ROW EXCLUSIVE MODE")
            with pytest.raises(CommandError, match=r"Another transaction has held a lock for 0\.2 seconds"):
                call_command("migrate", verbosity=0)
        monkeypatch.undo()
        call_command("migrate", verbosity=0)

    def test_the_limit_ends_with_the_command():
        """O6: other statements of the process wait as before."""
        with connection.cursor() as cursor:
            cursor.execute(LIMIT)
            before = cursor.fetchone()
            call_command("migrate", verbosity=0)
            cursor.execute(LIMIT)
            assert cursor.fetchone() == before
