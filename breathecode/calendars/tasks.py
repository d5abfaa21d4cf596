"""Celery tasks: take ids and call the domain. Each may run twice, late, or concurrently."""

from typing import Any

from celery import Task, shared_task
from django.utils import timezone

from breathecode.calendars.domain import invitations
from breathecode.common.db.pending_checks import Scope, scopes, settle
from breathecode.common.db.pending_checks import Task as Check
from breathecode.common.queue import run_isolated
from breathecode.common.sweeps import sweep


@shared_task(bind=True)
def send_due_invitations(self: "Task[Any, Any]") -> None:
    """Mails the changes since the last invitation to each user's calendar."""
    now = timezone.now()
    sent: set[tuple[int, int]] = set()

    def send(scope: Scope) -> None:
        due = invitations.differing(scope, now=now)
        settle(scope, unfinished=scope.ids_in(due))
        # One mail for each user and cohort in a sweep; what it has no room for waits for the next one.
        for user_id, cohort_id in sorted(set(invitations.at_rest(due, now=now)) - sent):
            sent.add((user_id, cohort_id))
            run_isolated(invitations.send_invitations, user_id=user_id, cohort_id=cohort_id, now=now)

    invitations.check_window(now=now)
    sweep(self, scopes(Check.INVITATIONS), send)
    invitations.delete_past(now=now)
