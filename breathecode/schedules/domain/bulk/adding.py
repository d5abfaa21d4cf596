"""Adding time slots to cohorts at once; those that a cohort has already are left alone (rule P11)."""

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from breathecode.admissions.domain.time_slots import save_time_slots
from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.schedules.domain.limits import check_class_counts

FIELDS = ("starting_at", "ending_at", "timezone", "recurrent", "recurrency_type", "starts_on", "weekdays", "interval")


@dataclasses.dataclass(frozen=True, slots=True)
class Addition:
    """What became of each of the time slots, in their order: the slot, and whether it is new."""

    slots: list[tuple[CohortTimeSlot, bool]]

    @property
    def created(self) -> list[CohortTimeSlot]:
        return [slot for slot, is_new in self.slots if is_new]

    @property
    def known(self) -> list[CohortTimeSlot]:
        return [slot for slot, is_new in self.slots if not is_new]


def add_time_slots(
    cohorts: Sequence[Cohort], wanted: Sequence[Mapping[str, Any]], *, now: datetime.datetime
) -> dict[int, Addition]:
    """What each of these cohorts was given, by its id; two statements, and the locks are the caller's.

    Two time slots are the same if they have the same hours, zone, recurrency, dates and interval. Raises
    `too-many-classes`.
    """
    stored: dict[int, list[CohortTimeSlot]] = {cohort.pk: [] for cohort in cohorts}
    for slot in CohortTimeSlot.objects.filter(cohort__in=stored).order_by("pk"):
        stored[slot.cohort_id].append(slot)
    additions = {cohort.pk: _addition(cohort, wanted, stored=stored[cohort.pk]) for cohort in cohorts}
    save_time_slots([slot for addition in additions.values() for slot in addition.created])
    for cohort in cohorts:
        if created := additions[cohort.pk].created:
            check_class_counts([*stored[cohort.pk], *created], cohort, now=now)
    return additions


def _addition(cohort: Cohort, wanted: Sequence[Mapping[str, Any]], *, stored: Sequence[CohortTimeSlot]) -> Addition:
    known = {_identity(slot): slot for slot in stored if slot.removed_at is None}
    slots: list[tuple[CohortTimeSlot, bool]] = []
    for fields in wanted:
        slot = CohortTimeSlot(cohort=cohort, **fields)
        slot.timezone = slot.timezone or cohort.effective_timezone
        found = known.setdefault(_identity(slot), slot)
        slots.append((found, found is slot))
    return Addition(slots)


def _identity(slot: CohortTimeSlot) -> tuple[Any, ...]:
    return tuple(tuple(sorted(slot.weekdays)) if name == "weekdays" else getattr(slot, name) for name in FIELDS)
