"""Carries out what `time_slot_plans` planned, under the same locks (rules G5 to G8, G13, P2)."""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet

from breathecode.admissions.models import CohortTimeSlot
from breathecode.common.db.inserting import Variants, insert_variants
from breathecode.events.domain.planning import built_until, extends_at
from breathecode.events.models import LiveClass, new_hash
from breathecode.events.schedule.recurrence import Occurrence
from breathecode.schedules.domain.time_slot_plans import TimeSlotPlan

# Issues under which a never-ending cohort's time slot is still built further with each day (rule G12).
_GROWING = frozenset({None, "starts-beyond-the-horizon", "only-on-holidays"})
BATCH = 20_000  # rows a statement: beyond it, memory costs more than a second statement


def apply_plans(plans: Sequence[TimeSlotPlan], *, now: datetime.datetime) -> None:
    """Writes the classes of all these plans in as many statements as for one; nothing where nothing changes (G8)."""
    changed = [plan for plan in plans if not plan.is_empty]
    if not changed:
        return
    _create(changed, now=now)
    _move({pk: target for plan in changed for pk, target in plan.writes.move}, now=now)
    _cancel((closed for plan in changed for closed in plan.writes.cancel), by_schedule=True, now=now)
    _cancel((closed for plan in changed for closed in plan.cancel_kept), by_schedule=False, now=now)
    _restore([pk for plan in changed for pk in plan.writes.restore], now=now)
    _delete([pk for plan in changed for pk in plan.writes.delete])


def _classes(ids: Iterable[int]) -> Iterator[QuerySet[LiveClass]]:
    """The classes in batches: databases limit the values of a statement."""
    pks = list(ids)
    for first in range(0, len(pks), BATCH):
        yield LiveClass.objects.filter(pk__in=pks[first : first + BATCH])


_OCCURRENCE = ("hash", "planned_date", "day", "starting_at", "ending_at", "ended_at")


def _create(plans: Sequence[TimeSlotPlan], *, now: datetime.datetime) -> None:
    if any(plan.writes.create for plan in plans):
        insert_variants(
            LiveClass,
            _OCCURRENCE,
            (Variants(LiveClass(cohort_time_slot=plan.slot), _rows_to_create(plan, now=now)) for plan in plans),
        )


def _rows_to_create(plan: TimeSlotPlan, *, now: datetime.datetime) -> Iterator[tuple[Any, ...]]:
    for occurrence in plan.writes.create:
        day, starting_at, ending_at = occurrence.planned_date, occurrence.starting_at, occurrence.ending_at
        # A class created in the past is created ended: it counts as not held, and gets no survey (rule G5).
        yield new_hash(), day, day, starting_at, ending_at, ending_at if ending_at <= now else None


def _move(moves: Mapping[int, Occurrence], *, now: datetime.datetime) -> None:
    """One statement however many move: an upsert of whole rows, where CASE … WHEN would grow with its square."""
    for classes in _classes(moves):
        rows = list(classes)
        for row in rows:
            row.starting_at, row.ending_at = moves[row.pk].starting_at, moves[row.pk].ending_at
            row.sequence += 1
        LiveClass.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["starting_at", "ending_at", "sequence", "updated_at"],
            batch_size=BATCH,
        )


def _cancel(cancelled: Iterable[tuple[int, str]], *, by_schedule: bool, now: datetime.datetime) -> None:
    """One statement for each reason: the names of the holidays are few."""
    by_reason: dict[str, list[int]] = {}
    for pk, reason in cancelled:
        by_reason.setdefault(reason, []).append(pk)
    for reason, ids in by_reason.items():
        for classes in _classes(ids):
            classes.update(
                cancelled_at=now,
                cancel_reason=reason,
                cancelled_by_schedule=by_schedule,
                sequence=F("sequence") + 1,
                updated_at=now,
            )


def _restore(ids: Sequence[int], *, now: datetime.datetime) -> None:
    for classes in _classes(ids):
        classes.update(
            cancelled_at=None,
            cancel_reason="",
            cancelled_by_schedule=False,
            sequence=F("sequence") + 1,
            updated_at=now,
        )


def _delete(ids: Sequence[int]) -> None:
    for classes in _classes(ids):
        # Nothing refers to them (see time_slot_plans), so dependents need not be collected. If a reminder was sent at
        # this very moment, the next sweep sends a correction.
        classes._raw_delete(classes.db)


def mark_as_built(plans: Iterable[TimeSlotPlan], *, now: datetime.datetime) -> None:
    """Marks what was read as built: revision, zone data, reach. Writes nothing where that is known already (G8).

    The rows are locked, so each one's revision is still the one that its plan was made of.
    """
    ids: dict[tuple[tuple[str, Any], ...], list[int]] = {}
    for plan in plans:
        built = _built(plan, now=now)
        if any(getattr(plan.slot, name) != value for name, value in built.items()):
            del built["built_revision"]
            ids.setdefault(tuple(built.items()), []).append(plan.slot.pk)
    for values, pks in ids.items():  # as many as there are dates at this instant, and not as there are slots
        CohortTimeSlot.objects.filter(pk__in=pks).update(built_revision=F("revision"), **dict(values))


def _built(plan: TimeSlotPlan, *, now: datetime.datetime) -> dict[str, Any]:
    is_first_build = plan.slot.first_built_at is None and plan.issue is None
    reached = built_until(plan.slot, now=now) if plan.issue in _GROWING else None
    return {
        "built_revision": plan.slot.revision,
        "zone_data_version": settings.TIME_ZONE_DATA_VERSION,
        "built_until": reached,
        "extends_at": extends_at(plan.slot, now=now) if reached else None,
        "horizon_days": settings.GENERATION_HORIZON_DAYS if reached else None,
        **({"first_built_at": now} if is_first_build else {}),
    }
