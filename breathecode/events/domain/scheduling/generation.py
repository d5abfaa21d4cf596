"""From a time slot to its live classes: expand, reconcile with the rows that exist, apply (rules G1 to G14).

Locks are taken in the order cohort, time slot, class, here and in every other write. The first statement
locks the cohort and the slot at once, so that builds of one slot follow each other (rule G10).
"""

import dataclasses
import datetime
import functools
import operator
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from breathecode.admissions.models import CohortTimeSlot
from breathecode.events.domain.scheduling.overlaps import overlaps_between
from breathecode.events.domain.scheduling.planning import (
    SUSPENDING_ISSUES,
    built_until,
    horizon,
    is_due,
    schedule_issue,
    wanted_occurrences,
)
from breathecode.events.models import ClassNotice, LiveClass, new_hash
from breathecode.events.schedule.reconcile import ExistingClass, Plan, reconcile
from breathecode.events.schedule.recurrence import Closure, Occurrence

# Issues under which a never-ending cohort's time slot is still built further with each day (rule G12).
_GROWING = frozenset({None, "starts-beyond-the-horizon", "only-on-holidays"})
INSERT_BATCH = 20_000  # rows a statement: beyond it, memory costs more than a second statement


@dataclasses.dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build did (or, in a dry run, would do), in numbers of classes; `issue` says why it made none."""

    created: int = 0
    moved: int = 0
    deleted: int = 0
    cancelled: int = 0
    restored: int = 0
    issue: str | None = None

    @property
    def changed(self) -> int:
        return self.created + self.moved + self.deleted + self.cancelled + self.restored


def build_time_slot(
    *, time_slot_id: int, now: datetime.datetime, dry_run: bool = False, only_moves: bool = False
) -> BuildResult:
    """Makes the classes of one time slot what its schedule says. Raises `CohortTimeSlot.DoesNotExist`.

    `only_moves` corrects the times of coming classes and neither makes nor deletes any.
    """
    while True:
        try:
            return _build(time_slot_id, now=now, dry_run=dry_run, only_moves=only_moves)
        except CohortTimeSlot.DoesNotExist:
            # Given to another cohort while its lock was waited for, it seems gone. A new transaction looks again:
            # this one would lock the slot before its new cohort.
            if not CohortTimeSlot.objects.filter(pk=time_slot_id).exists():
                raise


@transaction.atomic
def _build(time_slot_id: int, *, now: datetime.datetime, dry_run: bool, only_moves: bool) -> BuildResult:
    slot, closures = _lock(time_slot_id)
    issue = schedule_issue(slot, closures=closures, now=now)
    plan = Plan() if issue in SUSPENDING_ISSUES else _plan(slot, closures, now=now)
    if only_moves:
        plan = Plan(move=plan.move)
    if not dry_run:
        _apply(slot, plan, now=now)
        if not only_moves:
            _mark_as_built(slot, issue=issue, now=now)
    return BuildResult(
        created=len(plan.create),
        moved=len(plan.move),
        deleted=len(plan.delete),
        cancelled=len(plan.cancel),
        restored=len(plan.restore),
        issue=issue,
    )


def _lock(time_slot_id: int) -> tuple[CohortTimeSlot, tuple[Closure, ...]]:
    """The slot with its cohort and closed dates, in one statement; one row for each holiday.

    A row that had to be waited for is read anew by PostgreSQL, but what is joined to it stays as it was when
    the statement began: the holidays would be older than the revision that is marked as built. So they are
    read once more then, under the locks that are held by now.
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
    return rows[0], closures


def _with_holidays(slots: QuerySet[CohortTimeSlot]) -> QuerySet[CohortTimeSlot]:
    holiday = "cohort__academy__holidays__"
    before = CohortTimeSlot.objects.filter(pk=OuterRef("pk")).values("revision")
    return (
        # Naming the cohort first in `of` locks it first.
        slots.select_for_update(of=("cohort", "self"), no_key=True)
        .select_related("cohort")
        .annotate(
            revision_before_waiting=Subquery(before),
            holiday_name=F(f"{holiday}name"),
            holiday_starts_on=F(f"{holiday}starts_on"),
            holiday_ends_on=F(f"{holiday}ends_on"),
            holiday_cohort_id=F(f"{holiday}cohort_id"),
        )
        .order_by("holiday_starts_on", f"{holiday}id")
    )


def _plan(slot: CohortTimeSlot, closures: tuple[Closure, ...], *, now: datetime.datetime) -> Plan:
    wanted: Iterable[Occurrence] = wanted_occurrences(slot, closures=closures, now=now)
    first_build = slot.first_built_at is None
    if first_build:
        wanted = _without_doubled_past(slot, list(wanted), now=now)
    plan = reconcile(wanted=wanted, existing=_existing(slot), now=now, first_build=first_build)
    return _cancel_announced_instead_of_deleting(plan) if plan.delete else plan


def _without_doubled_past(
    slot: CohortTimeSlot, wanted: Sequence[Occurrence], *, now: datetime.datetime
) -> list[Occurrence]:
    """Without past occurrences at a time when the cohort had a class: of a slot deleted and made anew (rule G5)."""
    past = [occurrence for occurrence in wanted if occurrence.starting_at <= now]
    if not past:
        return list(wanted)
    first, last = min(o.starting_at for o in past), max(o.ending_at for o in past)
    taken = overlaps_between(LiveClass.objects.exclude(cohort_time_slot=slot), slot.cohort_id, first, last)
    return [o for o in wanted if o.starting_at > now or not taken.overlapping(o.starting_at, o.ending_at)]


def _cancel_announced_instead_of_deleting(plan: Plan) -> Plan:
    """A class that people were told of (a reminder went out) is not deleted: they must be told that it is off.

    It is cancelled as a holiday cancels, without a reason: the schedule may take it back.
    """
    relations: Iterable[Any] = LiveClass._meta.related_objects
    traces = (
        Exists(relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")}))
        for relation in relations
    )
    # Of what the calendar alone told, the calendar takes care; the others would not know a class made anew.
    reminded = Exists(ClassNotice.objects.filter(live_class_id=OuterRef("pk"), mail_count__gt=0))
    known = LiveClass.objects.filter(functools.reduce(operator.or_, traces, reminded), pk__in=plan.delete)
    ids = set(known.values_list("pk", flat=True))
    return dataclasses.replace(
        plan,
        delete=tuple(pk for pk in plan.delete if pk not in ids),
        cancel=(*plan.cancel, *((pk, "") for pk in sorted(ids))),
    )


def _existing(slot: CohortTimeSlot) -> list[ExistingClass]:
    rows = LiveClass.objects.filter(cohort_time_slot=slot, planned_date__isnull=False).values_list(
        "id", "planned_date", "starting_at", "ending_at", "started_at", "ended_at", "cancelled_at",
        "moved_by_hand", "cancelled_by_schedule", "cancel_reason", "kept_by_staff",
    )  # fmt: skip
    return [
        ExistingClass(
            id=pk,
            planned_date=planned_date,
            starting_at=starting_at,
            ending_at=ending_at,
            fixed=bool(started or ended or moved or (cancelled and not by_holiday)),
            closed_by=reason if by_holiday else None,
            kept_by_staff=kept,
        )
        for pk, planned_date, starting_at, ending_at, started, ended, cancelled, moved, by_holiday, reason, kept in rows
        if planned_date is not None
    ]


def _apply(slot: CohortTimeSlot, plan: Plan, *, now: datetime.datetime) -> None:
    if plan.is_empty:
        return
    classes = LiveClass.objects.filter(cohort_time_slot=slot)
    _create(slot, plan.create, now=now)
    _move(classes, dict(plan.move), now=now)
    _close(classes, plan.cancel, now=now)
    if plan.restore:
        classes.filter(pk__in=plan.restore).update(
            cancelled_at=None,
            cancel_reason="",
            cancelled_by_schedule=False,
            sequence=F("sequence") + 1,
            updated_at=now,
        )
    if plan.delete:
        # Nothing refers to them (see _cancel_announced_instead_of_deleting), so dependents need not be collected. If a
        # reminder was sent at this very moment, the next sweep sends a correction.
        classes.filter(pk__in=plan.delete)._raw_delete(classes.db)


def _create(slot: CohortTimeSlot, occurrences: Sequence[Occurrence], *, now: datetime.datetime) -> None:
    # Made in the past, a class is closed at once: it counts as not held, and nobody is asked about it (rule G5).
    LiveClass.objects.bulk_create(
        [
            LiveClass(
                cohort_time_slot=slot,
                hash=new_hash(),
                cohort=slot.cohort,
                academy_id=slot.cohort.academy_id,
                planned_date=occurrence.planned_date,
                starting_at=occurrence.starting_at,
                ending_at=occurrence.ending_at,
                ended_at=occurrence.ending_at if occurrence.ending_at <= now else None,
            )
            for occurrence in occurrences
        ],
        batch_size=INSERT_BATCH,
    )


def _move(classes: QuerySet[LiveClass], moves: dict[int, Occurrence], *, now: datetime.datetime) -> None:
    """One statement however many move: an upsert of whole rows, where CASE … WHEN would grow with its square."""
    if not moves:
        return
    rows = list(classes.filter(pk__in=moves))
    for row in rows:
        row.starting_at, row.ending_at = moves[row.pk].starting_at, moves[row.pk].ending_at
        row.sequence += 1
    LiveClass.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["starting_at", "ending_at", "sequence", "updated_at"],
        batch_size=INSERT_BATCH,
    )


def _close(classes: QuerySet[LiveClass], closed: Iterable[tuple[int, str]], *, now: datetime.datetime) -> None:
    by_name: dict[str, list[int]] = {}
    for pk, name in closed:
        by_name.setdefault(name, []).append(pk)
    for name, ids in by_name.items():
        classes.filter(pk__in=ids).update(
            cancelled_at=now,
            cancel_reason=name,
            cancelled_by_schedule=True,
            sequence=F("sequence") + 1,
            updated_at=now,
        )


def _mark_as_built(slot: CohortTimeSlot, *, issue: str | None, now: datetime.datetime) -> None:
    """Marks what was read as built: revision, zone data, reach. Writes nothing where that is known already (G8)."""
    built = {
        "built_revision": slot.revision,
        "zone_data_version": settings.TIME_ZONE_DATA_VERSION,
        "built_until": built_until(slot, now=now) if issue in _GROWING else None,
        "first_built_at": slot.first_built_at or (None if issue else now),
    }
    if any(getattr(slot, name) != value for name, value in built.items()):
        CohortTimeSlot.objects.filter(pk=slot.pk).update(**built)


def due_time_slot_ids(*, now: datetime.datetime) -> list[int]:
    """The time slots that are not built, not far enough or with older zone data (rules G9, G12, G16); one query."""
    # Slots count their days in zones of their own: somewhere it is tomorrow by now.
    latest = horizon(now.date() + datetime.timedelta(days=1))
    changed, short = ~Q(revision=F("built_revision")), Q(built_until__lt=latest)
    # Older, not merely other: two processes with different data must not build the same slots in turns.
    outdated = Q(zone_data_version__lt=settings.TIME_ZONE_DATA_VERSION)
    due = CohortTimeSlot.objects.filter(changed | short | outdated)
    slots = due.order_by("pk").only("revision", "built_revision", "built_until", "timezone", "zone_data_version")
    return [slot.pk for slot in slots if is_due(slot, now=now)]


def count_due_time_slots() -> int:
    return len(due_time_slot_ids(now=timezone.now()))


def due_time_slot_ids_of_cohort(cohort_id: int) -> list[int]:
    """The cohort's time slots that a change left to be built."""
    changed = CohortTimeSlot.objects.filter(cohort_id=cohort_id).exclude(revision=F("built_revision"))
    return list(changed.order_by("pk").values_list("pk", flat=True))
