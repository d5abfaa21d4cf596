"""The one way to hand work to the queue: a hint that may get lost, never a thing to wait for."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from celery import Task
from django.conf import settings
from django.db import transaction
from kombu import pools

logger = logging.getLogger(__name__)


def enqueue(task: "Task[Any, Any]", **kwargs: Any) -> bool:
    """Queues the task now. False where the broker does not answer: what is due stays readable in the database."""
    try:
        # Here and now, without a connection: a task that queues another would wait for a second one.
        if task.app.conf.task_always_eager:
            task.apply_async(kwargs=kwargs)
        else:
            with _producers(task).acquire(block=True) as producer:
                task.apply_async(kwargs=kwargs, producer=producer)
    except Exception as error:  # noqa: BLE001  (each transport has errors of its own; none may reach the caller)
        logger.warning("queue unavailable: %s not queued (%s)", task.name, type(error).__name__)
        return False
    return True


def enqueue_after_commit(task: "Task[Any, Any]", **kwargs: Any) -> None:
    """Queues the task once the running transaction has committed; at once where there is none."""
    transaction.on_commit(partial(enqueue, task, **kwargs), robust=True)


def _producers(task: "Task[Any, Any]") -> Any:
    """Connections for publishing alone: a worker that waits for work must be more patient than a request.

    A timeout for connecting is not enough. A broker that is stopped or cut off still accepts connections (its
    kernel does), and then never says a word.
    """
    options = settings.QUEUE_PUBLISH_TRANSPORT_OPTIONS
    return pools.producers[task.app.connection_for_write(transport_options=options)]


def run_isolated(function: Callable[..., object], **arguments: Any) -> bool:
    """Calls the function; logs its error and returns False instead of raising, so that the next one is not held up."""
    try:
        function(**arguments)
    except Exception:
        logger.exception("%s failed", function.__name__, extra={"arguments": str(arguments)})
        return False
    return True
