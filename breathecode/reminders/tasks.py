"""Celery tasks: take ids and call the domain. Each may run twice, late, or concurrently."""

import datetime
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from celery import Task, shared_task
from django.utils import timezone

from breathecode.common.db.pending_checks import Scope, scopes, settle
from breathecode.common.db.pending_checks import Task as Check
from breathecode.common.queue import run_isolated
from breathecode.common.sweeps import handle_batch, in_batches, sweep_all
from breathecode.events.domain import class_notices
from breathecode.reminders.domain import due, reminders

CLASSES_PER_BATCH = 20  # whose mails are rendered and stored in one transaction


@shared_task(bind=True)
def send_due_reminders(self: "Task[Any, Any]") -> None:
    """Sends due corrections, announcements of make-up classes, and reminders."""
    sweep_all(self, lambda: _due(timezone.now()), lambda batch: batch())
    class_notices.delete_past_notices(now=timezone.now())


def _due(now: datetime.datetime) -> Iterator[Callable[[], object]]:
    """What is due, in batches that are read one after the other.

    Reminders first, the shortest window before the others: they alone are not sent any more when it is over.
    """
    for kind in sorted(due.WINDOWS, key=lambda kind: due.WINDOWS[kind].earliest):
        for ids in in_batches(due.classes_to_remind(kind, now=now), CLASSES_PER_BATCH):
            yield partial(_remind, ids, kind, now)
    for pk in reminders.makeups_to_announce(now=now):
        yield partial(run_isolated, reminders.announce_makeup, live_class_id=pk, now=now)
    for scope in scopes(Check.CORRECTIONS):
        left: list[int] = []
        yield partial(_compare, scope, left, now)
        for ids in in_batches(left, CLASSES_PER_BATCH):
            yield partial(_correct, ids, now)


def _compare(scope: Scope, left: list[int], now: datetime.datetime) -> int:
    """Adds to `left` the classes to correct, but the first, which it corrects: so every run gets further."""
    wrong = class_notices.outdated(scope, now=now)
    settled = settle(scope, unfinished=scope.ids_in((row.user, row.cohort) for row in wrong))
    ids = reminders.classes_of_notices(wrong, now=now)
    left += ids[CLASSES_PER_BATCH:]
    return settled + _correct(ids[:CLASSES_PER_BATCH], now)


def _correct(ids: Sequence[int], now: datetime.datetime) -> int:
    return sum(run_isolated(reminders.correct, live_class_id=pk, now=now) or 0 for pk in ids)


def _remind(ids: Sequence[int], kind: str, now: datetime.datetime) -> int:
    return handle_batch(
        ids,
        together=lambda ids: reminders.remind_of_classes(live_class_ids=ids, kind=kind, now=now),
        alone=lambda pk: run_isolated(reminders.remind, live_class_id=pk, kind=kind, now=now),
    )
