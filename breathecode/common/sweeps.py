"""Periodic tasks work off what is due in batches, for a limited time, and one worker at a time.

Every worker has a beat, and an embedded worker has one thread for everything. All of this saves work and is not needed
for correctness: each batch may run twice, or in two workers at once, and what is left over is found again.
"""

import contextlib
import datetime
import itertools
import logging
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from celery import Task
from django.db.models import Q
from django.utils import timezone

from breathecode.common.models import SweepLease
from breathecode.common.queue import enqueue

logger = logging.getLogger(__name__)

SECONDS = 20.0  # after which a task begins no further batch
SHARES = 16  # of work that may be shared out: as many processes of workers do it at once
# A worker that is killed leaves its lease, and another takes it over after this time. It is renewed before each batch:
# one that takes longer than that runs beside the next worker's.
LEASE = datetime.timedelta(seconds=30)

T = TypeVar("T")


def sweep(
    task: "Task[Any, Any]", batches: Iterable[T], handle: Callable[[T], object], *, share: int | None = None
) -> bool:
    """Handles the batches, for at most `SECONDS`; none where another worker does so.

    `share`: which of `SHARES` parts of the work these batches are, where several workers do it at once. Each has a
    lease of its own, and its part of the time: on a single worker they follow each other, and other tasks wait for all.
    True where it left some, and `handle` returned something true for one of the others. The first batch is read before
    the lease is taken: where nothing is due, nothing is written.
    """
    remaining = iter(batches)
    first = next(remaining, None)
    if first is None:
        return False
    with lease(str(task.name) if share is None else f"{task.name} {share}") as renew:
        return renew is not None and _handle_until(
            time.monotonic() + (SECONDS if share is None else SECONDS / SHARES),
            itertools.chain([first], remaining),
            handle,
            renew,
        )


def _handle_until(
    deadline: float, batches: Iterator[T], handle: Callable[[T], object], renew: Callable[[], bool]
) -> bool:
    has_succeeded = False
    for number, batch in enumerate(batches):
        if number > 0 and time.monotonic() > deadline:
            return has_succeeded
        if number > 0 and not renew():  # another worker is at it by now
            return False
        has_succeeded |= bool(handle(batch))
    return False


def sweep_all(
    task: "Task[Any, Any]",
    batches: Callable[[], Iterable[T]],
    handle: Callable[[T], object],
    *,
    share: int | None = None,
) -> None:
    """As `sweep`, and goes on with what is left: by a new message, so that other tasks have their turn between."""
    while sweep(task, batches(), handle, share=share):
        if is_from_queue(task):  # without a queue, each part would run inside the one before
            enqueue(task, **({} if share is None else {"share": share}))
            return


def is_from_queue(task: "Task[Any, Any]") -> bool:
    """Whether a worker runs the task, and neither a caller nor this process in place of a queue."""
    return bool(task.request.id) and not task.request.is_eager


@contextlib.contextmanager
def lease(task: str) -> Iterator[Callable[[], bool] | None]:
    """Lets the caller alone run this task, until the block is left; None where another worker does.

    What it yields renews the lease, and returns whether it is still the caller's. Three statements at most, and one for
    each renewal.
    """
    holder = uuid.uuid4()
    own = SweepLease.objects.filter(task=task, holder=holder)
    is_ours = _take(task, holder)
    try:
        yield (lambda: own.update(expires_at=timezone.now() + LEASE) > 0) if is_ours else None
    finally:
        if is_ours:
            own.delete()


def _take(task: str, holder: uuid.UUID) -> bool:
    now = timezone.now()
    fields = {"holder": holder, "expires_at": now + LEASE}
    # A lease that ends later than any can was written by a clock that was ahead, and would stop the task everywhere.
    expired = Q(expires_at__lte=now) | Q(expires_at__gt=now + 2 * LEASE)
    if SweepLease.objects.filter(expired, task=task).update(**fields):
        return True
    SweepLease.objects.bulk_create([SweepLease(task=task, **fields)], ignore_conflicts=True)
    return SweepLease.objects.filter(task=task, holder=holder).exists()


def in_batches(ids: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The ids in parts of at most `size`."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def handle_batch(ids: Sequence[int], together: Callable[[Sequence[int]], int], alone: Callable[[int], object]) -> int:
    """`together(ids)`, in one transaction; where that fails, `alone(id)` for each, so that one stops no other.

    Returns what `together` returned, or else how many calls of `alone` returned something true.
    """
    if len(ids) > 1:
        try:
            return together(ids)
        except Exception as error:  # noqa: BLE001  (whatever it is, the one that fails alone is logged with its id)
            logger.warning("a batch failed and is done one by one (%s)", type(error).__name__)
    return sum(bool(alone(pk)) for pk in ids)
