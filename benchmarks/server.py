"""The PostgreSQL of a run, which is gone afterwards, and programs that use it with the product's settings."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.postgres import postgres

ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "breathecode.settings.base",
    "SECRET_KEY": "only-for-benchmarks-on-a-database-that-is-thrown-away",
    "PUBLIC_URL": "http://classes.example.org",
    "ALLOWED_HOSTS": "127.0.0.1,testserver,classes.example.org",
    "LOG_LEVEL": "ERROR",
    "PYTHONWARNINGS": "ignore:No directory at:UserWarning",  # of static files, which nothing here reads
    # No server: what is queued waits in the database, and no mail leaves this machine.
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "DEFAULT_FROM_EMAIL": "classes@example.org",
}
LEFT_OUT = ("CELERY_BROKER_URL", "CACHE_URL", "DEBUG")  # the queue in this process, and the cache in its memory


@contextmanager
def template() -> Iterator[tuple[str, Path]]:
    """The address of a migrated database, and a folder for results; both are removed."""
    with postgres() as url, tempfile.TemporaryDirectory(prefix="live-classes-bench-") as folder:
        run([sys.executable, "manage.py", "migrate", "--verbosity=0"], url)
        yield url, Path(folder)


def run(command: list[str], url: str) -> int:
    usual = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    return subprocess.run(command, env={**usual, **ENVIRONMENT, "DATABASE_URL": url}, check=False).returncode
