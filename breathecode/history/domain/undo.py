"""Taking back the last change of a time slot, of a cohort's dates or of a holiday (rule P8).

The way back is a change like any other: the domain writes it, its plan says what becomes of the classes, and it has a
row in the history, so it can be taken back too.
"""

import datetime
from typing import Any

from breathecode.admissions.domain.cohorts import save_cohort
from breathecode.admissions.domain.holidays import delete_holiday, save_holiday
from breathecode.admissions.models import Cohort, CohortTimeSlot, Holiday
from breathecode.common.observability.removals import log_removal
from breathecode.history.domain.queries import changes_of
from breathecode.history.errors import CannotBeUndone, NotTheLastChange
from breathecode.history.models import Change
from breathecode.schedules.domain.limits import write_time_slot
from breathecode.schedules.domain.schedules import Scope

# What is taken back of a cohort: the name and the link are not part of its schedule.
COHORT_FIELDS = ("kickoff_date", "ending_date", "never_ends", "stage", "timezone")
MODELS: dict[str, Any] = {
    Change.Kind.TIME_SLOT: CohortTimeSlot,
    Change.Kind.COHORT: Cohort,
    Change.Kind.HOLIDAY: Holiday,
}
# A field that is never empty: it is None before a creation and after a deletion.
_ALWAYS_SET = {Change.Kind.TIME_SLOT: "starting_at", Change.Kind.COHORT: "slug", Change.Kind.HOLIDAY: "name"}


def scope_of(change: Change, *, now: datetime.datetime) -> Scope:
    """Whose schedules the way back may touch. Raises `cannot-be-undone`."""
    if change.kind not in MODELS:
        raise CannotBeUndone
    if change.kind == Change.Kind.TIME_SLOT:
        return Scope.of_time_slot(_slot(change))
    if change.kind == Change.Kind.COHORT:
        return Scope.of_cohort(change.object_id)
    cohorts = change.changes.get("cohort", [change.cohort_id] * 2)
    ends = [Holiday(academy_id=change.academy_id, cohort_id=pk) for pk in cohorts]
    return Scope.of_holidays(ends, now=now)


def can_be_undone(change: Change) -> bool:
    """Whether there is a way back from this kind of change; what has changed since, only `take_back` sees."""
    if change.kind not in MODELS:
        return False
    if change.kind == Change.Kind.HOLIDAY:
        return True
    if _was_created(change) or _was_deleted(change):
        return False
    return bool(set(change.changes) & set(COHORT_FIELDS)) if change.kind == Change.Kind.COHORT else bool(change.changes)


def take_back(change: Change, *, actor_id: int | None, now: datetime.datetime) -> None:
    """Writes the way back. Needs the locks of `scope_of`, and the academy's for a holiday.

    A holiday that goes with its creation leaves a line in the log, as every removal does.

    Raises `not-the-last-change`, `cannot-be-undone`, `too-many-classes`.
    """
    _check_is_last(change)
    if change.kind == Change.Kind.HOLIDAY:
        _take_back_holiday(change, actor_id=actor_id)
    elif _was_created(change) or _was_deleted(change):
        raise CannotBeUndone
    elif change.kind == Change.Kind.TIME_SLOT:
        write_time_slot(_slot(change), fields=_fields_before(change), now=now)
    else:
        cohort = Cohort.objects.select_related("academy").get(pk=change.object_id)
        save_cohort(cohort, fields=_fields_before(change))


def _check_is_last(change: Change) -> None:
    later = changes_of(Change.Kind(change.kind), change.object_id, academy_id=change.academy_id).filter(
        pk__gt=change.pk
    )
    if change.kind == Change.Kind.COHORT:
        later = later.filter(changes__has_any_keys=COHORT_FIELDS)
    if later.exists():
        raise NotTheLastChange


def _fields_before(change: Change) -> dict[str, Any]:
    """By attribute, the values that the change replaced. Raises `cannot-be-undone`."""
    names = set(change.changes)
    if change.kind == Change.Kind.COHORT:
        names &= set(COHORT_FIELDS)
    if not names or (change.kind == Change.Kind.TIME_SLOT and "cohort" in names):
        raise CannotBeUndone
    fields = {name: MODELS[change.kind]._meta.get_field(name) for name in sorted(names)}
    return {field.attname: field.to_python(change.changes[name][0]) for name, field in fields.items()}


def _was_created(change: Change) -> bool:
    return change.changes.get(_ALWAYS_SET[Change.Kind(change.kind)], [""])[0] is None


def _was_deleted(change: Change) -> bool:
    return change.changes.get(_ALWAYS_SET[Change.Kind(change.kind)], [""])[-1] is None


def _take_back_holiday(change: Change, *, actor_id: int | None) -> None:
    """A holiday that was deleted returns under its own id, so that its history goes on."""
    if _was_created(change):
        holiday = Holiday.objects.get(pk=change.object_id)
        log_removal(holiday, actor_id=actor_id, academy_id=change.academy_id)
        delete_holiday(holiday)
        return
    fields = _fields_before(change)
    cohort_id = fields.get("cohort_id")
    if cohort_id is not None and not Cohort.objects.filter(pk=cohort_id).exists():
        raise CannotBeUndone
    gone = Holiday(pk=change.object_id, academy_id=change.academy_id) if _was_deleted(change) else None
    save_holiday(gone or Holiday.objects.get(pk=change.object_id), fields=fields)


def _slot(change: Change) -> CohortTimeSlot:
    slot = CohortTimeSlot.objects.filter(pk=change.object_id).select_related("cohort__academy").first()
    if slot is None:
        raise CannotBeUndone
    return slot
