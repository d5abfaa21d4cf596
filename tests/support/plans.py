"""What the rows of classes say was done, against the plan that announced it (rules P1, P2)."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from typing import Any

Row = dict[str, Any]
Rows = dict[int, Row]


def class_rows() -> Rows:
    """All live classes, by id."""
    from breathecode.events.models import LiveClass

    return {row["id"]: dict(row) for row in LiveClass.objects.values()}


def hours(row: Row) -> dict[str, str]:
    return {name: row[name].isoformat().replace("+00:00", "Z") for name in ("starting_at", "ending_at")}


def in_order(found: Iterable[Row], of: Callable[[Row], Row]) -> list[Row]:
    return sorted(found, key=lambda row: (of(row)["starting_at"], of(row)["ending_at"], row["id"]))


def difference(before: Rows, after: Rows) -> dict[str, list[dict[str, Any]]]:
    """What the rows say was done, in the form of a plan; an oracle that knows no schedule."""
    common = [(before[pk], after[pk]) for pk in before.keys() & after.keys()]
    made = sorted((row for pk, row in after.items() if pk not in before), key=lambda row: row["starting_at"])
    cancelled = [
        (old, new)
        for old, new in common
        if new["cancelled_at"] and (not old["cancelled_at"] or old["cancel_reason"] != new["cancel_reason"])
    ]
    moved = [(old, new) for old, new in common if hours(old) != hours(new)]
    restored = [old for old, new in common if old["cancelled_at"] and not new["cancelled_at"]]
    deleted = [row for pk, row in before.items() if pk not in after]

    def ordered(found: Iterable[Row]) -> list[Row]:
        return in_order(found, lambda row: before[row["id"]])

    return {
        "created": [hours(row) for row in made],
        "moved": [
            {"id": old["id"], "from": hours(old), "to": hours(after[old["id"]])} for old in ordered(o for o, _ in moved)
        ],
        "cancelled": [
            {"id": old["id"], "reason": after[old["id"]]["cancel_reason"]} for old in ordered(o for o, _ in cancelled)
        ],
        "restored": [{"id": row["id"]} for row in ordered(restored)],
        "deleted": [{"id": row["id"], **hours(row)} for row in ordered(deleted)],
    }


def check_plan(plan: dict[str, Any], before: Rows, after: Rows) -> None:
    """The plan is the difference of the rows, in each list and in the totals."""
    by_rows = difference(before, after)
    assert {name: plan[name] for name in by_rows} == by_rows
    assert {name: plan["totals"][name] for name in by_rows} == {name: len(found) for name, found in by_rows.items()}


def check_kept(plan: dict[str, Any], before: Rows, after: Rows, now: datetime.datetime) -> None:
    """Each kept class is to come, takes place, and is as it was; its reason is what its row says."""
    kept = {entry["id"]: entry["reason"] for entry in plan["kept"]}
    for pk, reason in kept.items():
        row = after[pk]
        assert row == before[pk]
        assert row["starting_at"] > now
        assert row["cancelled_at"] is None
        assert {
            "started": row["started_at"] is not None,
            "moved-by-hand": row["moved_by_hand"] and row["started_at"] is None,
            "made-by-hand": row["planned_date"] is None or row["kept_by_staff"],
            "over-by-now": row["planned_date"] is not None and not row["moved_by_hand"] and row["started_at"] is None,
        }[reason]
