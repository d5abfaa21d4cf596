"""Time slots with all that decides their classes, read and locked for a build or a change.

Locks are taken in the order cohort, time slot, class, here and in every other write.
"""

import dataclasses
import datetime
from collections.abc import Iterable
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from breathecode.admissions.models import Cohort, CohortTimeSlot, Holiday
from breathecode.events.schedule.recurrence import Closure


@dataclasses.dataclass(frozen=True, slots=True)
class Schedule:
    """A time slot with its cohort, and the closed dates of the cohort and of its academy (rule G13)."""

    slot: CohortTimeSlot
    closures: tuple[Closure, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Scope:
    """Whose schedules a change may touch: these time slots, of these cohorts and of no others.

    Both are asked again after the change, which may have added some.
    """

    cohorts: QuerySet[Cohort]
    time_slots: QuerySet[CohortTimeSlot]

    @classmethod
    def of_time_slot(cls, slot: CohortTimeSlot) -> "Scope":
        return cls(Cohort.objects.filter(pk=slot.cohort_id), CohortTimeSlot.objects.filter(pk=slot.pk))

    @classmethod
    def of_cohort(cls, cohort_id: int) -> "Scope":
        return cls(Cohort.objects.filter(pk=cohort_id), CohortTimeSlot.objects.all())

    @classmethod
    def of_time_slots_never_built(cls, cohort_id: int) -> "Scope":
        """Of a cohort that a time slot is added to."""
        return cls(Cohort.objects.filter(pk=cohort_id), CohortTimeSlot.objects.filter(first_built_at=None))

    @classmethod
    def of_holidays(cls, holidays: Iterable[Holiday], *, now: datetime.datetime) -> "Scope":
        """The schedules that these closed dates concern; the caller holds their academy's lock.

        Cohorts that ended have no classes to come: the sweep marks their time slots as built.
        """
        concerned = Q(pk__in=[])
        for holiday in holidays:
            concerned |= Q(pk=holiday.cohort_id) if holiday.cohort_id else Q(academy=holiday.academy_id)
        # Slots count their days in zones of their own: somewhere it is yesterday still.
        yesterday = now.date() - datetime.timedelta(days=1)
        has_ended = Q(ending_date__lt=yesterday) | Q(stage=Cohort.Stage.DELETED)
        return cls(Cohort.objects.filter(concerned).exclude(has_ended), CohortTimeSlot.objects.all())

    def lock(self) -> None:
        """Holds the cohorts and then the time slots until the transaction ends, each in the order of their ids."""
        for rows in (self.cohorts, self.time_slots.filter(cohort__in=self.cohorts.order_by().values("pk"))):
            list(rows.select_for_update(no_key=True, of=("self",)).order_by("pk").values_list("pk"))

    def read(self) -> list[Schedule]:
        """The schedules by id of their time slots; two statements, however many."""
        slots = list(
            self.time_slots.filter(cohort__in=self.cohorts.order_by().values("pk"))
            .select_related("cohort__academy")
            .order_by("pk")
        )
        holidays = Holiday.objects.filter(academy__in={slot.cohort.academy_id for slot in slots})
        by_academy: dict[int, list[Holiday]] = {}
        for holiday in holidays.order_by("starts_on", "id"):
            by_academy.setdefault(holiday.academy_id, []).append(holiday)
        return [Schedule(slot, _closures(slot, by_academy.get(slot.cohort.academy_id, ()))) for slot in slots]


def _closures(slot: CohortTimeSlot, holidays: Iterable[Holiday]) -> tuple[Closure, ...]:
    return tuple(
        Closure(holiday.starts_on, holiday.ends_on, holiday.name)
        for holiday in holidays
        if holiday.cohort_id in (None, slot.cohort_id)
    )


def lock_schedule(time_slot_id: int) -> Schedule:
    """The slot with its cohort and closed dates, in one statement; one row for each holiday.

    A row that had to be waited for is read anew by PostgreSQL, but what is joined to it stays as it was when
    the statement began: the holidays would be older than the revision that is marked as built. So they are
    read once more then, under the locks that are held by now. Raises `CohortTimeSlot.DoesNotExist`.
    """
    slots = _with_holidays(CohortTimeSlot.objects.filter(pk=time_slot_id))
    rows: list[Any] = list(slots)
    if any(row.revision != row.revision_before_waiting for row in rows):
        rows = list(slots.all())
    if not rows:
        raise CohortTimeSlot.DoesNotExist(f"Time slot {time_slot_id} does not exist.")
    closures = tuple(
        Closure(row.holiday_starts_on, row.holiday_ends_on, row.holiday_name)
        for row in rows
        if row.holiday_name is not None and row.holiday_cohort_id in (None, row.cohort_id)
    )
    return Schedule(rows[0], closures)


def _with_holidays(slots: QuerySet[CohortTimeSlot]) -> QuerySet[CohortTimeSlot]:
    holiday = "cohort__academy__holidays__"
    before = CohortTimeSlot.objects.filter(pk=OuterRef("pk")).values("revision")
    return (
        # Naming the cohort first in `of` locks it first.
        slots.select_for_update(of=("cohort", "self"), no_key=True)
        .select_related("cohort__academy")
        .annotate(
            revision_before_waiting=Subquery(before),
            holiday_name=F(f"{holiday}name"),
            holiday_starts_on=F(f"{holiday}starts_on"),
            holiday_ends_on=F(f"{holiday}ends_on"),
            holiday_cohort_id=F(f"{holiday}cohort_id"),
        )
        .order_by("holiday_starts_on", f"{holiday}id")
    )
