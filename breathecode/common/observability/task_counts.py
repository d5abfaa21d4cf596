"""Tasks by name and state, counted in the database: `/metrics` of any web server tells those of every process (O9)."""

import logging
from collections.abc import Iterator
from typing import Any

from django.db import DatabaseError
from django.db.models import F
from prometheus_client.core import CounterMetricFamily

from breathecode.common.models import TaskCount

logger = logging.getLogger(__name__)


def count_task(task: Any, state: str) -> None:
    """Counts a task that a worker ran. One that ran inside a request or a command is that one's work."""
    if task.request.is_eager:
        return
    try:
        _increment(task.name, state)
    except DatabaseError as error:  # the task is done; its count is not worth an error
        logger.warning("task not counted: %s (%s)", task.name, type(error).__name__)


def _increment(task: str, state: str) -> None:
    counts = TaskCount.objects.filter(task=task, state=state)
    if not counts.update(count=F("count") + 1):
        TaskCount.objects.bulk_create([TaskCount(task=task, state=state)], ignore_conflicts=True)
        counts.update(count=F("count") + 1)


def task_counts() -> Iterator[CounterMetricFamily]:
    """For `/metrics`: `breathecode_tasks_total{task, state}`."""
    family = CounterMetricFamily(
        "breathecode_tasks", "The number of tasks run, by all workers.", labels=["task", "state"]
    )
    for task, state, count in TaskCount.objects.values_list("task", "state", "count"):
        family.add_metric([task, state], count)
    yield family
