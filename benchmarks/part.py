"""One part in this process: `python -m benchmarks.part NAME SIZE FILE`, with DATABASE_URL of an empty PostgreSQL.

Settings are read once a process, and what one part keeps in memory must not slow the next.
"""

import sys
from importlib import import_module
from pathlib import Path

from benchmarks.lines import dump
from benchmarks.sizes import SIZES


def main(name: str, size: str, file: str) -> None:
    import django

    django.setup()
    from django.db import connection

    part = import_module(f"benchmarks.parts.{name}")
    Path(file).write_text(dump(list(part.measure(SIZES[size]))))
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # of the PostgreSQL backend alone


if __name__ == "__main__":
    main(*sys.argv[1:])
