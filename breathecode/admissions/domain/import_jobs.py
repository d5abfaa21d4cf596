"""Importing users at once, or many of them as a job, a thousand rows at a time (rules P10, U4)."""

import dataclasses
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from breathecode.admissions.domain.people import ImportedRow, import_people
from breathecode.admissions.domain.people_file import PersonRow
from breathecode.admissions.models import Cohort
from breathecode.authenticate.models import User
from breathecode.common.errors import NotFound
from breathecode.jobs.domain.starting import set_result, start_job
from breathecode.jobs.models import Job

KIND = "import-people"
MAX_ROWS_IN_A_REQUEST = 1_000
ROWS_PER_UNIT = 1_000  # some two seconds with their mails


def import_or_start_job(*, cohort: Cohort, rows: Sequence[PersonRow], by: User) -> list[ImportedRow] | Job:
    """What became of each row; of more than `MAX_ROWS_IN_A_REQUEST`, the job that imports them."""
    if len(rows) > MAX_ROWS_IN_A_REQUEST:
        return start_import(cohort=cohort, rows=rows, by=by)
    return import_people(cohort=cohort, rows=rows)


def counts(rows: Sequence[ImportedRow]) -> dict[str, int]:
    """Of rows that were imported, or would be."""
    return {
        "created": sum(row.result == "created" for row in rows),
        "invited": sum(row.invited for row in rows),
        "already_members": sum(row.result == "already_member" for row in rows),
    }


@transaction.atomic
def start_import(*, cohort: Cohort, rows: Sequence[PersonRow], by: User) -> Job:
    """Starts the import of rows that were checked: none of them can be refused any more.

    The job's result holds the number of `rows`, and counts them as `created`, `invited` and `already_members`.
    """
    units = [
        [dataclasses.astuple(row) for row in rows[first : first + ROWS_PER_UNIT]]
        for first in range(0, len(rows), ROWS_PER_UNIT)
    ]
    arguments = {"cohort": cohort.pk, "rows": units}
    job = start_job(KIND, academy_id=cohort.academy_id, by=by, arguments=arguments, total=len(units))
    set_result(job, cohort=cohort.pk, rows=len(rows), created=0, invited=0, already_members=0)
    return job


def import_rows(job: Job, number: int) -> dict[str, int]:
    """The unit of the job. Raises `not-found` where the cohort was deleted meanwhile."""
    cohorts = Cohort.objects.exclude(stage=Cohort.Stage.DELETED).select_related("academy")
    cohort = cohorts.filter(pk=job.arguments["cohort"]).first()
    if cohort is None:
        raise NotFound(_("The cohort was deleted."))
    return counts(import_people(cohort=cohort, rows=[PersonRow(*values) for values in job.arguments["rows"][number]]))
