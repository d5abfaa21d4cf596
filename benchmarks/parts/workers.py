"""How much sooner two workers have built what is queued than one: real workers, with a broker of their own.

Four time slots for each cohort: as `manage.py build_live_classes` queues them, and as a sweep finds them.
"""

import datetime
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

from celery import Celery
from django.db import connection
from django.db.models import F, Sum

from benchmarks.lines import Line
from benchmarks.sizes import Size
from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.authenticate.models import Academy
from breathecode.celery import PERIODIC_TASKS
from breathecode.common.models import TaskCount
from breathecode.events.models import LiveClass
from breathecode.schedules.domain.generation import count_due_time_slots
from breathecode.schedules.tasks import build_due_live_classes, build_live_classes_from_timeslot
from tests.support.servers import celery_worker, valkey

SLOTS_OF_COHORT = 4
CLASSES_OF_SLOT = 600
KICKOFF = datetime.date(2090, 1, 1)
TARGET = 0.556  # 1.8 times as fast
SECONDS = 600  # after which nothing is waited for any longer
# A worker alone, as it is run; its beat stays out of the measurement.
ARGUMENTS = ("--concurrency=1", "--without-gossip", "--without-mingle")
ENVIRONMENT = {"SWEEP_INTERVAL_SECONDS": "300", "LOG_LEVEL": "INFO"}


def measure(size: Size) -> Iterator[Line]:
    with ExitStack() as stack:
        one, two = (_Workers(count, stack) for count in (1, 2))
        slots = _slots(size.worker_classes)  # after the first sweep of each worker
        for name, queue in (("queued", _queue_each), ("due to a sweep", _queue_sweep)):
            spent: dict[_Workers, list[float]] = {one: [], two: []}
            for _round in range(1 + size.worker_rounds):
                for workers, seconds in spent.items():
                    _forget()
                    seconds.append(workers.seconds_for(partial(queue, slots=slots)))
            yield _line(f"{size.worker_classes:,} classes {name}", alone=spent[one][1:], together=spent[two][1:])


def _line(name: str, *, alone: list[float], together: list[float]) -> Line:
    ratio = statistics.median(together) / statistics.median(alone)
    return Line(
        f"two workers: {name}", ratio, TARGET, "one worker", p50_ms=statistics.median(together) * 1000,
        p99_ms=max(together) * 1000,
    )  # fmt: skip


class _Workers:
    """So many workers of one process each, which wait for work of a broker of their own."""

    def __init__(self, count: int, stack: ExitStack) -> None:
        url = stack.enter_context(valkey()).url
        self.app = Celery(broker=url)
        for _worker in range(count):
            expected = _tasks_done() + len(PERIODIC_TASKS)
            worker = stack.enter_context(celery_worker({**ENVIRONMENT, "CELERY_BROKER_URL": url}, *ARGUMENTS))
            worker.process.wait_until(partial(_have_run, expected), seconds=60)

    def seconds_for(self, queue: Callable[[Celery], None]) -> float:
        begun = time.perf_counter()
        queue(self.app)
        while _is_unbuilt():
            if time.perf_counter() - begun > SECONDS:
                raise RuntimeError("The workers did not build what was queued.")
            time.sleep(0.02)
        seconds = time.perf_counter() - begun
        if due := count_due_time_slots():
            raise RuntimeError(f"{due} time slots are due though all are built.")
        return seconds


def _is_unbuilt() -> bool:
    """Whether a time slot has still to be built; by one short statement, since the workers need both cores.

    `count_due_time_slots`, asked as often, takes up to a fifth of a core.
    """
    return CohortTimeSlot.objects.alias(changes=F("revision") - F("built_revision")).filter(changes__gt=0).exists()


def _have_run(tasks: int) -> bool:
    return _tasks_done() >= tasks


def _tasks_done() -> int:
    return TaskCount.objects.aggregate(total=Sum("count"))["total"] or 0


def _slots(classes: int) -> list[int]:
    """The ids of so many classes' time slots, in the order of the command: the first of each cohort, and so on."""
    academy = Academy.objects.create(slug="workers", name="Workers", timezone="America/New_York")
    last = KICKOFF + datetime.timedelta(days=CLASSES_OF_SLOT - 1)
    dates = {"kickoff_date": KICKOFF, "ending_date": last}
    cohorts = Cohort.objects.bulk_create(
        Cohort(academy=academy, slug=f"c{number}", name=f"Cohort {number}", stage="STARTED", **dates)
        for number in range(classes // (SLOTS_OF_COHORT * CLASSES_OF_SLOT))
    )
    hours = [(hour * 100, (hour + 1) * 100) for hour in range(9, 9 + SLOTS_OF_COHORT)]
    slots = CohortTimeSlot.objects.bulk_create(
        CohortTimeSlot(
            cohort=cohort, starting_at=start, ending_at=end, recurrency_type="DAILY", timezone=academy.timezone
        )
        for start, end in hours
        for cohort in cohorts
    )
    return [slot.pk for slot in slots]


def _queue_each(app: Celery, slots: list[int]) -> None:
    for slot in slots:
        app.send_task(build_live_classes_from_timeslot.name, kwargs={"timeslot_id": slot})


def _queue_sweep(app: Celery, slots: list[int]) -> None:
    app.send_task(build_due_live_classes.name)


def _forget() -> None:
    """No time slot is built."""
    LiveClass.objects.all()._raw_delete("default")
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # without the triggers, which forbid it
        CohortTimeSlot.objects.update(built_revision=0, first_built_at=None)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE events_liveclass, admissions_cohorttimeslot, admissions_cohort")
