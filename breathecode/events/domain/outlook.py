"""What a change of one class would lead to, before anything is saved: for pages that show it first (rules N2, P6)."""

import datetime
import hashlib
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from breathecode.events.domain.class_notices import count_users_to_correct
from breathecode.events.domain.planning import closures_of_cohort
from breathecode.events.domain.staffing.overlaps import overlaps_between
from breathecode.events.domain.staffing.warnings import warnings_of_class
from breathecode.events.fields import local_date
from breathecode.events.models import LiveClass


class Outlook(NamedTuple):
    """`live_class` as the change leaves it, sentences about what it leads to, and how many users are sent a mail."""

    live_class: LiveClass
    warnings: list[str]
    to_correct: int

    @property
    def version(self) -> str:
        """16 characters; others where the change leads to something else."""
        after = self.live_class.starting_at, self.live_class.ending_at
        return _digest([*after, *self.warnings, self.to_correct])


def look_ahead(change: Callable[[], LiveClass], *, now: datetime.datetime) -> Outlook:
    """Carries out `change`, reads what it led to, and rolls all of it back. Raises what `change` raises."""
    with transaction.atomic():
        live_class = change()
        warnings = [*warnings_of_times(live_class, now=now), *warnings_of_class(live_class)]
        found = Outlook(live_class, warnings, count_users_to_correct(live_class, now=now))
        transaction.set_rollback(True)
    return found


def warnings_of_times(live_class: LiveClass, *, now: datetime.datetime) -> list[str]:
    """On a holiday, in the past, at the time of another class of the cohort. Two statements; reads cohort, academy."""
    start, end = live_class.starting_at, live_class.ending_at
    day = local_date(start, zone=live_class.cohort_time_slot.timezone)
    closures = closures_of_cohort(live_class.cohort)
    found = [
        _("This day is a holiday: {name}.").format(name=c.name) for c in closures if c.starts_on <= day <= c.ends_on
    ]
    taking_place = LiveClass.objects.filter(cancelled_at=None).exclude(pk=live_class.pk)
    if overlaps_between(taking_place, live_class.cohort_id, start, end).overlapping(start, end):
        found.append(_("The cohort has another class at this time."))
    if start <= now:
        found.append(_("This time has already begun."))
    return found


def version_of(live_class: LiveClass, fields: Iterable[str]) -> str:
    """16 characters; others where one of these fields has another value. Says whether a form shows what is stored."""
    return _digest(getattr(live_class, name) for name in fields)


def _digest(values: Iterable[Any]) -> str:
    return hashlib.sha256(repr([str(value) for value in values]).encode()).hexdigest()[:16]
