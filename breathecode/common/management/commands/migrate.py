"""`manage.py migrate`, which ends with an error where requests would have to wait for its locks."""

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
                "The migrations that were complete stay. Run migrate again once that transaction has ended, and start "
                "the new program only when migrate has succeeded: triggers may be missing until then."
            ) from error
