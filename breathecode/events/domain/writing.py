"""Making classes by hand and changing them (rules W1 to W4)."""

import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.common.models import assign, lock
from breathecode.events import errors
from breathecode.events.domain import lifecycle
from breathecode.events.domain.makeups import link_to_replaced_class
from breathecode.events.domain.staffing.substitutes import check_teacher
from breathecode.events.fields import local_date
from breathecode.events.models import LiveClass

_TIMES = frozenset({"starting_at", "ending_at"})
_SHOWN_IN_CALENDARS = frozenset({*_TIMES, "title", "remote_meeting_url"})


def check_times(starting_at: datetime.datetime, ending_at: datetime.datetime) -> None:
    """Raises `ending-at-before-starting-at`, `class-too-long`."""
    if ending_at <= starting_at:
        raise errors.EndingAtBeforeStartingAt
    if ending_at - starting_at > lifecycle.MAX_DURATION:
        raise errors.ClassTooLong


def check_no_other_class(time_slot_id: int, starting_at: datetime.datetime, *, but: int | None = None) -> None:
    """Raises `live-class-already-exists` where the time slot has a class at that start, other than `but` (rule W1)."""
    # No constraint holds this, since a change of hours moves many classes at once and may pass through it; every
    # writer holds the cohort's lock instead.
    if LiveClass.objects.filter(cohort_time_slot=time_slot_id, starting_at=starting_at).exclude(pk=but or 0).exists():
        raise errors.LiveClassAlreadyExists


@transaction.atomic
def create_class(*, academy_id: int, fields: dict[str, Any]) -> LiveClass:
    """A class outside of the schedule, which no rebuild touches (rule W1).

    Raises `cohort-time-slot-not-found`, `started-at-on-creation`, `ended-at-on-creation`,
    `ending-at-before-starting-at`, `class-too-long`, `live-class-already-exists`, `not-a-teacher`, `not-cancelled`,
    `already-replaced`.
    """
    fields = dict(fields)
    slots = CohortTimeSlot.objects.filter(cohort__academy_id=academy_id)
    slots = slots.select_related("cohort__academy")
    slot = slots.filter(pk=fields.pop("cohort_time_slot")).first()
    if slot is None:
        raise errors.CohortTimeSlotNotFound
    if fields.pop("started_at", None) is not None:
        raise errors.StartedAtOnCreation
    if fields.pop("ended_at", None) is not None:
        raise errors.EndedAtOnCreation
    check_times(fields["starting_at"], fields["ending_at"])
    check_teacher(fields.get("teacher_id"), academy_id=academy_id)
    lock(Cohort, slot.cohort_id)
    link_to_replaced_class(fields.get("replaces_id"), cohort_id=slot.cohort_id)
    check_no_other_class(slot.pk, fields["starting_at"])
    return LiveClass.objects.create(cohort_time_slot=slot, **fields)


@transaction.atomic
def change_class(
    live_class_id: int, *, fields: dict[str, Any], now: datetime.datetime, within: QuerySet[LiveClass]
) -> LiveClass:
    """A partial update under lock, in one statement. A field equal to what is stored counts as not sent (W3, W4)."""
    live_class = lifecycle.lock_class(live_class_id, within=within)
    changes = {name: value for name, value in fields.items() if (value or None) != (_stored(live_class, name) or None)}
    if "started_at" in changes:
        _start(live_class, changes, now=now)
        return live_class
    if "ended_at" in changes:
        _check_end(live_class, changes["ended_at"], now=now)
    if "teacher_id" in changes:
        check_teacher(changes["teacher_id"], academy_id=live_class.cohort.academy_id)
    reason = changes.pop("reason", None)
    if _TIMES & set(changes):
        _move(live_class, changes, reason=reason or "")
    elif reason is not None:
        raise errors.ReasonWithoutMove
    ended_at = changes.pop("ended_at", None)
    changed = _set(live_class, changes)
    if ended_at is not None:
        lifecycle.end_class(live_class, at=ended_at, now=now, changed=changed)
    elif changed:
        live_class.save(update_fields={*changed, "updated_at"})
    return live_class


def _stored(live_class: LiveClass, name: str) -> Any:
    """What a client reads in this field: a title and a link of its own are shown where it has none."""
    cohort = live_class.cohort
    shown = {
        "title": live_class.title or cohort.name,
        "remote_meeting_url": live_class.remote_meeting_url or cohort.online_meeting_url,
    }
    return shown[name] if name in shown else getattr(live_class, name)


def _start(live_class: LiveClass, changes: dict[str, Any], *, now: datetime.datetime) -> None:
    if len(changes) > 1:
        raise errors.OnlyStartedAt
    if changes["started_at"] is None:  # a start cannot be taken back
        raise errors.StartedAtAlreadySet
    lifecycle.start_class(live_class, at=changes["started_at"], now=now)


def _check_end(live_class: LiveClass, at: datetime.datetime | None, *, now: datetime.datetime) -> None:
    if at is None:  # an end cannot be taken back
        raise errors.EndedAtAlreadySet
    lifecycle.check_end(live_class, at=at, now=now)


def _move(live_class: LiveClass, changes: dict[str, Any], *, reason: str) -> None:
    """Checks the new times, and has the class stay there: no rebuild moves, duplicates or deletes it (rule W4)."""
    lifecycle.check_movable(live_class)
    starting_at = changes.get("starting_at", live_class.starting_at)
    ending_at = changes.get("ending_at", live_class.ending_at)
    check_times(starting_at, ending_at)
    check_no_other_class(live_class.cohort_time_slot_id, starting_at, but=live_class.pk)
    changes["moved_by_hand"] = True
    first = live_class.moved_from or live_class.starting_at
    is_back = starting_at == first
    changes |= {"moved_from": None if is_back else first, "move_reason": "" if is_back else reason}
    changes["day"] = local_date(starting_at, zone=live_class.cohort_time_slot.timezone)


def _set(live_class: LiveClass, changes: dict[str, Any]) -> set[str]:
    """Sets the fields, and counts the change where calendars must notice it. Returns the names of what was set."""
    if _SHOWN_IN_CALENDARS & set(changes):
        changes["sequence"] = live_class.sequence + 1
    return assign(live_class, changes)
