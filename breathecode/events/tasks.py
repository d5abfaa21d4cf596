"""Celery tasks: take ids and call the domain. Each may run twice, late, or beside itself."""

import logging
from collections.abc import Sequence
from typing import Any

from celery import Task, shared_task
from django.utils import timezone

from breathecode.common.queue import enqueue, run_isolated
from breathecode.common.sweeps import handle_batch, in_batches, sweep, sweep_all
from breathecode.events.domain.closing import close_class, close_classes, overdue_class_ids
from breathecode.events.domain.lifecycle import classes_with_lost_starts, start_by_join

# The documented names of the tasks that build classes (rule C1).
from breathecode.schedules.tasks import build_due_live_classes, build_live_classes_from_timeslot  # noqa: F401

logger = logging.getLogger(__name__)
CLASSES_PER_BATCH = 100  # ended in one transaction, which holds the locks of their cohorts


@shared_task
def mark_live_class_as_started(live_class_id: int) -> None:
    """Starts the class that a teacher or assistant has joined (rule J6)."""
    if start_by_join(live_class_id=live_class_id):
        logger.info("class started by join", extra={"live_class_id": live_class_id})


def request_start(live_class_id: int) -> None:
    """Has the class started that a recorded join is to start; here and now where the queue does not answer (J6)."""
    if not enqueue(mark_live_class_as_started, live_class_id=live_class_id):
        mark_live_class_as_started(live_class_id=live_class_id)


@shared_task
def start_joined_live_classes() -> None:
    """Starts what a lost message left unstarted: the guarantee behind rule J6."""
    ids = classes_with_lost_starts(now=timezone.now()).values_list("pk", flat=True)
    sweep(start_joined_live_classes, ids, lambda pk: run_isolated(mark_live_class_as_started, live_class_id=pk))


@shared_task(bind=True)
def close_overdue_live_classes(self: "Task[Any, Any]") -> int:
    """Ends overdue classes (rule A1). Returns how many this run ended."""
    closed = 0

    def close(ids: Sequence[int]) -> int:
        nonlocal closed
        now = timezone.now()
        ended = handle_batch(
            ids,
            together=lambda ids: len(close_classes(live_class_ids=ids, now=now)),
            alone=lambda pk: run_isolated(close_class, live_class_id=pk, now=now),
        )
        closed += ended
        return ended

    sweep_all(self, lambda: in_batches(overdue_class_ids(now=timezone.now()), CLASSES_PER_BATCH), close)
    if closed:
        logger.info("overdue classes closed", extra={"count": closed})
    return closed
