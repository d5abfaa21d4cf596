"""What has to change for the rows of a time slot to say what its schedule says (rules G5 to G8 and G13).

Who reads and writes the rows is the caller; here two lists are compared at one moment.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from breathecode.events.schedule.recurrence import Occurrence


@dataclass(frozen=True, slots=True)
class ExistingClass:
    """A row that was generated from the slot; `planned_date` names it within the slot (G6).

    `fixed`: started, ended, cancelled by staff or moved by hand, so that no rebuild touches it (G7).
    `closed_by`: the name of the holiday that cancelled it (G13); such a row is not `fixed`. `kept_by_staff`: staff
    restored it against the schedule, so that no holiday cancels and no lost date deletes it (G15). Times are aware.
    """

    id: int
    planned_date: date
    starting_at: datetime
    ending_at: datetime
    fixed: bool = False
    closed_by: str | None = None
    kept_by_staff: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The writes to make, each part ordered by planned date.

    `move` holds ids and the new times, `cancel` ids and the name of the holiday. A row of `move` may stand in
    `cancel` or `restore` too.
    """

    create: tuple[Occurrence, ...] = ()
    move: tuple[tuple[int, Occurrence], ...] = ()
    delete: tuple[int, ...] = ()
    cancel: tuple[tuple[int, str], ...] = ()
    restore: tuple[int, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write (G8)."""
        return not (self.create or self.move or self.delete or self.cancel or self.restore)


def reconcile(
    *, wanted: Iterable[Occurrence], existing: Iterable[ExistingClass], now: datetime, first_build: bool
) -> Plan:
    """Compare what the schedule wants with the rows that exist, at the instant `now` (aware).

    Only what is coming (starts after `now`) is written, save that a first build creates the past too (G5).
    Neither `wanted` nor `existing` may hold a planned date twice.
    """
    wanted_by_date = {occurrence.planned_date: occurrence for occurrence in wanted}
    rows = sorted(existing, key=_planned_date)
    kept, dropped = _split(rows, wanted_by_date, now)
    return Plan(
        create=_to_create(wanted_by_date, {row.planned_date for row in rows}, now, first_build),
        move=tuple((row.id, target) for row, target in kept if _hours_differ(row, target)),
        # A class that a holiday cancelled is never deleted: people were told of it, and it may return (G13).
        delete=tuple(row.id for row in dropped if row.closed_by is None),
        cancel=tuple(
            (row.id, target.closed_by)
            for row, target in kept
            if target.closed_by is not None and target.closed_by != row.closed_by
        ),
        restore=tuple(row.id for row, target in kept if row.closed_by is not None and target.closed_by is None),
    )


def _split(
    rows: Iterable[ExistingClass], wanted_by_date: dict[date, Occurrence], now: datetime
) -> tuple[list[tuple[ExistingClass, Occurrence]], list[ExistingClass]]:
    """The rows that a rebuild may touch: those the schedule still has, with what it wants of them, and the others.

    Rows that a holiday cancelled are moved like the rest, so that they return at the right hour.
    """
    kept, dropped = [], []
    for row in rows:
        if row.fixed or not _is_coming(row, now):
            continue
        target = target_of(row, wanted_by_date.get(row.planned_date), now=now)
        if target is None:
            dropped.append(row)
        else:
            kept.append((row, target))
    return kept, dropped


def target_of(row: ExistingClass, wanted: Occurrence | None, *, now: datetime) -> Occurrence | None:
    """What the schedule wants of a class at the instant `now`: its hours, and the holiday that cancels it (G6, G15).

    `wanted` is the occurrence of its planned date, None where the schedule has none. None: it wants no class there.
    """
    if wanted is None:
        return Occurrence(row.planned_date, row.starting_at, row.ending_at) if row.kept_by_staff else None
    if wanted.ending_at <= now:
        # Hours that are over would put the class into the past, where no rebuild writes: it stays where it was. Hours
        # that are running are still worth moving to: the people who hold its link should be in the room (G6).
        wanted = replace(wanted, starting_at=row.starting_at, ending_at=row.ending_at)
    return replace(wanted, closed_by=None) if row.kept_by_staff else wanted


def _to_create(
    wanted_by_date: dict[date, Occurrence], taken: set[date], now: datetime, first_build: bool
) -> tuple[Occurrence, ...]:
    return tuple(
        occurrence
        for occurrence in sorted(wanted_by_date.values(), key=_planned_date)
        if occurrence.planned_date not in taken
        and occurrence.closed_by is None
        and (first_build or _is_coming(occurrence, now))
    )


def _is_coming(session: Occurrence | ExistingClass, now: datetime) -> bool:
    return session.starting_at > now


def _hours_differ(row: ExistingClass, target: Occurrence) -> bool:
    return (row.starting_at, row.ending_at) != (target.starting_at, target.ending_at)


def _planned_date(session: Occurrence | ExistingClass) -> date:
    return session.planned_date
