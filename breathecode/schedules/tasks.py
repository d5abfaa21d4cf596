"""Celery tasks that build live classes. They may run twice, late, or concurrently.

The documented name of the first is in `breathecode.events.tasks`, which imports it (rule C1).
"""

import logging
from typing import Any

from celery import Task, shared_task
from django.utils import timezone

from breathecode.admissions.models import CohortTimeSlot
from breathecode.common.queue import run_isolated
from breathecode.common.sweeps import sweep_all
from breathecode.schedules.domain.generation import build_time_slot, due_time_slot_ids

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
def build_due_live_classes(self: "Task[Any, Any]") -> int:
    """Builds what the queue forgot: the guarantee behind rule G9. Returns how many time slots were due."""
    due: dict[int, None] = {}

    def read() -> list[int]:
        found = due_time_slot_ids(now=timezone.now())
        due.update(dict.fromkeys(found))
        return found

    sweep_all(self, read, lambda pk: run_isolated(build_live_classes_from_timeslot, timeslot_id=pk))
    return len(due)
