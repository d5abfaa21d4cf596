"""One log line for each task (rule O4), with the id of the request that queued it."""

import logging
import time
from typing import Any

import structlog
from celery.signals import before_task_publish, task_postrun, task_prerun

from breathecode.common.observability.task_counts import count_task

logger = logging.getLogger("breathecode.task")
HEADER = "breathecode_request_id"
SENT_AT = "breathecode_sent_at"  # seconds since 1970, by the sender's clock
_started: dict[str, float] = {}


def send_request_id(headers: Any = None, **kwargs: Any) -> None:
    if not isinstance(headers, dict):
        return
    headers[SENT_AT] = time.time()
    if request_id := structlog.contextvars.get_contextvars().get("request_id"):
        headers[HEADER] = request_id


def on_task_prerun(task_id: str = "", task: Any = None, **kwargs: Any) -> None:
    request_id = getattr(task.request, HEADER, None) or structlog.contextvars.get_contextvars().get("request_id")
    structlog.contextvars.bind_contextvars(task_id=task_id, **({"request_id": request_id} if request_id else {}))
    _started[task_id] = time.perf_counter()


def on_task_postrun(task_id: str = "", task: Any = None, state: Any = None, **kwargs: Any) -> None:
    seconds = time.perf_counter() - _started.pop(task_id, time.perf_counter())
    count_task(task, str(state))
    logger.info("task", extra={"task": task.name, "state": str(state), "milliseconds": round(seconds * 1000, 1)})
    structlog.contextvars.unbind_contextvars("task_id")
    if not task.request.is_eager:  # an eager task runs inside the request whose id it shares
        structlog.contextvars.unbind_contextvars("request_id")


before_task_publish.connect(send_request_id)
task_prerun.connect(on_task_prerun)
task_postrun.connect(on_task_postrun)
