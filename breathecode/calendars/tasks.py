"""Celery tasks: take ids and call the domain. Each may run twice, late, or concurrently."""

from celery import shared_task
from django.utils import timezone

from breathecode.calendars.domain import invitations
from breathecode.common.db.pending_checks import Task, scopes, settle
from breathecode.common.queue import run_isolated


@shared_task
def send_due_invitations() -> None:
    """Mails the changes since the last invitation to each user's calendar."""
    now = timezone.now()
    invitations.check_window(now=now)
    sent: set[tuple[int, int]] = set()
    for scope in scopes(Task.INVITATIONS):
        due = invitations.differing(scope, now=now)
        settle(scope, unfinished=scope.ids_in(due))
        pairs = set(invitations.at_rest(due, now=now)) - sent  # one mail for each in a sweep
        for user_id, cohort_id in sorted(pairs):
            run_isolated(invitations.send_invitations, user_id=user_id, cohort_id=cohort_id, now=now)
        sent |= pairs
    invitations.delete_past(now=now)
