"""Tables, indexes and periodic tasks at 100,000,000 classes: `python -m benchmarks.simulation`.

Nobody fills so many. Two databases are filled with 10,000 and 50,000 classes, and what differs between them is carried
on in a straight line: bytes of each table and index, and pages that each periodic task reads. Trees are of the height
that their fan-out gives.
"""

import math
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.server import run, template

FEWER, MORE, MANY = 10_000, 50_000, 100_000_000
PAGE, GIB, FAN_OUT = 8192, 1024**3, 250  # bytes, bytes, entries of a page of a tree
LARGEST = 16


def at_many(fewer: float, more: float, *, classes: int = MANY) -> float:
    """A straight line through what was measured at 10,000 and at 50,000 classes."""
    return max(more, more + (more - fewer) / (MORE - FEWER) * (classes - MORE))


def height(size: float) -> int:
    """Pages from the root of an index of so many bytes to a leaf."""
    return 1 + max(0, math.ceil(math.log(max(size / PAGE, 1), FAN_OUT)))


def main() -> None:
    import django

    django.setup()
    from benchmarks.parts.growth import CALLED, costs, filled, levels_of_indexes
    from breathecode.celery import PERIODIC_TASKS

    tasks = [name.rpartition(".")[2] for name in PERIODIC_TASKS]
    sizes, pages = [], []
    for classes in (FEWER, MORE):
        with filled(classes) as database:
            sizes.append(_bytes(os.environ["DATABASE_URL"].rpartition("/")[0], database.name))
            levels = levels_of_indexes(database)
            found = {name: costs(CALLED[name], database, levels, rounds=1, by_index=False) for name in tasks}
            pages.append({name: cost.pages for name, cost in found.items()})
    print("\n".join([*_relations(*sizes), "", *_tasks(*pages)]))


def _bytes(server: str, database: str) -> dict[str, dict[str, Any]]:
    """Bytes by table or index, and whether it is an index."""
    import psycopg

    sql = """
        SELECT relname, relkind = 'i', pg_relation_size(pg_class.oid)
        FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE nspname = 'public' AND relkind IN ('r', 'i')
    """
    with psycopg.connect(f"{server}/{database}") as connection:
        found = connection.execute(sql).fetchall()
    return {name: {"index": index, "bytes": size} for name, index, size in found}


def _relations(fewer: dict[str, dict[str, Any]], more: dict[str, dict[str, Any]]) -> Iterator[str]:
    sizes = {name: at_many(fewer[name]["bytes"], more[name]["bytes"]) for name in more}
    total = sum(size for name, size in sizes.items() if not more[name]["index"])
    indexes = sum(size for name, size in sizes.items() if more[name]["index"])
    yield f"{MANY:,} classes: tables {total / GIB:,.0f} GiB, indexes {indexes / GIB:,.0f} GiB"
    yield f"{'largest tables and indexes':<60} {'GiB':>8} {'height':>7}"
    for name, size in sorted(sizes.items(), key=lambda pair: -pair[1])[:LARGEST]:
        shown = str(height(size)) if more[name]["index"] else ""
        yield f"{name:<60} {size / GIB:>8.1f} {shown:>7}"


def _tasks(fewer: Mapping[str, float], more: Mapping[str, float]) -> Iterator[str]:
    yield f"{'pages that a periodic task reads':<40} {FEWER:>12,} {MORE:>12,} {MANY:>16,}"
    for name, pages in more.items():
        yield f"{name:<40} {fewer[name]:>12,.0f} {pages:>12,.0f} {at_many(fewer[name], pages):>16,.0f}"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main()
    else:
        with template() as (url, _folder):
            sys.exit(run([sys.executable, "-m", "benchmarks.simulation", "measure"], url))
