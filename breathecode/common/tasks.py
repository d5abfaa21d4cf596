"""Celery tasks; each calls one function."""

from celery import shared_task
from django.utils import timezone

from breathecode.common.observability import beat


@shared_task
def record_periodic_run() -> None:
    """Shows `/readyz` and `/metrics` that periodic tasks run."""
    beat.record_run(now=timezone.now())
