"""`make bench`: how fast is what people wait for, beside the least that it could cost?

On a PostgreSQL of its own, which is gone afterwards. Each part has a process and a database of its own.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks.lines import Line, load, results, table
from benchmarks.sizes import SIZES
from tests.support.postgres import postgres

PARTS = ("generation", "lists", "joins", "feed", "sweeps", "growth")
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "breathecode.settings.base",
    "SECRET_KEY": "only-for-benchmarks-on-a-database-that-is-thrown-away",
    "PUBLIC_URL": "http://classes.example.org",
    "ALLOWED_HOSTS": "127.0.0.1,testserver,classes.example.org",
    "LOG_LEVEL": "ERROR",
    # No server: what is queued waits in the database, and no mail leaves this machine.
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "DEFAULT_FROM_EMAIL": "classes@example.org",
}
LEFT_OUT = ("CELERY_BROKER_URL", "CACHE_URL", "DEBUG")  # the queue in this process, and the cache in its memory


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    lines: list[Line] = []
    failed = []
    with _template() as (url, folder):
        for part in options.parts or PARTS:
            begun = time.monotonic()
            found = _measure(part, options.size, url=url, folder=folder)
            print(f"{part}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
            lines += found
            failed += [] if found else [part]
    print(table(lines))
    if options.json:
        options.json.write_text(results(lines))
    if failed:
        print(f"Not measured: {', '.join(failed)}.", file=sys.stderr)
    return bool(failed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench", description="Measures the product beside its limits.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all of them if none is named")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write name, ratio, target and met of each line")
    parser.add_argument("--quick", dest="size", action="store_const", const="quick", help="in at most three minutes")
    parser.add_argument("--size", choices=SIZES, help=argparse.SUPPRESS)
    parser.set_defaults(size="full")
    return parser


@contextmanager
def _template() -> Iterator[tuple[str, Path]]:
    """The address of a migrated database, and a folder for results; both are removed."""
    with postgres() as url, tempfile.TemporaryDirectory(prefix="live-classes-bench-") as folder:
        _run([sys.executable, "manage.py", "migrate", "--verbosity=0"], url)
        yield url, Path(folder)


def _run(command: list[str], url: str) -> int:
    usual = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    return subprocess.run(command, env={**usual, **ENVIRONMENT, "DATABASE_URL": url}, check=False).returncode


def _measure(part: str, size: str, *, url: str, folder: Path) -> list[Line]:
    """The lines of a part; none where it failed, as its output says."""
    server, _, template = url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {part} TEMPLATE {template}".encode())
        file = folder / f"{part}.json"
        done = _run([sys.executable, "-m", "benchmarks.part", part, size, str(file)], f"{server}/{part}") == 0
        admin.execute(f"DROP DATABASE {part} WITH (FORCE)".encode())
    return load(file.read_text()) if done else []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
