"""Plans what becomes of the classes of time slots: the schedule against the rows that exist (rules G5 to G8, P1).

Builds, changes and dry runs all plan here, and `applying` carries out what was planned: what is announced is what
happens. The number of statements grows neither with the slots nor with their classes.
"""

import dataclasses
import datetime
import functools
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef

from breathecode.admissions.models import CohortTimeSlot
from breathecode.events.domain.planning import SUSPENDING_ISSUES, schedule_issue, wanted_schedule
from breathecode.events.domain.staffing.overlaps import OverlapIndex
from breathecode.events.models import ClassNotice, LiveClass
from breathecode.events.schedule.kept import KeptReason, PresentClass, WantedSchedule, is_unwanted, reason_to_keep
from breathecode.events.schedule.reconcile import ExistingClass, Plan, reconcile
from breathecode.events.schedule.recurrence import Occurrence
from breathecode.schedules.domain.schedules import Schedule

Hours = tuple[datetime.datetime, datetime.datetime]
_NOTHING = WantedSchedule({}, None)
BY_HAND = frozenset({KeptReason.MOVED_BY_HAND, KeptReason.MADE_BY_HAND})


@dataclasses.dataclass(frozen=True, slots=True)
class TimeSlotPlan:
    """What becomes of the classes of one time slot.

    `hours`: the present start and end of each class that the plan names. `kept`: coming classes that stay though the
    schedule no longer wants them so; `past`: the number of such classes that are past. `cancel_kept`: kept ones that
    are cancelled all the same, each with the reason (rule P3).
    """

    slot: CohortTimeSlot
    issue: str | None = None
    writes: Plan = dataclasses.field(default_factory=Plan)
    hours: Mapping[int, Hours] = dataclasses.field(default_factory=dict)
    kept: tuple[tuple[int, KeptReason], ...] = ()
    cancel_kept: tuple[tuple[int, str], ...] = ()
    past: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is no class to write (rule G8)."""
        return self.writes.is_empty and not self.cancel_kept

    def new_hours(self, *, after: datetime.datetime) -> Iterator[Hours]:
        """The times after this instant at which there is to be a class where there is none now."""
        moved = dict(self.writes.move)
        yield from ((o.starting_at, o.ending_at) for o in self.writes.create if o.starting_at > after)
        yield from ((o.starting_at, o.ending_at) for o in moved.values() if o.closed_by is None)
        yield from (self.hours[pk] for pk in self.writes.restore if pk not in moved)

    def with_kept_cancelled(self, reason: str) -> "TimeSlotPlan":
        """Also cancels the kept classes that people moved or made by hand (rule P3)."""
        return dataclasses.replace(
            self,
            kept=tuple((pk, why) for pk, why in self.kept if why not in BY_HAND),
            cancel_kept=tuple((pk, reason) for pk, why in self.kept if why in BY_HAND),
        )


class _Row(NamedTuple):
    time_slot_id: int
    id: int
    planned_date: datetime.date | None
    starting_at: datetime.datetime
    ending_at: datetime.datetime
    started_at: datetime.datetime | None
    ended_at: datetime.datetime | None
    cancelled_at: datetime.datetime | None
    moved_by_hand: bool
    cancelled_by_schedule: bool
    cancel_reason: str
    kept_by_staff: bool
    marked: bool

    def existing(self, planned_date: datetime.date) -> ExistingClass:
        cancelled_by_staff = self.cancelled_at and not self.cancelled_by_schedule
        return ExistingClass(
            id=self.id,
            planned_date=planned_date,
            starting_at=self.starting_at,
            ending_at=self.ending_at,
            fixed=bool(self.started_at or self.ended_at or self.moved_by_hand or cancelled_by_staff),
            closed_by=self.cancel_reason if self.cancelled_by_schedule else None,
            kept_by_staff=self.kept_by_staff,
        )

    def present(self) -> PresentClass:
        return PresentClass(
            id=self.id,
            planned_date=self.planned_date,
            starting_at=self.starting_at,
            ending_at=self.ending_at,
            started=bool(self.started_at or self.ended_at or self.marked),
            moved=self.moved_by_hand,
            restored=self.kept_by_staff,
        )


def plan_time_slots(
    schedules: Sequence[Schedule], *, now: datetime.datetime, before: Mapping[int, Schedule] | None = None
) -> list[TimeSlotPlan]:
    """The plan of each time slot at the instant `now`, under the locks of all of them. Writes nothing.

    `before`: the schedules by time slot as they were before a change, so that `kept` and `past` name what the change
    makes a difference to; without it, all that differs from the schedule. Raises KeyError and ValueError for a time
    zone or hours that nothing can be built of.
    """
    rows = _rows_of(schedules)
    wanted = _wanted_by_slot(schedules, now=now)
    plans = [
        _plan(schedule, wanted[schedule.slot.pk], rows.get(schedule.slot.pk, []), before=before, now=now)
        for schedule in schedules
    ]
    return _cancel_announced_instead_of_deleting(plans)


def _rows_of(schedules: Sequence[Schedule]) -> dict[int, list[_Row]]:
    columns = ("cohort_time_slot_id", *_Row._fields[1:])
    classes = LiveClass.objects.filter(cohort_time_slot__in=[schedule.slot.pk for schedule in schedules])
    rows: dict[int, list[_Row]] = {}
    for row in map(_Row._make, classes.values_list(*columns)):
        rows.setdefault(row.time_slot_id, []).append(row)
    return rows


def _wanted_by_slot(
    schedules: Sequence[Schedule], *, now: datetime.datetime
) -> dict[int, tuple[str | None, WantedSchedule]]:
    """By time slot: why its schedule gives no classes, and what it wants."""
    wanted = {}
    for schedule in schedules:
        issue = schedule_issue(schedule.slot, closures=schedule.closures, now=now)
        found = _NOTHING
        if issue not in SUSPENDING_ISSUES:
            found = wanted_schedule(schedule.slot, closures=schedule.closures, now=now)
        wanted[schedule.slot.pk] = (issue, found)
    first_builds = [schedule.slot for schedule in schedules if schedule.slot.first_built_at is None]
    return {**wanted, **_without_doubled_past(first_builds, wanted, now=now)}


def _plan(
    schedule: Schedule,
    found: tuple[str | None, WantedSchedule],
    rows: Sequence[_Row],
    *,
    before: Mapping[int, Schedule] | None,
    now: datetime.datetime,
) -> TimeSlotPlan:
    issue, wanted = found
    # What was to come of a removed time slot goes, whatever its cohort waits for (rule T5).
    if issue in SUSPENDING_ISSUES and schedule.slot.removed_at is None:
        return TimeSlotPlan(schedule.slot, issue)
    writes = reconcile(
        wanted=wanted.occurrences.values(),
        existing=[row.existing(row.planned_date) for row in rows if row.planned_date],
        now=now,
        first_build=schedule.slot.first_built_at is None,
    )
    earlier = _wanted_before(schedule, before, now=now)
    present = [row.present() for row in rows if row.cancelled_at is None]
    kept = (
        (row.id, reason_to_keep(row, before=earlier, after=wanted, now=now)) for row in present if row.starting_at > now
    )
    past = sum(is_unwanted(row, before=earlier, after=wanted) for row in present if row.starting_at <= now)
    return TimeSlotPlan(
        slot=schedule.slot,
        issue=issue,
        writes=writes,
        hours={row.id: (row.starting_at, row.ending_at) for row in rows},
        kept=tuple((pk, reason) for pk, reason in kept if reason),
        past=past,
    )


def _wanted_before(
    schedule: Schedule, before: Mapping[int, Schedule] | None, *, now: datetime.datetime
) -> WantedSchedule | None:
    """What the schedule wanted before the change: nothing, where it was not there or could not be expanded."""
    if before is None:
        return None
    earlier = before.get(schedule.slot.pk)
    if earlier is None:
        return _NOTHING
    try:
        return wanted_schedule(earlier.slot, closures=earlier.closures, now=now)
    except (KeyError, ValueError):
        return _NOTHING


def _without_doubled_past(
    slots: Iterable[CohortTimeSlot],
    wanted: Mapping[int, tuple[str | None, WantedSchedule]],
    *,
    now: datetime.datetime,
) -> dict[int, tuple[str | None, WantedSchedule]]:
    """Without past occurrences at a time when the cohort had a class: of a slot deleted and made anew (rule G5).

    The slots follow each other as if each had been built before the next.
    """
    past = {slot: _past(wanted[slot.pk][1], now) for slot in slots}
    past = {slot: occurrences for slot, occurrences in past.items() if occurrences}
    if not past:
        return {}
    taken = _taken_times(past)
    result = {}
    for slot, occurrences in past.items():
        issue, found = wanted[slot.pk]
        index = OverlapIndex(sorted(times for times in taken[slot.cohort_id] if times[2] != slot.pk))
        doubled = {o.planned_date for o in occurrences if index.overlapping(o.starting_at, o.ending_at)}
        kept = {day: o for day, o in found.occurrences.items() if day not in doubled}
        taken[slot.cohort_id] += [(o.starting_at, o.ending_at, slot.pk) for o in occurrences if o.planned_date in kept]
        result[slot.pk] = (issue, dataclasses.replace(found, occurrences=kept))
    return result


def _past(wanted: WantedSchedule, now: datetime.datetime) -> list[Occurrence]:
    return [occurrence for occurrence in wanted.occurrences.values() if occurrence.starting_at <= now]


def _taken_times(
    past: Mapping[CohortTimeSlot, Sequence[Occurrence]],
) -> dict[int, list[tuple[datetime.datetime, datetime.datetime, int]]]:
    """By cohort: start, end and time slot of its classes within the time of these occurrences; one query."""
    first = min(occurrence.starting_at for found in past.values() for occurrence in found)
    last = max(occurrence.ending_at for found in past.values() for occurrence in found)
    taken: dict[int, list[tuple[datetime.datetime, datetime.datetime, int]]] = {slot.cohort_id: [] for slot in past}
    classes = LiveClass.objects.filter(cohort__in=list(taken), starting_at__lt=last, ending_at__gt=first)
    columns = ("cohort_id", "starting_at", "ending_at", "cohort_time_slot_id")
    for cohort_id, starting_at, ending_at, slot_id in classes.values_list(*columns):
        taken[cohort_id].append((starting_at, ending_at, slot_id))
    return taken


def _cancel_announced_instead_of_deleting(plans: Sequence[TimeSlotPlan]) -> list[TimeSlotPlan]:
    """A class that people were told of (a reminder went out) is not deleted: they must be told that it is off.

    It is cancelled as a holiday cancels, without a reason: the schedule may take it back.
    """
    deleted = [pk for plan in plans for pk in plan.writes.delete]
    known = set(_known(deleted)) if deleted else set()
    return [_cancelling(plan, known) if known else plan for plan in plans]


def _known(ids: Sequence[int]) -> Iterator[int]:
    relations: Iterable[Any] = LiveClass._meta.related_objects
    traces = (
        Exists(relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")}))
        for relation in relations
    )
    # Of what the calendar alone told, the calendar takes care; the others would not know a class made anew.
    reminded = Exists(ClassNotice.objects.filter(live_class_id=OuterRef("pk"), mail_count__gt=0))
    known = LiveClass.objects.filter(functools.reduce(operator.or_, traces, reminded), pk__in=ids)
    yield from known.values_list("pk", flat=True)


def _cancelling(plan: TimeSlotPlan, known: set[int]) -> TimeSlotPlan:
    writes = dataclasses.replace(
        plan.writes,
        delete=tuple(pk for pk in plan.writes.delete if pk not in known),
        cancel=(*plan.writes.cancel, *((pk, "") for pk in sorted(known.intersection(plan.writes.delete)))),
    )
    return dataclasses.replace(plan, writes=writes)
