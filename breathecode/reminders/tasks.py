"""Celery tasks: take ids and call the domain. Each may run twice, late, or concurrently."""

import datetime

from celery import shared_task
from django.utils import timezone

from breathecode.common.db.pending_checks import Task, scopes, settle
from breathecode.common.queue import run_isolated
from breathecode.events.domain import class_notices
from breathecode.reminders.domain import reminders


@shared_task
def send_due_reminders() -> None:
    """Sends due corrections, announcements of make-up classes, and reminders."""
    now = timezone.now()
    _send_due_corrections(now)
    for live_class_id in reminders.makeups_to_announce(now=now):
        run_isolated(reminders.announce_makeup, live_class_id=live_class_id, now=now)
    for kind in reminders.WINDOWS:
        for live_class_id in reminders.classes_to_remind(kind, now=now):
            run_isolated(reminders.remind, live_class_id=live_class_id, kind=kind, now=now)
    class_notices.delete_past_notices(now=now)


def _send_due_corrections(now: datetime.datetime) -> None:
    for scope in scopes(Task.CORRECTIONS):
        wrong = reminders.outdated(scope, now=now)
        settle(scope, unfinished=scope.ids_in((row.user, row.cohort) for row in wrong))
        for live_class_id in reminders.classes_of_notices(wrong, now=now):
            run_isolated(reminders.correct, live_class_id=live_class_id, now=now)
