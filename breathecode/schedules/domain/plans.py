"""What a change of schedules does, as it is announced and answered (rules P1 and P2)."""

import dataclasses
import datetime
import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from breathecode.schedules.domain.time_slot_plans import Hours, TimeSlotPlan

MAX_LISTED = 500  # entries of each list


@dataclasses.dataclass(frozen=True, slots=True)
class SchedulePlan:
    """Everything that a change of one or more schedules does to classes, each list in order of time.

    Instants are aware. `past` is the number of past classes that the schedule wants otherwise; they stay as they are.
    `warnings` are sentences in the language of the request, and not part of the version.
    """

    created: Sequence[Hours] = ()
    moved: Sequence[tuple[int, Hours, Hours]] = ()
    cancelled: Sequence[tuple[int, str]] = ()
    restored: Sequence[int] = ()
    deleted: Sequence[tuple[int, Hours]] = ()
    kept: Sequence[tuple[int, str]] = ()
    past: int = 0
    warnings: Sequence[str] = ()

    @classmethod
    def of(cls, plans: Sequence[TimeSlotPlan], *, warnings: Sequence[str] = ()) -> "SchedulePlan":
        """The plan of several time slots as one."""
        hours = {pk: found for plan in plans for pk, found in plan.hours.items()}

        def in_order(entries: Iterable[Any], pk_of: Any) -> list[Any]:
            return sorted(entries, key=lambda entry: (*hours[pk_of(entry)], pk_of(entry)))

        moves = ((pk, hours[pk], (to.starting_at, to.ending_at)) for plan in plans for pk, to in plan.writes.move)
        cancelled = (entry for plan in plans for entry in (*plan.writes.cancel, *plan.cancel_kept))
        return cls(
            created=sorted((o.starting_at, o.ending_at) for plan in plans for o in plan.writes.create),
            moved=in_order(moves, _first),
            cancelled=in_order(cancelled, _first),
            restored=in_order((pk for plan in plans for pk in plan.writes.restore), int),
            deleted=in_order(((pk, hours[pk]) for plan in plans for pk in plan.writes.delete), _first),
            kept=in_order(((pk, str(reason)) for plan in plans for pk, reason in plan.kept), _first),
            past=sum(plan.past for plan in plans),
            warnings=warnings,
        )

    @property
    def totals(self) -> dict[str, int]:
        """The lengths of the lists, uncut, and the number of past classes."""
        names = ("created", "moved", "cancelled", "restored", "deleted", "kept")
        return {**{name: len(getattr(self, name)) for name in names}, "past": self.past}

    @property
    def version(self) -> str:
        """Digest of the whole plan, 32 hexadecimal characters: another plan has another version."""
        parts = [self.created, self.moved, self.cancelled, self.restored, self.deleted, self.kept, self.past]
        content = json.dumps(parts, default=datetime.datetime.isoformat, separators=(",", ":"))
        return hashlib.sha256(content.encode()).hexdigest()[:32]

    def as_json(self) -> dict[str, Any]:
        """The shape of rule P1, each list cut to its first `MAX_LISTED` entries."""
        return {
            "version": self.version,
            "created": [_span(hours) for hours in self.created[:MAX_LISTED]],
            "moved": [
                {"id": pk, "from": _span(earlier), "to": _span(later)} for pk, earlier, later in self.moved[:MAX_LISTED]
            ],
            "cancelled": [{"id": pk, "reason": reason} for pk, reason in self.cancelled[:MAX_LISTED]],
            "restored": [{"id": pk} for pk in self.restored[:MAX_LISTED]],
            "deleted": [{"id": pk, **_span(hours)} for pk, hours in self.deleted[:MAX_LISTED]],
            "kept": [{"id": pk, "reason": reason} for pk, reason in self.kept[:MAX_LISTED]],
            "totals": self.totals,
            "warnings": list(self.warnings),
        }


def _first(entry: tuple[int, Any]) -> int:
    return entry[0]


def _span(hours: Hours) -> dict[str, datetime.datetime]:
    return {"starting_at": hours[0], "ending_at": hours[1]}
