"""What the classes of a cohort are after each change, by the contract (G5 to G7, G11 to G15, P3, P4)."""

from __future__ import annotations

import copy
import dataclasses
import datetime
from collections.abc import Collection

from tests.support.lives.timetable import CohortFields, Hours, SlotFields, Zones

HALF_AN_HOUR = datetime.timedelta(minutes=30)


@dataclasses.dataclass
class ClassFields:
    """What the model knows of a live class. `id` and `hash` are None until the product's row was seen."""

    slot: int
    day: datetime.date | None
    start: datetime.datetime
    end: datetime.datetime
    started: datetime.datetime | None = None
    ended: datetime.datetime | None = None
    cancelled: bool = False
    by_schedule: bool = False
    reason: str | None = ""  # None: the name of one of the holidays of its date
    moved: bool = False
    kept: bool = False
    teacher: int | None = None
    id: int | None = None
    hash: str | None = None

    def untouched(self, now: datetime.datetime) -> bool:
        by_staff = self.cancelled and not self.by_schedule
        touched = self.started or self.ended or by_staff or self.moved or self.day is None
        return not touched and self.start > now


@dataclasses.dataclass
class HolidayFields:
    id: int
    name: str
    starts_on: datetime.date
    ends_on: datetime.date


class Model:
    """The cohort, its time slots, the holidays that concern it, and its classes."""

    def __init__(self, cohort: CohortFields) -> None:
        self.cohort = cohort
        self.zones = Zones()
        self.slots: dict[int, SlotFields] = {}
        self.holidays: dict[int, HolidayFields] = {}
        self.classes: list[ClassFields] = []
        self.known: set[int] = set()  # ids of classes that people were told of, or joined

    def copy(self) -> Model:
        return copy.deepcopy(self)

    def by_id(self, class_id: int) -> ClassFields:
        (found,) = (row for row in self.classes if row.id == class_id)
        return found

    # What the schedule says.

    def closed_by(self, date: datetime.date) -> set[str]:
        return {row.name for row in self.holidays.values() if row.starts_on <= date <= row.ends_on}

    def suspended(self) -> bool:
        """Nothing is built, and what there is stays (G11)."""
        return self.cohort.stage == "PREWORK" or (self.cohort.stage != "DELETED" and self.without_end())

    def without_end(self) -> bool:
        return self.cohort.ending_date is None and not self.cohort.never_ends

    def over(self, slot: SlotFields, now: datetime.datetime) -> bool:
        ended = self.cohort.ending_date and self.cohort.ending_date < self.zones.today(slot.timezone, now)
        return bool(self.cohort.stage == "DELETED" or ended)

    def wanted(self, slot: SlotFields, now: datetime.datetime) -> dict[datetime.date, Hours]:
        """By date, closed ones too. Of a removed time slot nothing is to come (T5)."""
        removed = slot.removed_at is not None and slot.removed_at <= now
        if self.over(slot, now) or self.without_end() or (removed and slot.built):
            return {}
        found = {date: slot.hours(date, self.zones) for date in slot.dates(self.cohort, self.zones, now)}
        return {date: hours for date, hours in found.items() if not removed or hours[0] <= now}

    # A build.

    def build(self, now: datetime.datetime) -> None:
        before = [copy.copy(row) for row in self.classes]
        for slot in sorted(self.slots.values(), key=lambda slot: slot.id):
            if not self.suspended():
                self._build(slot, before, now)
            elif slot.removed_at:
                self._remove(slot, now)

    def _build(self, slot: SlotFields, before: list[ClassFields], now: datetime.datetime) -> None:
        wanted = self.wanted(slot, now)
        rows = [row for row in self.classes if row.slot == slot.id and row.day]
        for row in rows:
            if row.untouched(now):
                self._follow(row, wanted.get(row.day), now) if row.day else None
        taken = {row.day for row in rows}
        for date, hours in wanted.items():
            if date in taken or self.closed_by(date) or (hours[0] <= now and (slot.built or doubled(hours, before))):
                continue
            made = ClassFields(slot.id, date, *hours, ended=hours[1] if hours[1] <= now else None)
            self.classes.append(made)
            before.append(copy.copy(made))
        # A schedule without a single open date is not built yet: its first build is still to come (G5).
        dates = slot.dates(self.cohort, self.zones, now)
        slot.built |= not self.over(slot, now) and any(not self.closed_by(date) for date in dates)

    def _remove(self, slot: SlotFields, now: datetime.datetime) -> None:
        """T5: what was to come goes, also while nothing is built."""
        for row in [row for row in self.classes if row.slot == slot.id and row.untouched(now)]:
            self._follow(row, None, now)

    def _follow(self, row: ClassFields, hours: Hours | None, now: datetime.datetime) -> None:
        """Moves, cancels, restores or drops a coming class that is the schedule's own (G6, G7, G13)."""
        assert row.day
        if hours is None:
            if not row.kept:
                self._drop(row)
            return
        if hours[1] > now:
            row.start, row.end = hours
        closed = not row.kept and self.closed_by(row.day)
        if closed:
            row.cancelled, row.by_schedule, row.reason = True, True, None
        elif row.cancelled:
            row.cancelled, row.by_schedule, row.reason = False, False, ""

    def _drop(self, row: ClassFields) -> None:
        """A class that people know of is cancelled, so that they are told; so is what a holiday cancelled already."""
        if row.cancelled:
            return
        if row.id in self.known:
            row.cancelled, row.by_schedule, row.reason = True, True, ""
        else:
            self.classes.remove(row)

    # What people do.

    def restore(self, row: ClassFields, now: datetime.datetime) -> None:
        """At the hours that its slot has now; against the schedule, it stays (G15)."""
        if not row.cancelled:
            return
        if row.day and not row.moved:
            hours = self.wanted(self.slots[row.slot], now).get(row.day)
            if hours and hours[1] > now:
                row.start, row.end = hours
            row.kept = hours is None or bool(self.closed_by(row.day))
        row.cancelled, row.by_schedule, row.reason = False, False, ""

    def cancel_kept(self, slot_id: int, now: datetime.datetime) -> None:
        """P3: the coming classes of a removed slot that people moved, made or restored by hand."""
        for row in self.classes:
            if row.slot == slot_id and row.start > now and not row.cancelled and not row.started and not row.ended:
                assert row.day is None or row.moved or row.kept, row
                row.cancelled, row.by_schedule, row.reason = True, False, "Its time slot was removed."

    def close(self, now: datetime.datetime) -> None:
        """A1."""
        for row in self.classes:
            if not row.ended and not row.cancelled and row.end + HALF_AN_HOUR <= now:
                row.ended = max(row.end + HALF_AN_HOUR, row.started or row.end)


def doubled(hours: Hours, classes: Collection[ClassFields]) -> bool:
    """Whether the cohort has a class at that time: none is made in the past beside it (G5)."""
    return any(row.start < hours[1] and hours[0] < row.end for row in classes)
