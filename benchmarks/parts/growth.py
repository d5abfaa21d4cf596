"""What requests and periodic tasks read and compute where the tables hold more: other academies' classes, and the past.

Pages are shared buffers by EXPLAIN. At the smallest size they are those of plans by index, as in `tests/test_flat.py`:
of its own choice the planner reads small tables as a whole there, which it does of none that has grown. At the other
sizes the planner chooses. A line of its own leaves out the pages above the leaves of trees: the tree of a larger index
has a level more. CPU is this process's and that of its connection, always with the planner's own choice.
"""

import os
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from django.db import connection, transaction

from benchmarks.lines import Line
from benchmarks.sizes import Size
from benchmarks.timing import computed_seconds, peak_mb
from breathecode.celery import PERIODIC_TASKS
from tests.support.flat.calls import Called, measured
from tests.support.flat.databases import FilledDatabase, fill, opened

TARGET = 1.3
_LEVELS = """
    SELECT relname, (bt_metap(pg_class.oid::regclass::text)).level FROM pg_class JOIN pg_am ON pg_am.oid = relam
    WHERE amname = 'btree' AND relkind = 'i' AND relnamespace = 'public'::regnamespace
"""
CALLED = {
    "own list": Called("api", "GET", "/v1/events/me/event/liveclass"),
    "academy's list": Called("api", "GET", "/v1/events/academy/event/liveclass"),
    "join": Called("api", "GET", "/v1/events/me/event/liveclass/join/<str:hash_>"),
    "feed": Called("api", "GET", "/v1/events/ical/me"),
    "board": Called("page", "GET", "board"),
    "calendar month": Called("page", "GET", "calendar"),
    "academy's calendar month": Called("page", "GET", "academy-calendar"),
    "page of a class": Called("page", "GET", "class"),
    "attendance report": Called("api", "GET", "/v1/admissions/academy/cohort/<str:cohort>/attendance.json"),
    "admin's list of classes": Called("admin", "GET", "events_liveclass"),
    "/metrics": Called("probe", "GET", "/metrics"),
    **{name.rpartition(".")[2]: Called("task", "", name) for name in PERIODIC_TASKS},
}


class Costs(NamedTuple):
    """`inner`: those of `pages` above the leaves of trees of indexes, one for each level of each look-up."""

    pages: int
    inner: int
    cpu_ms: float
    statements: int
    clock_ms: float


def measure(size: Size) -> Iterator[Line]:
    found: dict[int, dict[str, Costs]] = {}
    smallest = size.growth[0]
    for classes in size.growth:
        begun = time.monotonic()
        with filled(classes) as database:
            print(f"growth: {classes:,} classes filled in {time.monotonic() - begun:.0f} s", flush=True)
            by_index, levels = classes == smallest, levels_of_indexes(database)
            found[classes] = {
                name: costs(called, database, levels, rounds=size.rounds, by_index=by_index)
                for name, called in CALLED.items()
            }
    for classes in size.growth[1:]:
        for name, many in found[classes].items():
            yield from _lines(name, found[smallest][name], many, f"at {classes:,}", f"{smallest:,} classes")


def _lines(name: str, few: Costs, many: Costs, at: str, beside: str) -> Iterator[Line]:
    more = {"cpu_ms": many.cpu_ms, "p50_ms": many.clock_ms, "statements": many.statements, "peak_mb": peak_mb()}
    yield Line(f"growth, {name}: pages {at}", many.pages / max(few.pages, 1), TARGET, beside)
    without = (many.pages - many.inner) / max(few.pages - few.inner, 1)
    yield Line(f"growth, {name}: pages but for levels of trees {at}", without, TARGET, beside)
    yield Line(f"growth, {name}: CPU {at}", many.cpu_ms / few.cpu_ms, TARGET, beside, **more)


@contextmanager
def filled(classes: int) -> Iterator[FilledDatabase]:
    """A copy of this process's database, filled, and removed afterwards."""
    server, _, template = os.environ["DATABASE_URL"].rpartition("/")
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # of the PostgreSQL backend alone; a template must be idle
    name = f"growth_{classes}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        try:
            yield fill(name, classes=classes)
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def levels_of_indexes(database: FilledDatabase) -> dict[str, int]:
    """How many pages of each B-tree a look-up visits before its leaf."""
    server, _, _name = os.environ["DATABASE_URL"].rpartition("/")
    with psycopg.connect(f"{server}/{database.name}", autocommit=True) as admin:
        admin.execute("CREATE EXTENSION pageinspect")
        return dict(admin.execute(_LEVELS).fetchall())


def costs(called: Called, database: FilledDatabase, levels: dict[str, int], *, rounds: int, by_index: bool) -> Costs:
    """`by_index` is how pages are read; CPU is always that of the planner's own choice."""
    with opened(database, by_index=by_index) as school:
        statements = measured(called, school)
    searches = sum((statement.searches for statement in statements), Counter[str]())
    inner = sum(levels[index] * times for index, times in searches.items())
    costs = []
    with opened(database, by_index=False) as school:
        for _round in range(rounds):  # on one connection, which has read the catalogues after the first
            with transaction.atomic():
                costs += measured(called, school, _costing)
                transaction.set_rollback(True)
    cpu, clock = (statistics.median(values) * 1000 for values in zip(*costs, strict=True))
    return Costs(sum(statement.pages for statement in statements), inner, cpu, len(statements), clock)


@contextmanager
def _costing() -> Iterator[list[Any]]:
    """CPU and clock of the block, in seconds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    found: list[Any] = []
    process = Path(f"/proc/{backend}")
    cpu, begun = time.process_time() + computed_seconds(process), time.perf_counter()
    yield found
    clock = time.perf_counter() - begun
    found.append((time.process_time() + computed_seconds(process) - cpu, clock))
