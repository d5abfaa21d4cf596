"""A full house: 1,500 students open the join link of one class, from four threads: `python -m benchmarks.joins`.

Three things are measured on SQLite and on a PostgreSQL started for it: the bare insert of a row; `joining.join`, which
keeps the join; and the whole of it, with the look-up of the class and of the person's part in it before. The ratios
are of CPU time in this process, since the time on the clock says as much about what else the machine does.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

STUDENTS, THREADS = 1_500, 4


def main() -> None:
    """Measures each database in a process of its own: settings are read once a process."""
    from tests.support.postgres import postgres

    print(f"{STUDENTS} joins of one class from {THREADS} threads, beside the bare insert (milliseconds each)")
    print(f"{'':>12} {'':>8} {'p50':>8} {'p99':>8} {'most':>8} {'CPU':>7} {'/ insert':>9} {'a second':>9}")
    with tempfile.TemporaryDirectory(prefix="live-classes-bench-") as folder:
        _measure_in_process("SQLite", f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
    with postgres() as url:
        _measure_in_process("PostgreSQL", url)


def _measure_in_process(name: str, database_url: str) -> None:
    # The product's settings, not the tests': these give PostgreSQL the pool that a server has.
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "breathecode.settings.base",
        "DEBUG": "true",
        "LOG_LEVEL": "ERROR",
    }
    subprocess.run([sys.executable, "-m", "benchmarks.joins", name], env=environment, check=True)


def measure(name: str) -> None:
    """Prints a line for each measure, in the database of this process. Needs it empty."""
    import django
    from django.core.management import call_command

    django.setup()
    from django.conf import settings

    settings.DEBUG = False  # else Django keeps every statement in memory
    call_command("migrate", verbosity=0)
    (bare, live_class, visited), students = prepare()

    from django.utils import timezone

    from breathecode.events.domain import joining
    from breathecode.events.models import ClassJoin

    def insert(user: Any) -> None:
        ClassJoin.objects.create(live_class=bare, user=user, joined_at=timezone.now())

    def join(user: Any) -> None:
        joining.join(joining.Visit(live_class=live_class, user=user, teaches=False), now=timezone.now())

    def visit(user: Any) -> None:
        joining.join(joining.attempt_as_member(hash_=visited.hash, user=user), now=timezone.now())

    cost = 0.0
    for what, action, joined in (("insert", insert, bare), ("join", join, live_class), ("visit", visit, visited)):
        seconds, on_the_clock, cpu = timed(action, students)
        if (kept := ClassJoin.objects.filter(live_class=joined).count()) != STUDENTS:
            raise SystemExit(f"{kept} of {STUDENTS} joins were kept.")
        cost = cost or cpu
        p50, p99 = statistics.median(seconds), statistics.quantiles(seconds, n=100)[98]
        print(
            f"{name:>12} {what:>8} {p50 * 1e3:>8.2f} {p99 * 1e3:>8.2f} {max(seconds) * 1e3:>8.2f} "
            f"{cpu / STUDENTS * 1e3:>7.2f} {cpu / cost:>9.1f} {STUDENTS / on_the_clock:>9.0f}",
            flush=True,
        )


def prepare() -> tuple[list[Any], list[Any]]:
    """A class for each measure, and 1,500 students of their cohort."""
    from datetime import timedelta

    from django.utils import timezone

    from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser
    from breathecode.authenticate.models import Academy, User
    from breathecode.events.models import LiveClass

    academy = Academy.objects.create(slug="bench", name="Bench")
    cohort = Cohort.objects.create(
        academy=academy, slug="full", name="Full", online_meeting_url="https://example.org/r"
    )
    slot = CohortTimeSlot.objects.create(cohort=cohort, starting_at=1400, ending_at=1600)
    begun = timezone.now() - timedelta(minutes=1)
    classes = [
        LiveClass.objects.create(
            cohort_time_slot=slot, starting_at=begun - timedelta(minutes=n), ending_at=begun + timedelta(hours=2)
        )
        for n in range(3)
    ]
    students = User.objects.bulk_create(User(email=f"s{n}@example.org", password="!") for n in range(STUDENTS))
    CohortUser.objects.bulk_create(CohortUser(cohort=cohort, user=user) for user in students)
    return classes, students


def timed(action: Callable[[Any], None], users: Sequence[Any]) -> tuple[list[float], float, float]:
    """Seconds of each call, then seconds and CPU seconds of all; the users are shared out among the threads."""
    from django.db import connection

    seconds: list[float] = []
    failures: list[Exception] = []

    def run(mine: Sequence[Any]) -> None:
        try:
            for user in mine:
                begun = time.perf_counter()
                action(user)
                seconds.append(time.perf_counter() - begun)
        except Exception as error:  # noqa: BLE001  (raised again below, on the main thread)
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(users[n::THREADS],)) for n in range(THREADS)]
    begun, cpu = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return seconds, time.perf_counter() - begun, time.process_time() - cpu


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(sys.argv[1])
    else:
        main()
