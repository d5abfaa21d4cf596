"""Which classes stay though the schedule no longer wants them so, and why (rules G6, G7, P1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from breathecode.events.schedule.recurrence import Occurrence, Timetable


class KeptReason(StrEnum):
    STARTED = "started"
    MOVED_BY_HAND = "moved-by-hand"
    MADE_BY_HAND = "made-by-hand"  # also what staff restored against the schedule (G15)
    OVER_BY_NOW = "over-by-now"


@dataclass(frozen=True, slots=True)
class PresentClass:
    """A class that takes place, or took place: neither cancelled nor deleted. Times are aware.

    `planned_date` is None for a class made by hand. `started`: it can no longer be moved. `moved`: by hand. `restored`:
    by staff, where the schedule had cancelled it or has no such date.
    """

    id: int
    planned_date: date | None
    starting_at: datetime
    ending_at: datetime
    started: bool = False
    moved: bool = False
    restored: bool = False


@dataclass(frozen=True, slots=True)
class WantedSchedule:
    """What a schedule wants: its occurrences by planned date, closed ones too, and the dates that it applies to.

    `timetable` is None where it wants no class to come, such as after the removal of its time slot.
    """

    occurrences: Mapping[date, Occurrence]
    timetable: Timetable | None

    def hours(self, planned_date: date) -> tuple[datetime, datetime] | None:
        """The instants of the class of this date; None where it has none, or is closed."""
        found = self.occurrences.get(planned_date)
        return None if found is None or found.closed_by is not None else (found.starting_at, found.ending_at)

    def applies_at(self, instant: datetime) -> bool:
        """Whether the instant's date, in the zone of the schedule, is within its dates and open."""
        if self.timetable is None:
            return False
        day = instant.astimezone(self.timetable.zone).date()
        closures = self.timetable.closures
        is_closed = any(closure.starts_on <= day <= closure.ends_on for closure in closures)
        return self.timetable.first <= day <= self.timetable.last and not is_closed


def reason_to_keep(
    present: PresentClass, *, before: WantedSchedule | None, after: WantedSchedule, now: datetime
) -> KeptReason | None:
    """Why a coming class stays as it is though the schedule wants it otherwise; None where it is changed, or fits."""
    if not is_unwanted(present, before=before, after=after):
        return None
    if present.started:
        return KeptReason.STARTED
    if present.planned_date is None:
        return KeptReason.MADE_BY_HAND
    if present.moved:
        return KeptReason.MOVED_BY_HAND
    wanted = after.hours(present.planned_date)
    if wanted is None:
        return KeptReason.MADE_BY_HAND if present.restored else None
    return KeptReason.OVER_BY_NOW if wanted[1] <= now else None


def is_unwanted(present: PresentClass, *, before: WantedSchedule | None, after: WantedSchedule) -> bool:
    """Whether the schedule wants the class otherwise, and that is new: `before` wanted something else than `after`.

    Without `before`, all that differs counts.
    """
    if present.planned_date is None:
        return _is_newly_closed(present, before, after)
    wanted = after.hours(present.planned_date)
    if wanted == (present.starting_at, present.ending_at):
        return False
    if before is None or before.hours(present.planned_date) != wanted:
        return True
    return present.moved and _is_newly_closed(present, before, after)


def _is_newly_closed(present: PresentClass, before: WantedSchedule | None, after: WantedSchedule) -> bool:
    was_open = before is None or before.applies_at(present.starting_at)
    return was_open and not after.applies_at(present.starting_at)
