"""A change of a schedule in two steps: first its plan is shown, then one button carries out exactly that (P1, P2)."""

import dataclasses
import datetime
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from breathecode.events.models import LiveClass
from breathecode.events.schedule.kept import KeptReason
from breathecode.schedules.domain.changes import change_schedules
from breathecode.schedules.domain.plans import SchedulePlan
from breathecode.schedules.domain.schedules import Scope
from breathecode.schedules.errors import PlanOutdated

MAX_SHOWN = 50  # entries of each list of a plan
VERSION = "plan"  # the form field with the version of the plan that the reader saw
_KEPT: dict[str, str | Promise] = {
    KeptReason.STARTED.value: _("it has started"),
    KeptReason.MOVED_BY_HAND.value: _("it was moved by hand"),
    KeptReason.MADE_BY_HAND.value: _("it was added by hand"),
    KeptReason.OVER_BY_NOW.value: _("its new time is already over"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class PlanRow:
    """What becomes of one class: `times` are its (new) start and end, `before` its old ones where it is moved."""

    times: tuple[datetime.datetime, datetime.datetime] | None
    before: tuple[datetime.datetime, datetime.datetime] | None = None
    why: str | Promise = ""


@dataclasses.dataclass(frozen=True, slots=True)
class PlanList:
    heading: str | Promise
    rows: list[PlanRow]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """What `take_step` did. `outdated`: the world has changed since the reader saw a plan; `plan` is the new one."""

    result: Any
    plan: SchedulePlan
    is_done: bool
    outdated: bool = False

    @property
    def version(self) -> str:
        return self.plan.version

    @property
    def lists(self) -> list[PlanList]:
        """For parts/plan.html; lists without entries are left out. One query at most."""
        return list(_lists(self.plan))

    @property
    def is_empty(self) -> bool:
        totals = self.plan.totals
        return not any(totals[name] for name in totals if name not in ("past", "kept"))


def take_step(request: HttpRequest, change: Callable[[], Any], *, scope: Scope, **options: Any) -> Step:
    """Plans the change, or carries it out where the form holds the version of the plan that the reader saw.

    `change`, `scope` and `options` are those of `change_schedules`, whose errors this raises, but for `plan-outdated`.
    """
    now = timezone.now()
    seen = request.POST.get(VERSION)
    if seen:
        try:
            result, plan = change_schedules(
                change, scope=scope, now=now, is_current=lambda version: version == seen, **options
            )
        except PlanOutdated:
            pass
        else:
            return Step(result, plan, is_done=True)
    result, plan = change_schedules(change, scope=scope, now=now, dry_run=True, **options)
    return Step(result, plan, is_done=False, outdated=bool(seen))


def _lists(plan: SchedulePlan) -> Iterator[PlanList]:
    hours = _hours_of(pk for pk in _ids(plan))
    for heading, name, row_of in _HEADINGS:
        entries = getattr(plan, name)
        if entries:
            rows = [row_of(entry, hours) for entry in entries[:MAX_SHOWN]]
            yield PlanList(heading, rows, total=len(entries))


def _ids(plan: SchedulePlan) -> Iterator[int]:
    yield from (pk for pk, _reason in plan.cancelled[:MAX_SHOWN])
    yield from plan.restored[:MAX_SHOWN]
    yield from (pk for pk, _reason in plan.kept[:MAX_SHOWN])


def _hours_of(ids: Iterable[int]) -> dict[int, tuple[datetime.datetime, datetime.datetime]]:
    found = LiveClass.objects.filter(pk__in=list(ids)).values_list("pk", "starting_at", "ending_at")
    return {pk: (starting_at, ending_at) for pk, starting_at, ending_at in found}


_HEADINGS: tuple[tuple[str | Promise, str, Callable[[Any, dict[int, Any]], PlanRow]], ...] = (
    (_("New classes"), "created", lambda entry, hours: PlanRow(entry)),
    (_("Moved classes"), "moved", lambda entry, hours: PlanRow(entry[2], before=entry[1])),
    (_("Restored classes"), "restored", lambda entry, hours: PlanRow(hours.get(entry))),
    (_("Cancelled classes"), "cancelled", lambda entry, hours: PlanRow(hours.get(entry[0]), why=entry[1])),
    (_("Removed classes"), "deleted", lambda entry, hours: PlanRow(entry[1])),
    (_("Classes kept as they are"), "kept", lambda e, hours: PlanRow(hours.get(e[0]), why=_KEPT.get(e[1], e[1]))),
)
