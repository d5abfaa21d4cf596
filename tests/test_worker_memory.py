"""A worker process does not keep what failed tasks leave."""

import gc
import logging

from billiard.einfo import Traceback  # type: ignore[import-untyped]
from celery import Celery
from celery.signals import worker_process_init

import breathecode.celery  # noqa: F401  (what is done when a worker's process starts)

LOOKS = 40
FAILURES = 10  # before each look
KEPT = 60  # tracebacks at most; 30 were measured, and without what is tested more than 100

app = Celery("failing", set_as_current=False)


@app.task
def fail():
    raise RuntimeError


def kept_after_failures():
    for _ in range(FAILURES):
        fail.apply()
    return sum(isinstance(kept, Traceback) for kept in gc.get_objects())


def test_failed_tasks_are_garbage_soon(db, monkeypatch):
    """C1: an outage of the database, in which hundreds of tasks fail, must not fill the memory of a worker."""
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)  # pytest keeps each line with its traceback
    try:
        worker_process_init.send(sender=None)
        assert max(kept_after_failures() for _ in range(LOOKS)) < KEPT
    finally:
        gc.unfreeze()
