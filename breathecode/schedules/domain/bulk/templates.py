"""Laying a schedule template over cohorts (rule P11): in a request for a few, by a job for many (rule P10)."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.authenticate.models import Academy, User
from breathecode.common.models import assign, lock
from breathecode.jobs.domain.starting import start_job
from breathecode.jobs.models import Job
from breathecode.schedules.domain.build_jobs import MAX_COHORTS
from breathecode.schedules.domain.bulk.adding import Addition, add_time_slots
from breathecode.schedules.domain.changes import change_schedules
from breathecode.schedules.domain.outcomes import Outcome
from breathecode.schedules.domain.schedules import Scope
from breathecode.schedules.errors import TemplateNameTaken
from breathecode.schedules.models import ScheduleTemplate

KIND = "lay-template"


def templates_of_academy(academy_id: int) -> QuerySet[ScheduleTemplate]:
    return ScheduleTemplate.objects.filter(syllabus__academy_id=academy_id).select_related("syllabus").order_by("id")


def save_template(template: ScheduleTemplate, *, fields: dict[str, Any]) -> ScheduleTemplate:
    """Creates the template, or changes these fields. Raises `template-name-taken`."""
    changed = assign(template, fields)
    try:
        with transaction.atomic():
            template.save(update_fields=None if template._state.adding else {*changed, "updated_at"})
    except IntegrityError as error:
        raise TemplateNameTaken(name=template.name) from error
    return template


def delete_template(template: ScheduleTemplate) -> None:
    """Time slots that it gave to cohorts stay."""
    template.delete()


def scope_of_cohorts(cohort_ids: Sequence[int]) -> Scope:
    """Of the time slots that these cohorts are given: those that were never built."""
    return Scope(Cohort.objects.filter(pk__in=cohort_ids), CohortTimeSlot.objects.filter(first_built_at=None))


def lay_over(
    slots: Sequence[Mapping[str, Any]], cohort_ids: Sequence[int], *, now: datetime.datetime
) -> dict[Cohort, Addition]:
    """What each cohort was given, in the order of their ids; needs their locks. Raises `too-many-classes`.

    A cohort that was deleted before it was locked is left out.
    """
    cohorts = Cohort.objects.exclude(stage=Cohort.Stage.DELETED).select_related("academy").order_by("pk")
    found = list(cohorts.filter(pk__in=cohort_ids))
    additions = add_time_slots(found, slots, now=now)
    return {cohort: additions[cohort.pk] for cohort in found}


@transaction.atomic
def lay_template(
    template: ScheduleTemplate,
    cohorts: Sequence[Cohort],
    *,
    academy_id: int,
    by: User,
    now: datetime.datetime,
    dry_run: bool = False,
    is_current: Callable[[str], bool] | None = None,
) -> Outcome:
    """Gives the cohorts the time slots that they lack; for many, by a job. The result is what each cohort was given.

    The caller holds the academy's lock, as for every write that adds a time slot. `is_current` is asked about the
    version of the plan. Raises `plan-outdated` before anything is saved, and `too-many-classes`.
    """
    ids = [cohort.pk for cohort in cohorts]
    many = len(ids) > MAX_COHORTS and not dry_run
    if many and is_current is None:
        return Outcome({}, job=start_laying(template, cohorts, academy_id=academy_id, by=by))
    result, plan = change_schedules(
        lambda: lay_over(template.slots, ids, now=now),
        scope=scope_of_cohorts(ids),
        now=now,
        dry_run=dry_run or many,
        is_current=is_current,
    )
    job = start_laying(template, cohorts, academy_id=academy_id, by=by) if many else None
    return Outcome(result, plan, job)


def start_laying(template: ScheduleTemplate, cohorts: Sequence[Cohort], *, academy_id: int, by: User) -> Job:
    """Starts a job that lays the time slots, as the template has them now, over one cohort after the other."""
    arguments = {"slots": template.slots, "cohorts": [cohort.pk for cohort in cohorts]}
    return start_job(KIND, academy_id=academy_id, by=by, arguments=arguments, total=len(cohorts))


def lay_over_cohort(job: Job, number: int) -> dict[str, int]:
    """The unit of the job. A cohort that is gone or deleted by now is passed over."""
    cohort_id, now = job.arguments["cohorts"][number], timezone.now()
    lock(Academy, job.academy_id)  # before the cohort, as every write that adds a time slot
    given, _plan = change_schedules(
        lambda: lay_over(job.arguments["slots"], [cohort_id], now=now), scope=scope_of_cohorts([cohort_id]), now=now
    )
    return {
        "created": sum(len(addition.created) for addition in given.values()),
        "already_there": sum(len(addition.known) for addition in given.values()),
    }
