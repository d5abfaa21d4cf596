"""Changes of schedules, planned and carried out in one transaction (rules P1 to P3, G9, G10).

The change is made first, then its plan, from the rows as they are now; a dry run rolls both back. So a plan is made by
the very code that carries it out, and sees what validation, constraints and triggers make of the change. The messages
that a save queues for after the commit are rolled back too; after a real change they find nothing left to build.
"""

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from breathecode.admissions.models import Cohort
from breathecode.common.i18n.languages import supported_language
from breathecode.events.domain.planning import is_due, schedule_issue
from breathecode.events.domain.staffing.conflicts import conflicts_of
from breathecode.events.domain.staffing.warnings import sentences
from breathecode.schedules.domain.applying import apply_plans, mark_as_built
from breathecode.schedules.domain.plans import SchedulePlan
from breathecode.schedules.domain.schedules import Schedule, Scope
from breathecode.schedules.domain.time_slot_plans import TimeSlotPlan, plan_time_slots
from breathecode.schedules.errors import PlanOutdated

Result = TypeVar("Result")


def change_schedules(
    change: Callable[[], Result],
    *,
    scope: Scope,
    now: datetime.datetime,
    dry_run: bool = False,
    is_current: Callable[[str], bool] | None = None,
    compare: bool = True,
    only_due: bool = False,
    cancel_kept: str = "",
    carry_out: bool = True,
) -> tuple[Result, SchedulePlan]:
    """Calls `change`, builds the schedules of `scope`, and returns what `change` returned with the plan (rule P2).

    `dry_run` saves nothing. `is_current` is asked about the plan's version, and where it says no, nothing is saved and
    `plan-outdated` is raised. `compare`: the plan's `kept` names only what this change makes a difference to.
    `only_due` leaves out the time slots that are built as they are; else all of the scope are built, due or not.
    `cancel_kept`: the reason with which to cancel kept classes that people moved or made by hand (rule P3).
    Without `carry_out`, what `change` did is saved and the classes stay as they are, for a job to build (rule P10).
    """
    with transaction.atomic():
        scope.lock()
        before = {schedule.slot.pk: schedule for schedule in scope.read()} if compare else None
        result = change()
        after = [schedule for schedule in scope.read() if not only_due or is_due(schedule.slot, now=now)]
        plans, plan = _plan(after, before=before, now=now, cancel_kept=cancel_kept)
        if is_current is not None and not is_current(plan.version):
            raise PlanOutdated(plan=plan.as_json())
        if dry_run:
            transaction.set_rollback(True)
        elif carry_out:
            apply_plans(plans, now=now)
            mark_as_built(plans, now=now)
    return result, plan


def _plan(
    schedules: Sequence[Schedule], *, before: Mapping[int, Schedule] | None, now: datetime.datetime, cancel_kept: str
) -> tuple[list[TimeSlotPlan], SchedulePlan]:
    can_be_built = [schedule for schedule in schedules if _can_be_built(schedule, now=now)]
    plans = plan_time_slots(can_be_built, before=before, now=now)
    if cancel_kept:
        plans = [plan.with_kept_cancelled(cancel_kept) for plan in plans]
    return plans, SchedulePlan.of(plans, warnings=[*_not_built(schedules, plans), *_conflicts(plans, now=now)])


def _not_built(schedules: Sequence[Schedule], plans: Sequence[TimeSlotPlan]) -> list[str]:
    text = _("No classes can be built for time slot {0}. Check its time zone and hours.")
    planned = {plan.slot.pk for plan in plans}
    return [text.format(schedule.slot.pk) for schedule in schedules if schedule.slot.pk not in planned]


def _conflicts(plans: Sequence[TimeSlotPlan], *, now: datetime.datetime) -> list[str]:
    """Rule P6, for the classes of one cohort; of several, each would take a statement."""
    if len({plan.slot.cohort_id for plan in plans}) != 1:
        return []
    times = sorted({hours for plan in plans for hours in plan.new_hours(after=now)})
    slots = [plan.slot.pk for plan in plans]
    return sentences(conflicts_of(plans[0].slot.cohort, times, time_slot_ids=slots), zone=plans[0].slot.timezone)


def _can_be_built(schedule: Schedule, *, now: datetime.datetime) -> bool:
    """One slot with a zone that is unknown here must not keep the others from being built."""
    try:
        schedule_issue(schedule.slot, closures=schedule.closures, now=now)
    except (KeyError, ValueError):
        return False
    return True


def reason_of_removal(cohort: Cohort) -> str:
    """Why classes are cancelled with their time slot (rule P3), in the cohort's language: its people read it."""
    with translation.override(supported_language(cohort.language)):
        return _("Its time slot was removed.")
