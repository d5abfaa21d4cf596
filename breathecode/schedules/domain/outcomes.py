"""What came of a change of schedules that a request carries out itself, or leaves to a job (rules P2, P10)."""

import dataclasses
from typing import Any

from breathecode.jobs.models import Job
from breathecode.schedules.domain.plans import SchedulePlan


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What the change returned, its plan, and the job that its classes are left to, if there are many.

    `plan` is None where a job builds and no version of a plan was to be compared.
    """

    result: Any
    plan: SchedulePlan | None = None
    job: Job | None = None
