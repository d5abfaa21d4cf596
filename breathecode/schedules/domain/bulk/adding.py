"""Adding several time slots to a cohort at once; those that it has already are left alone (rule P11)."""

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from breathecode.admissions.domain.time_slots import save_time_slots
from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.schedules.domain.limits import check_class_count

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


def add_time_slots(cohort: Cohort, wanted: Sequence[Mapping[str, Any]], *, now: datetime.datetime) -> Addition:
    """Gives the cohort these time slots, in four statements; needs its lock.

    Two time slots are the same if they have the same hours, zone, recurrency, dates and interval. Raises
    `too-many-classes`.
    """
    known = {_identity(slot): slot for slot in CohortTimeSlot.objects.filter(cohort=cohort, removed_at=None)}
    slots: list[tuple[CohortTimeSlot, bool]] = []
    for fields in wanted:
        slot = CohortTimeSlot(cohort=cohort, **fields)
        slot.timezone = slot.timezone or cohort.effective_timezone
        found = known.setdefault(_identity(slot), slot)
        slots.append((found, found is slot))
    addition = Addition(slots)
    if addition.created:
        save_time_slots(addition.created)
        check_class_count(cohort, now=now)
    return addition


def _identity(slot: CohortTimeSlot) -> tuple[Any, ...]:
    return tuple(tuple(sorted(slot.weekdays)) if name == "weekdays" else getattr(slot, name) for name in FIELDS)
