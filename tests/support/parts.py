"""Periodic tasks that a queue runs, in as many messages as they need."""

from collections.abc import Iterator
from typing import Any

import pytest
from celery import Task

from breathecode.common import sweeps


def batches_of(task: "Task[Any, Any]") -> Iterator[None]:
    """Runs the task, which ends after its first batch, and again for each message with which it goes on."""
    queued: list[object] = [task]
    while queued:
        queued.clear()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sweeps, "SECONDS", -1.0)
            patch.setattr(sweeps, "enqueue", queued.append)
            task.push_request(id="1", is_eager=False)
            try:
                task.run()
            finally:
                task.pop_request()
        yield
