"""From a time slot to its live classes: lock, plan, apply, remember; and which time slots are due (rules G1 to G14).

The first statement locks the cohort and the slot at once, so that builds of one slot follow each other (rule G10).
"""

import dataclasses
import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from breathecode.admissions.models import CohortTimeSlot
from breathecode.events.domain.planning import is_due
from breathecode.events.schedule.reconcile import Plan
from breathecode.schedules.domain.applying import apply_plans, mark_as_built
from breathecode.schedules.domain.plans import SchedulePlan
from breathecode.schedules.domain.schedules import lock_schedule
from breathecode.schedules.domain.time_slot_plans import TimeSlotPlan, plan_time_slots

_READ_FOR_IS_DUE = ("cohort_id", "revision", "built_revision", "built_until", "timezone", "zone_data_version")


@dataclasses.dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build did (or, in a dry run, would do), in numbers of classes; `issue` says why it made none.

    `plan` names the classes (rule P1).
    """

    created: int = 0
    moved: int = 0
    deleted: int = 0
    cancelled: int = 0
    restored: int = 0
    issue: str | None = None
    plan: SchedulePlan = dataclasses.field(default=SchedulePlan(), compare=False, repr=False)

    @property
    def changed(self) -> int:
        return self.created + self.moved + self.deleted + self.cancelled + self.restored


def build_time_slot(
    *, time_slot_id: int, now: datetime.datetime, dry_run: bool = False, only_moves: bool = False
) -> BuildResult:
    """Makes the classes of one time slot what its schedule says. Raises `CohortTimeSlot.DoesNotExist`.

    `only_moves` corrects the times of coming classes and neither makes nor deletes any.
    """
    while True:
        try:
            return _build(time_slot_id, now=now, dry_run=dry_run, only_moves=only_moves)
        except CohortTimeSlot.DoesNotExist:
            # Given to another cohort while its lock was waited for, it seems gone. A new transaction looks again:
            # this one would lock the slot before its new cohort.
            if not CohortTimeSlot.objects.filter(pk=time_slot_id).exists():
                raise


@transaction.atomic
def _build(time_slot_id: int, *, now: datetime.datetime, dry_run: bool, only_moves: bool) -> BuildResult:
    (plan,) = plan_time_slots([lock_schedule(time_slot_id)], now=now)
    if only_moves:
        plan = dataclasses.replace(plan, writes=Plan(move=plan.writes.move))
    if not dry_run:
        apply_plans([plan], now=now)
        if not only_moves:
            mark_as_built([plan], now=now)
    return _result(plan)


def _result(plan: TimeSlotPlan) -> BuildResult:
    return BuildResult(
        created=len(plan.writes.create),
        moved=len(plan.writes.move),
        deleted=len(plan.writes.delete),
        cancelled=len(plan.writes.cancel),
        restored=len(plan.writes.restore),
        issue=plan.issue,
        plan=SchedulePlan.of([plan]),
    )


def due_time_slots(*, now: datetime.datetime) -> dict[int, int]:
    """The time slots that are not built, not far enough or with older zone data (rules G9, G12, G16); one query.

    Ids by id, each with its cohort's. In parts that each read an index of their own: no index serves conditions that
    are joined by OR.
    """
    # Older, not merely other: two processes with different data must not build the same slots in turns.
    outdated = Q(zone_data_version__lt=settings.TIME_ZONE_DATA_VERSION)
    horizon_moved = Q(horizon_days__lt=settings.GENERATION_HORIZON_DAYS)
    slots = CohortTimeSlot.objects.alias(changes=F("revision") - F("built_revision")).order_by().only(*_READ_FOR_IS_DUE)
    changed, *others = (
        slots.filter(condition) for condition in (Q(changes__gt=0), Q(extends_at__lte=now), horizon_moved, outdated)
    )
    # Sorted here: SQLite would read the slots in the order of their ids.
    return dict(sorted((slot.pk, slot.cohort_id) for slot in changed.union(*others, all=True) if is_due(slot, now=now)))


def due_time_slot_ids(*, now: datetime.datetime) -> list[int]:
    """The ids of `due_time_slots`."""
    return list(due_time_slots(now=now))


def count_due_time_slots() -> int:
    return len(due_time_slot_ids(now=timezone.now()))


def due_time_slot_ids_of_cohort(cohort_id: int) -> list[int]:
    """The cohort's time slots that a change left to be built."""
    changed = CohortTimeSlot.objects.filter(cohort_id=cohort_id).exclude(revision=F("built_revision"))
    return list(changed.order_by("pk").values_list("pk", flat=True))
