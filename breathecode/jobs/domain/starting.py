"""Starting a job: a row in the caller's transaction, carried out after the commit (rule P10)."""

from typing import Any

from django.utils import timezone

from breathecode.authenticate.models import User
from breathecode.common.actor import current_actor
from breathecode.common.queue import enqueue_after_commit
from breathecode.jobs.domain.kinds import unit_of
from breathecode.jobs.models import Job
from breathecode.jobs.tasks import run_job


def start_job(kind: str, *, academy_id: int, by: User | None, arguments: dict[str, Any], total: int) -> Job:
    """Stores a job of `total` units; a rollback of the caller's transaction discards it.

    `arguments` are JSON, and cleared when the job ends. Raises KeyError for a kind that no app registered.
    """
    unit_of(kind)
    job = Job.objects.create(
        kind=kind, academy_id=academy_id, created_by=by, arguments=arguments, total=total,
        through=current_actor().through, next_try_at=timezone.now(),
    )  # fmt: skip
    enqueue_after_commit(run_job, job_id=job.pk)
    return job


def set_result(job: Job, **result: Any) -> None:
    """What the job's result holds from its start, in the transaction that started it."""
    job.result = result
    job.save(update_fields=["result"])
