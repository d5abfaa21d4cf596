"""How many classes a time slot and a cohort may have (rule T7): a slip of the pen in a year makes thousands."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from breathecode.admissions.domain.time_slots import save_time_slot
from breathecode.admissions.errors import TooManyClasses
from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.events.domain.planning import timetable_of
from breathecode.events.schedule.recurrence import count_dates

MAX_CLASSES_PER_TIME_SLOT = 5_000
MAX_CLASSES_PER_COHORT = 10_000


def check_class_count(cohort: Cohort, *, now: datetime.datetime, edited: CohortTimeSlot | None = None) -> None:
    """Raises `too-many-classes` where the cohort's time slots would give more than can be; one query.

    `cohort` and `edited` (one of its time slots, or a new one) are as they would be saved. Closed dates count: they may
    be opened again. So does the past, which a first build makes too.
    """
    slots = list(CohortTimeSlot.objects.filter(cohort_id=cohort.pk)) if cohort.pk else []
    if edited is not None:
        slots = [*(slot for slot in slots if slot.pk != edited.pk), edited]
    check_class_counts(slots, cohort, now=now)


def check_class_counts(slots: Iterable[CohortTimeSlot], cohort: Cohort, *, now: datetime.datetime) -> None:
    """Raises `too-many-classes` where all the time slots of a cohort would give more than can be; no query."""
    counts = [_count(slot, cohort, now=now) for slot in slots]
    if (count := max(counts, default=0)) > MAX_CLASSES_PER_TIME_SLOT:
        raise TooManyClasses(whole=_("The time slot"), count=count, limit=MAX_CLASSES_PER_TIME_SLOT)
    if (count := sum(counts)) > MAX_CLASSES_PER_COHORT:
        raise TooManyClasses(whole=_("The cohort"), count=count, limit=MAX_CLASSES_PER_COHORT)


def _count(slot: CohortTimeSlot, cohort: Cohort, *, now: datetime.datetime) -> int:
    if cohort.kickoff_date is None or (cohort.ending_date is None and not cohort.never_ends):
        return 0
    slot.cohort = cohort
    slot.timezone = slot.timezone or cohort.effective_timezone
    try:
        return count_dates(timetable_of(slot, closures=(), now=now))
    except (KeyError, ValueError):  # a zone, or hours, that nothing can be built of: its build says so
        return 0


def write_time_slot(slot: CohortTimeSlot, *, fields: dict[str, Any], now: datetime.datetime) -> CohortTimeSlot:
    """`save_time_slot`, refusing what would make too many classes; needs the cohort's lock. Raises `too-many-classes`.

    A save that changes nothing is none: an old slot with too many classes can still be built again.
    """
    changes = slot._state.adding or any(getattr(slot, name) != value for name, value in fields.items())
    with transaction.atomic():
        saved = save_time_slot(slot, fields=fields)
        if changes:
            check_class_count(saved.cohort, edited=saved, now=now)
    return saved
