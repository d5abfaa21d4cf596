"""Celery tasks: take ids and call the domain. Each may run twice, late, or concurrently."""

from celery import shared_task
from django.utils import timezone

from breathecode.calendars.domain import invitations
from breathecode.common.queue import run_isolated


@shared_task
def send_due_invitations() -> None:
    """Mails the changes since the last invitation to each user's calendar."""
    now = timezone.now()
    for user_id, cohort_id in invitations.due_recipients(now=now):
        run_isolated(invitations.send_invitations, user_id=user_id, cohort_id=cohort_id, now=now)
    invitations.delete_past(now=now)
