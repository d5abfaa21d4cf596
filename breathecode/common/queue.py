"""The one way to hand work to the queue: a hint that may get lost, never a thing to wait for."""

import logging
from functools import partial
from typing import Any

from celery import Task
from django.db import transaction

logger = logging.getLogger(__name__)


def enqueue(task: "Task[Any, Any]", **kwargs: Any) -> bool:
    """Queues the task now. False where the broker does not answer: what is due stays readable in the database."""
    try:
        task.apply_async(kwargs=kwargs)
    except Exception as error:  # noqa: BLE001  (each transport has errors of its own; none may reach the caller)
        logger.warning("queue unavailable: %s not queued (%s)", task.name, type(error).__name__)
        return False
    return True


def enqueue_after_commit(task: "Task[Any, Any]", **kwargs: Any) -> None:
    """Queues the task once the running transaction has committed; at once where there is none."""
    transaction.on_commit(partial(enqueue, task, **kwargs), robust=True)
