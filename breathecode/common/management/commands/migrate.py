"""`manage.py migrate`, which gives up where others would have to wait for it."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from psycopg.errors import LockNotAvailable

from breathecode.common.db.lock_waits import lock_waits_limited

# A statement that changes a table waits for every transaction that uses it, and all requests behind it wait too.
MAX_LOCK_WAIT = 5.0  # seconds


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with lock_waits_limited(connections[options["database"]], seconds=MAX_LOCK_WAIT):
                super().handle(*args, **options)
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            raise CommandError(
                f"Another transaction has held a lock for {MAX_LOCK_WAIT:g} seconds. "
                "Migrations that were complete stay; run migrate again once it is over."
            ) from error
