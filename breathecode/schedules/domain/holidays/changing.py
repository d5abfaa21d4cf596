"""Changing closed dates: their classes follow at once, those of many cohorts by a job (rules G13, P2, P9, P10).

Callers hold the academy's lock. `options` are those of `_change`: `by`, `now`, `dry_run`, and `is_current`, which is
asked about the version of the plan. All functions raise `plan-outdated` before anything is saved.
"""

import datetime
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction

from breathecode.admissions.domain.holidays import delete_holiday, save_holiday
from breathecode.admissions.models import Holiday
from breathecode.authenticate.models import User
from breathecode.jobs.domain.starting import set_result
from breathecode.schedules.domain.build_jobs import concerns_many, start_build
from breathecode.schedules.domain.changes import change_schedules
from breathecode.schedules.domain.holidays.importing import add_holidays
from breathecode.schedules.domain.holidays.sources import ClosedDates
from breathecode.schedules.domain.outcomes import Outcome
from breathecode.schedules.domain.schedules import Scope


def write_holiday(holiday: Holiday, *, fields: dict[str, Any], **options: Any) -> Outcome:
    """Creates the holiday, or changes these fields; the result is the holiday. Raises `validation-error`."""
    after = Holiday(academy_id=holiday.academy_id, cohort=fields.get("cohort", holiday.cohort))
    ends = [after] if holiday._state.adding else [holiday, after]
    outcome = _change(lambda: save_holiday(holiday, fields=fields), ends, **options)
    if outcome.job:
        set_result(outcome.job, holiday=holiday.pk)
    return outcome


def remove_holiday(holiday: Holiday, **options: Any) -> Outcome:
    """Opens the dates again, and restores the classes that the holiday cancelled."""
    return _change(lambda: delete_holiday(holiday), [holiday], **options)


def import_holidays(found: Sequence[ClosedDates], *, academy_id: int, **options: Any) -> Outcome:
    """Closes these dates for the whole academy; the result is a `HolidayImport`."""
    whole = [Holiday(academy_id=academy_id)]
    outcome = _change(lambda: add_holidays(found, academy_id=academy_id), whole, **options)
    if outcome.job:
        set_result(outcome.job, holidays=[holiday.pk for holiday in outcome.result.created])
    return outcome


@transaction.atomic
def _change(
    change: Callable[[], Any],
    holidays: Sequence[Holiday],
    *,
    by: User,
    now: datetime.datetime,
    dry_run: bool = False,
    is_current: Callable[[str], bool] | None = None,
) -> Outcome:
    """`holidays` say whose classes are concerned, by their academy and cohort. What is refused starts no job either."""
    scope = Scope.of_holidays(holidays, now=now)
    many = not dry_run and concerns_many(scope)
    job = start_build(scope, academy_id=holidays[0].academy_id, by=by) if many else None
    if job and is_current is None:
        return Outcome(change(), job=job)
    result, plan = change_schedules(
        change, scope=scope, now=now, dry_run=dry_run, is_current=is_current, only_due=True, carry_out=not many
    )
    return Outcome(result, plan, job)
