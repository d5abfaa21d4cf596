"""Who sees which jobs (rule P10)."""

import datetime

from django.db.models import QuerySet

from breathecode.jobs.models import Job


def jobs_of_academy(academy_id: int) -> QuerySet[Job]:
    """All of them, also those that other users started."""
    return Job.objects.filter(academy_id=academy_id).defer("arguments").order_by("-id")


def due_job_ids(*, now: datetime.datetime) -> list[int]:
    """The jobs to carry on with, those that have waited longest first; one query."""
    due: QuerySet[Job] = Job.objects.due(now=now)
    return list(due.order_by("next_try_at", "pk").values_list("pk", flat=True))
