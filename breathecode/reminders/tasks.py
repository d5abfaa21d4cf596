"""Celery tasks: take ids and call the domain. Each may run twice, late, or concurrently."""

from celery import shared_task
from django.utils import timezone

from breathecode.common.queue import run_isolated
from breathecode.events.domain import class_notices
from breathecode.reminders.domain import reminders


@shared_task
def send_due_reminders() -> None:
    """Sends due corrections, announcements of make-up classes, and reminders."""
    now = timezone.now()
    for live_class_id in reminders.classes_to_correct(now=now):
        run_isolated(reminders.correct, live_class_id=live_class_id, now=now)
    for live_class_id in reminders.makeups_to_announce(now=now):
        run_isolated(reminders.announce_makeup, live_class_id=live_class_id, now=now)
    for kind in reminders.WINDOWS:
        for live_class_id in reminders.classes_to_remind(kind, now=now):
            run_isolated(reminders.remind, live_class_id=live_class_id, kind=kind, now=now)
    class_notices.delete_past_notices(now=now)
