"""Building the classes of many cohorts as a job, a cohort at a time (rule P10)."""

import logging

from django.utils import timezone

from breathecode.authenticate.models import User
from breathecode.jobs.domain.starting import start_job
from breathecode.jobs.models import Job
from breathecode.schedules.domain.generation import build_time_slot, due_time_slot_ids_of_cohort
from breathecode.schedules.domain.schedules import Scope

logger = logging.getLogger(__name__)

KIND = "build-cohorts"
MAX_COHORTS = 20  # whose classes a request builds itself


def concerns_many(scope: Scope) -> bool:
    """Whether the scope has more cohorts than a request builds."""
    return scope.cohorts.order_by()[: MAX_COHORTS + 1].count() > MAX_COHORTS


def start_build(scope: Scope, *, academy_id: int, by: User) -> Job:
    """Starts a job that builds what is due of these cohorts, once the caller's change is committed."""
    cohorts = list(scope.cohorts.order_by("pk").values_list("pk", flat=True))
    return start_job(KIND, academy_id=academy_id, by=by, arguments={"cohorts": cohorts}, total=len(cohorts))


def build_cohort(job: Job, number: int) -> None:
    """The unit of the job: builds the due time slots of one cohort. Those that a sweep built before are not due."""
    now = timezone.now()
    for time_slot_id in due_time_slot_ids_of_cohort(job.arguments["cohorts"][number]):
        try:
            build_time_slot(time_slot_id=time_slot_id, now=now)
        except (KeyError, ValueError):  # an unknown time zone or hours: the diagnosis names the time slot (rule P7)
            logger.exception("time slot not built", extra={"timeslot_id": time_slot_id})
