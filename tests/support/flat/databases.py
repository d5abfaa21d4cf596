"""Databases that differ in what other academies have in them: 1,000 classes, 10,000, and 50,000."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connections, transaction
from django.utils import timezone

from benchmarks.filling.past import Past
from benchmarks.filling.school import School, make_due, make_links, make_school, make_things
from breathecode.calendars.tasks import send_due_invitations

SMALL, MEDIUM, LARGE = 1_000, 10_000, 50_000
# Plans that do not depend on how many processors there are.
_SETTINGS = "-c max_parallel_workers_per_gather=0 -c jit=off"
# Whether there is a way to the rows that does not grow: where a table is small, the planner reads the whole of it.
# One way to join, so that two sizes are joined in the same way; the memory is too small for a hash of a subquery.
_BY_INDEX = (
    _SETTINGS
    + "".join(f" -c enable_{way}=off" for way in ("seqscan", "hashjoin", "mergejoin", "memoize", "material"))
    + " -c work_mem=64kB -c hash_mem_multiplier=1"
)


@dataclass
class FilledDatabase:
    """`large`: the tables that have more than a few pages here."""

    name: str
    school: School
    large: frozenset[str]


def fill(name: str, *, classes: int) -> FilledDatabase:
    """Fills the empty, migrated database of this name."""
    with _connected(name, options="") as connection:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM FULL")  # it is a copy of a database that has the dead rows of thousands of tests
        now = timezone.now()
        with transaction.atomic():
            school = make_school(now=now)
            for make in (make_things, make_due, make_links):
                make(school, now=now)
        Past(classes, now=now).fill()
        # The first run of a month looks at everybody who has invitations.
        send_due_invitations.apply(throw=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relpages > 20")
            large = frozenset(relname for (relname,) in cursor.fetchall())
    return FilledDatabase(name, school, large)


@contextmanager
def opened(database: FilledDatabase, *, by_index: bool) -> Iterator[School]:
    """Django's default database is this one; all that the block writes is rolled back.

    `by_index`: with plans that read a whole table only where no index leads to the rows, else with the planner's own.
    """
    with _connected(database.name, options=_BY_INDEX if by_index else _SETTINGS), transaction.atomic():
        yield database.school
        transaction.set_rollback(True)


@contextmanager
def _connected(name: str, *, options: str) -> Iterator[Any]:
    usual = connections["default"]
    wrapper = connections.create_connection("default")
    given = dict(wrapper.settings_dict)
    # Without a pool, which would hand out connections to another database or with other options.
    others = {key: value for key, value in given["OPTIONS"].items() if key != "pool"}
    wrapper.settings_dict = {**given, "NAME": name, "OPTIONS": {**others, "options": options}}
    connections["default"] = wrapper
    try:
        yield wrapper
    finally:
        wrapper.close()
        connections["default"] = usual
