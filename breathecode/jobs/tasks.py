"""Celery tasks that carry jobs out. They may run twice, late, or concurrently; the database says what is due."""

from typing import Any

from celery import Task, shared_task
from django.utils import timezone

from breathecode.common.queue import enqueue, run_isolated
from breathecode.jobs.domain.queries import due_job_ids
from breathecode.jobs.domain.running import continue_job


@shared_task(bind=True)
def run_job(self: "Task[Any, Any]", job_id: int) -> None:
    """Carries one job on, a turn at a time: other work has its turn between two (rule P10)."""
    while continue_job(job_id=job_id):
        if not self.request.is_eager:  # without a queue each turn would run inside the one before
            enqueue(run_job, job_id=job_id)
            return


@shared_task
def run_due_jobs() -> None:
    """Carries on the jobs that the queue or a worker lost."""
    for job_id in due_job_ids(now=timezone.now()):
        run_isolated(run_job, job_id=job_id)
