"""Writing time slots (rules T1, T5). `schedules` builds what follows from them."""

import datetime
from typing import Any

from django.utils.translation import gettext as _

from breathecode.admissions.errors import EmptyTimeSlot
from breathecode.admissions.models import CohortTimeSlot
from breathecode.common.errors import ValidationFailed
from breathecode.common.models import assign


def check_schedule(
    *, starting_at: int | None, ending_at: int | None, recurrency_type: str | None, weekdays: list[str] | None
) -> None:
    """Raises `empty-timeslot`, and `validation-error` on `weekdays` (rules T2, T3)."""
    if starting_at == ending_at:
        raise EmptyTimeSlot
    weekly = CohortTimeSlot.Recurrency.WEEKLY
    if weekdays and (recurrency_type or weekly) != weekly:
        raise ValidationFailed({"weekdays": [_("Weekdays can be set only for a weekly time slot.")]})


def save_time_slot(slot: CohortTimeSlot, *, fields: dict[str, Any]) -> CohortTimeSlot:
    """Creates the slot, or changes the given fields alone, so that two callers at once keep each other's.

    Saved also where nothing differs: a PUT is the documented way to have the classes built again.
    """
    changed = assign(slot, fields)
    update_fields = {*fields, *({"updated_at"} if changed else ())}
    slot.save(update_fields=None if slot._state.adding else update_fields)
    return slot


def save_time_slots(slots: list[CohortTimeSlot]) -> list[CohortTimeSlot]:
    """Creates them in one statement, or none; each with the zone of its cohort where it has none (rule T2)."""
    for slot in slots:
        slot.timezone = slot.timezone or slot.cohort.effective_timezone
    return CohortTimeSlot.objects.bulk_create(slots)


def remove_time_slot(slot: CohortTimeSlot, *, now: datetime.datetime) -> None:
    """Sets `removed_at`, once: what took place stays, what was to come goes (rule T5)."""
    if slot.removed_at is None:
        save_time_slot(slot, fields={"removed_at": now})
