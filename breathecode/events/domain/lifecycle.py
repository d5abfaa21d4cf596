"""The life of a class: each change of state is one function, safe against a second caller at the same moment.

All of them run under the lock of the class's cohort and then of the class itself (see `lock_class`), so the
second of two callers sees what the first one did and gets the `…-already-set` error (rule W5).
"""

import datetime
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Min, QuerySet

from breathecode.admissions.models import Cohort
from breathecode.events import errors
from breathecode.events.domain.makeups import mark_link_changed
from breathecode.events.domain.planning import wanted_of_class
from breathecode.events.models import ClassJoin, LiveClass
from breathecode.events.schedule.reconcile import ExistingClass, target_of
from breathecode.events.schedule.recurrence import Occurrence
from breathecode.events.signals import class_ending, liveclass_ended

START_TOLERANCE = datetime.timedelta(minutes=2)
MIN_DURATION = datetime.timedelta(minutes=30)
MAX_DURATION = datetime.timedelta(hours=24)
MAX_END_AGE = datetime.timedelta(hours=24)


def lock_class(live_class_id: int, *, within: QuerySet[LiveClass] | None = None) -> LiveClass:
    """The class under lock, its cohort first. Raises `not-found`.

    `within`: the classes that the caller may touch. Needs a transaction.
    """
    cohorts = Cohort.objects.select_for_update(no_key=True, of=("self",))
    list(cohorts.filter(live_classes=live_class_id).values_list("pk"))
    classes = LiveClass.objects.all() if within is None else within
    locked = classes.select_for_update(of=("self",)).select_related("cohort_time_slot", "cohort__academy")
    live_class = locked.filter(pk=live_class_id).first()
    if live_class is None:
        raise errors.LiveClassNotFound
    return live_class


def _check_not_cancelled(live_class: LiveClass) -> None:
    if live_class.cancelled_at is not None:
        raise errors.ClassCancelled(reason=live_class.cancel_reason)


def check_start(live_class: LiveClass, *, at: datetime.datetime, now: datetime.datetime) -> None:
    """Raises what speaks against starting the class at `at`, in the order of rule W3."""
    _check_not_cancelled(live_class)
    if live_class.started_at is not None:
        raise errors.StartedAtAlreadySet
    if live_class.ended_at is not None:
        raise errors.ClassHasEnded
    if abs(at - now) > START_TOLERANCE:
        raise errors.StartedAtNotNow


def start_class(live_class: LiveClass, *, at: datetime.datetime, now: datetime.datetime) -> None:
    """Marks a locked class as started (rule W3)."""
    check_start(live_class, at=at, now=now)
    live_class.started_at = at
    live_class.save(update_fields=["started_at", "updated_at"])


def check_movable(live_class: LiveClass) -> None:
    """Raises `class-already-started`, `class-has-ended` where the class cannot be moved any more (rule W4)."""
    if has_taken_place(live_class):
        raise errors.ClassAlreadyStarted
    if live_class.ended_at is not None:
        raise errors.ClassHasEnded


def has_taken_place(live_class: LiveClass) -> bool:
    """Started, or its roll was called without a start: such a class can no longer be moved, cancelled or deleted."""
    return live_class.started_at is not None or live_class.marked


def check_end(live_class: LiveClass, *, at: datetime.datetime, now: datetime.datetime) -> None:
    """Raises what speaks against ending the class at `at`, in the order of rule W3."""
    if live_class.started_at is None:
        raise errors.StartedAtNotSet
    if live_class.ended_at is not None:
        raise errors.EndedAtAlreadySet
    if at <= live_class.started_at:
        raise errors.EndedAtBeforeStartedAt
    if at - live_class.started_at < MIN_DURATION:
        raise errors.EndedAtTooSoon
    if now - at > MAX_END_AGE:
        raise errors.EndedAtTooOld
    if at - now > START_TOLERANCE:
        raise errors.EndedAtInTheFuture


def end_class(
    live_class: LiveClass, *, at: datetime.datetime, now: datetime.datetime, changed: Iterable[str] = ()
) -> None:
    """Ends a locked class, and saves the fields `changed` with it.

    Joins become marks (rule A3) in the same transaction; the survey is queued after the commit (rules A1, S1).
    """
    live_class.ended_at = at
    live_class.save(update_fields={*changed, "ended_at", "updated_at"})
    class_ending.send(sender=LiveClass, instance=live_class, now=now)
    transaction.on_commit(lambda: liveclass_ended.send(sender=LiveClass, instance=live_class), robust=True)


@transaction.atomic
def cancel_class(live_class_id: int, *, reason: str, now: datetime.datetime, within: QuerySet[LiveClass]) -> LiveClass:
    """Cancels a class that has not started; twice is once, with the newer reason (rule W6).

    Raises `not-found`, `class-already-started`, `class-has-ended`.
    """
    live_class = lock_class(live_class_id, within=within)
    if has_taken_place(live_class):
        raise errors.ClassStartedConflict
    if live_class.ended_at is not None:
        raise errors.ClassHasEnded
    if live_class.cancelled_at is not None and (live_class.cancel_reason == reason or not reason):
        return live_class
    live_class.cancelled_at = live_class.cancelled_at or now
    live_class.cancel_reason, live_class.cancelled_by_schedule = reason, False
    return _save_with_sequence(live_class, "cancelled_at", "cancel_reason", "cancelled_by_schedule")


@transaction.atomic
def restore_class(live_class_id: int, *, now: datetime.datetime, within: QuerySet[LiveClass]) -> LiveClass:
    """Takes a cancellation back (rule W6). Raises `not-found`.

    A generated class comes back at the hours that its slot has now, unless staff moved it (rule G15).
    """
    live_class = lock_class(live_class_id, within=within)
    if live_class.cancelled_at is None:
        return live_class
    if live_class.planned_date and not live_class.moved_by_hand:
        _follow_schedule(live_class, now=now)
    live_class.cancelled_at, live_class.cancel_reason, live_class.cancelled_by_schedule = None, "", False
    return _save_with_sequence(
        live_class,
        *("cancelled_at", "cancel_reason", "cancelled_by_schedule", "kept_by_staff", "starting_at", "ending_at"),
    )


def times_if_restored(live_class: LiveClass, *, now: datetime.datetime) -> tuple[datetime.datetime, datetime.datetime]:
    """Start and end that `restore_class` would give it (rule G15). Reads time slot, cohort, academy and holidays."""
    follows = live_class.planned_date is not None and not live_class.moved_by_hand
    target = _target_of_schedule(live_class, now=now) if follows else None
    return (target.starting_at, target.ending_at) if target else (live_class.starting_at, live_class.ending_at)


def times_before_move(live_class: LiveClass, *, now: datetime.datetime) -> tuple[datetime.datetime, datetime.datetime]:
    """Start and end before staff moved it (rule W4). Reads its time slot, cohort, academy and holidays.

    The first end is not stored: it is the schedule's where that has this start, else as long after it as it is now.
    """
    first = live_class.moved_from or live_class.starting_at
    live_class.cohort_time_slot.cohort = live_class.cohort  # read already
    wanted = wanted_of_class(live_class, now=now) if live_class.planned_date is not None else None
    if wanted is not None and wanted.starting_at == first:
        return first, wanted.ending_at
    return first, first + (live_class.ending_at - live_class.starting_at)


def _follow_schedule(live_class: LiveClass, *, now: datetime.datetime) -> None:
    """Where the schedule alone would cancel or delete the class again, staff have decided: it is kept (rule G15)."""
    target = _target_of_schedule(live_class, now=now)
    if target is not None:
        live_class.starting_at, live_class.ending_at = target.starting_at, target.ending_at
    live_class.kept_by_staff = target is None or target.closed_by is not None


def _target_of_schedule(live_class: LiveClass, *, now: datetime.datetime) -> Occurrence | None:
    assert live_class.planned_date is not None  # noqa: S101  (for the type checker)
    live_class.cohort_time_slot.cohort = live_class.cohort  # read already
    row = ExistingClass(live_class.pk, live_class.planned_date, live_class.starting_at, live_class.ending_at)
    return target_of(row, wanted_of_class(live_class, now=now), now=now)


@transaction.atomic
def delete_class(live_class_id: int, *, within: QuerySet[LiveClass]) -> None:
    """Removes a class made by hand that has not started (rule W6).

    Who was told of it is told that it does not take place, by the next sweep (rule N2). Raises `not-found`,
    `cannot-delete-generated`, `class-already-started`.
    """
    live_class = lock_class(live_class_id, within=within)
    if live_class.planned_date is not None:
        raise errors.CannotDeleteGenerated
    if has_taken_place(live_class):
        raise errors.ClassStartedConflict
    live_class.delete()
    mark_link_changed(live_class.replaces_id)


def _save_with_sequence(live_class: LiveClass, *fields: str) -> LiveClass:
    """Saves a change that calendars must notice."""
    live_class.sequence += 1
    live_class.save(update_fields=[*fields, "sequence", "updated_at"])
    return live_class


def joined_classes_to_start() -> QuerySet[LiveClass]:
    """Classes that a teacher or assistant joined and that are not started yet."""
    return LiveClass.objects.filter(
        joins__starts_class=True, started_at__isnull=True, ended_at__isnull=True, cancelled_at__isnull=True
    ).distinct()


def start_by_join(*, live_class_id: int) -> bool:
    """Starts the class at the time of the first teacher's join; the first time wins and stays (rule J6).

    True where this call started it. Safe to repeat, late, or beside itself.
    """
    waiting = joined_classes_to_start().filter(pk=live_class_id)
    if not waiting.exists():  # spares the cohort's lock and its cached lists
        return False
    with transaction.atomic():
        live_class = lock_class(live_class_id)
        if not waiting.exists():  # another was quicker, or the class has been ended or cancelled meanwhile
            return False
        live_class.save(update_fields={*set_start_by_joins(live_class), "updated_at"})
        return True


def set_start_by_joins(live_class: LiveClass) -> set[str]:
    """Sets the start to the first join of a teacher or assistant, where there is one and no start yet.

    Returns the names of the fields that it set, for the caller to save.
    """
    if live_class.started_at is not None:
        return set()
    joins = ClassJoin.objects.filter(live_class=live_class, starts_class=True)
    live_class.started_at = joins.aggregate(first=Min("joined_at"))["first"]
    return set() if live_class.started_at is None else {"started_at"}
