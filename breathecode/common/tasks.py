"""Celery tasks; each calls one function."""

import time
from typing import Any

from celery import Task, shared_task
from django.utils import timezone

from breathecode.common.observability import beat
from breathecode.common.observability.task_logs import SENT_AT


@shared_task(bind=True)
def record_periodic_run(self: "Task[Any, Any]") -> None:
    """Shows `/readyz` and `/metrics` that periodic tasks run, and how long this one waited."""
    sent_at = getattr(self.request, SENT_AT, None)
    waited = max(0.0, time.time() - sent_at) if sent_at else None
    beat.record_run(now=timezone.now(), queue_seconds=waited)
