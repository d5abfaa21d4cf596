"""Celery tasks: take ids and call the domain. Each may run twice, late, or concurrently."""

import datetime
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from celery import Task, shared_task
from django.utils import timezone

from breathecode.calendars.domain import invitations
from breathecode.common.db.pending_checks import Scope, scopes, settle
from breathecode.common.db.pending_checks import Task as Check
from breathecode.common.queue import run_isolated
from breathecode.common.sweeps import in_batches, sweep_all

MAILS_PER_BATCH = 20
Pair = tuple[int, int]  # the ids of a user and a cohort


@shared_task(bind=True)
def send_due_invitations(self: "Task[Any, Any]") -> None:
    """Mails the changes since the last invitation to each user's calendar."""
    invitations.check_window(now=timezone.now())
    sweep_all(self, lambda: _due(timezone.now()), lambda batch: batch())
    invitations.delete_past(now=timezone.now())


def _due(now: datetime.datetime) -> Iterator[Callable[[], object]]:
    """What is due, in batches that are read one after the other."""
    # One mail for each user and cohort in a sweep; what it has no room for waits for the next one.
    sent: set[Pair] = set()
    for scope in scopes(Check.INVITATIONS):
        left: list[Pair] = []
        yield partial(_compare, scope, left, sent, now)
        for pairs in in_batches(left, MAILS_PER_BATCH):
            yield partial(_send, pairs, now)


def _compare(scope: Scope, left: list[Pair], sent: set[Pair], now: datetime.datetime) -> int:
    """Adds to `left` whom to mail, but the first, whom it mails: so every run gets further."""
    differing = invitations.differing(scope, now=now)
    settled = settle(scope, unfinished=scope.ids_in(differing))
    due = [pair for pair in invitations.at_rest(differing, now=now) if pair not in sent]
    sent.update(due)
    left += due[MAILS_PER_BATCH:]
    return settled + _send(due[:MAILS_PER_BATCH], now)


def _send(pairs: Sequence[Pair], now: datetime.datetime) -> int:
    return sum(
        run_isolated(invitations.send_invitations, user_id=user_id, cohort_id=cohort_id, now=now) or 0
        for user_id, cohort_id in pairs
    )
