"""Celery tasks that build live classes. They may run twice, late, or concurrently.

The documented name of the first is in `breathecode.events.tasks`, which imports it (rule C1).
"""

import logging
from typing import Any

from celery import Task, shared_task
from django.utils import timezone

from breathecode.admissions.models import CohortTimeSlot
from breathecode.common.queue import enqueue, run_isolated
from breathecode.common.sweeps import SHARES, is_from_queue, sweep_all
from breathecode.schedules.domain.generation import build_time_slot, due_time_slots

logger = logging.getLogger(__name__)


@shared_task(name="breathecode.schedules.tasks.build_live_classes_from_timeslot")
def build_live_classes_from_timeslot(timeslot_id: int) -> bool:
    """Builds the live classes of one time slot now, due or not. True unless the time slot is gone."""
    try:
        result = build_time_slot(time_slot_id=timeslot_id, now=timezone.now())
    except CohortTimeSlot.DoesNotExist:
        logger.info("time slot deleted before its build", extra={"timeslot_id": timeslot_id})
        return False
    logger.info(
        "time slot built",
        extra={
            "timeslot_id": timeslot_id,
            "live_classes_created": result.created,
            "live_classes_moved": result.moved,
            "live_classes_deleted": result.deleted,
            "issue": result.issue,
        },
    )
    return True


@shared_task(bind=True)
def build_due_live_classes(self: "Task[Any, Any]", share: int | None = None) -> int:
    """Builds what the queue forgot: the guarantee behind rule G9. Returns how many time slots were due.

    A worker shares out what is due in several cohorts, by a message for each share, so that all workers build. A cohort
    is in one share: builds of one cohort wait for each other.
    """
    due: dict[int, int] = {}

    def read() -> list[int]:
        found = due_time_slots(now=timezone.now())
        due.update({pk: cohort_id for pk, cohort_id in found.items() if share in (None, cohort_id % SHARES)})
        return [pk for pk in found if pk in due]

    if share is None and is_from_queue(self):
        if not read():
            return 0
        shares = sorted({cohort_id % SHARES for cohort_id in due.values()})
        if len(shares) > 1 and all(enqueue(self, share=number) for number in shares):
            return len(due)
    sweep_all(self, read, lambda pk: run_isolated(build_live_classes_from_timeslot, timeslot_id=pk), share=share)
    return len(due)
