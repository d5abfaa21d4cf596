"""Doors: id in, call the domain. Every task may run twice, late, or beside itself."""

import logging
from collections.abc import Callable
from typing import Any

from celery import shared_task
from django.utils import timezone

from breathecode.admissions.models import CohortTimeSlot
from breathecode.common.queue import enqueue
from breathecode.events.domain import calendar_invitations, class_notices, reminders
from breathecode.events.domain.closing import close_class, overdue_class_ids
from breathecode.events.domain.generation import build_time_slot, due_time_slot_ids
from breathecode.events.domain.lifecycle import joined_classes_to_start, start_by_join

logger = logging.getLogger(__name__)


@shared_task
def build_live_classes_from_timeslot(timeslot_id: int) -> None:
    """Builds the live classes of one time slot now, due or not."""
    try:
        result = build_time_slot(time_slot_id=timeslot_id, now=timezone.now())
    except CohortTimeSlot.DoesNotExist:
        logger.info("time slot gone before its build", extra={"timeslot_id": timeslot_id})
        return
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


@shared_task
def build_due_live_classes() -> int:
    """Builds what the queue forgot: the guarantee behind rule G9. Returns how many time slots were due."""
    due = due_time_slot_ids(now=timezone.now())
    for timeslot_id in due:
        try:
            build_live_classes_from_timeslot(timeslot_id=timeslot_id)
        except Exception:  # one slot that cannot be built must not keep the others waiting
            logger.exception("time slot not built", extra={"timeslot_id": timeslot_id})
    return len(due)


@shared_task
def mark_live_class_as_started(live_class_id: int) -> None:
    """Starts the class that a teacher or assistant has joined (rule J6)."""
    if start_by_join(live_class_id=live_class_id):
        logger.info("class started by join", extra={"live_class_id": live_class_id})


def ask_to_start(live_class_id: int) -> None:
    """Has the class started that a recorded join is to start; here and now where the queue does not answer (J6)."""
    if not enqueue(mark_live_class_as_started, live_class_id=live_class_id):
        mark_live_class_as_started(live_class_id=live_class_id)


@shared_task
def start_joined_live_classes() -> None:
    """Starts what a lost message left unstarted: the guarantee behind rule J6."""
    for live_class_id in joined_classes_to_start().values_list("pk", flat=True):
        _guarded(mark_live_class_as_started, live_class_id=live_class_id)


@shared_task
def send_due_reminders() -> None:
    """Corrects what people were told and no longer holds, and reminds them of the classes that are near."""
    now = timezone.now()
    for live_class_id in reminders.classes_to_correct(now=now):
        _guarded(reminders.correct, live_class_id=live_class_id, now=now)
    for kind in reminders.WINDOWS:
        for live_class_id in reminders.classes_to_remind(kind, now=now):
            _guarded(reminders.remind, live_class_id=live_class_id, kind=kind, now=now)
    class_notices.delete_past_notices(now=now)


@shared_task
def send_due_invitations() -> None:
    """Mails what has changed since people's calendars were last sent something."""
    now = timezone.now()
    for user_id, cohort_id in calendar_invitations.due_recipients(now=now):
        _guarded(calendar_invitations.send_invitations, user_id=user_id, cohort_id=cohort_id, now=now)
    calendar_invitations.delete_past(now=now)


def _guarded(function: Callable[..., object], **arguments: Any) -> None:
    """One that fails must not keep the others waiting; it stays due."""
    try:
        function(**arguments)
    except Exception:
        logger.exception("%s failed", function.__name__, extra={"arguments": str(arguments)})


@shared_task
def close_overdue_live_classes() -> int:
    """Ends the classes that nobody ended (rule A1). Returns how many this run ended."""
    closed = 0
    for live_class_id in overdue_class_ids(now=timezone.now()):
        try:
            closed += close_class(live_class_id=live_class_id, now=timezone.now())
        except Exception:  # one class that cannot be closed must not keep the others open
            logger.exception("class not closed", extra={"live_class_id": live_class_id})
    if closed:
        logger.info("overdue classes closed", extra={"count": closed})
    return closed
