"""Queues tasks. A message is only a hint that may get lost, and no request waits for it."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from celery import Task
from django.conf import settings
from django.db import transaction
from kombu import pools

logger = logging.getLogger(__name__)

T = TypeVar("T")


def enqueue(task: "Task[Any, Any]", **kwargs: Any) -> bool:
    """Queues the task now. Returns False if the broker does not answer: the database still says what is due."""
    try:
        # Runs in this process without a connection: a task that queues another would wait for a second one.
        if task.app.conf.task_always_eager:
            task.apply_async(kwargs=kwargs)
        else:
            with _producers(task).acquire(block=True) as producer:
                task.apply_async(kwargs=kwargs, producer=producer)
    except Exception as error:  # noqa: BLE001  (each transport raises its own errors; none may reach the caller)
        logger.warning("queue unavailable: %s not queued (%s)", task.name, type(error).__name__)
        return False
    return True


def enqueue_after_commit(task: "Task[Any, Any]", **kwargs: Any) -> None:
    """Queues the task when the current transaction commits; immediately if there is none."""
    transaction.on_commit(partial(enqueue, task, **kwargs), robust=True)


def _producers(task: "Task[Any, Any]") -> Any:
    """Connections for publishing only: a worker that waits for work needs longer timeouts than a request.

    A timeout for connecting is not enough: the kernel of a stopped or unreachable broker still accepts connections,
    and then no response ever comes.
    """
    options = settings.QUEUE_PUBLISH_TRANSPORT_OPTIONS
    return pools.producers[task.app.connection_for_write(transport_options=options)]


def run_isolated(function: Callable[..., T], **arguments: Any) -> T | None:
    """Calls the function and returns its result. Logs an exception and returns None, so that a loop can go on.

    The log line has the ids among the arguments as fields of their own (`live_class_id`), like other lines.
    """
    try:
        return function(**arguments)
    except Exception:
        ids = {name: value for name, value in arguments.items() if name.endswith("_id")}
        logger.exception("%s failed", function.__name__, extra={"arguments": str(arguments), **ids})
        return None
