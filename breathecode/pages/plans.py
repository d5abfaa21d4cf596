"""A change of a schedule in two steps: first its plan is shown, then one button carries out exactly that (P1, P2)."""

import dataclasses
import datetime
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from breathecode.events.models import LiveClass
from breathecode.events.schedule.kept import KeptReason
from breathecode.jobs.models import Job
from breathecode.schedules.domain.changes import change_schedules
from breathecode.schedules.domain.outcomes import Outcome
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
    cohort: str = ""


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
    """What `take_step` did. `outdated`: the world has changed since the reader saw a plan; `plan` is the new one.

    `job` carries the change out where it concerns many cohorts (rule P10).
    """

    result: Any
    plan: SchedulePlan
    is_done: bool
    outdated: bool = False
    job: Job | None = None

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
    return take_step_of(request, lambda **how: Outcome(*change_schedules(change, scope=scope, **how, **options)))


def take_step_of(request: HttpRequest, carry_out: Callable[..., Outcome]) -> Step:
    """As `take_step`, of a change that the domain carries out itself, by a job where it has to.

    `carry_out` takes `now`, and `dry_run` or `is_current`. Raises what it raises, but for `plan-outdated`.
    """
    now = timezone.now()
    seen = request.POST.get(VERSION)
    if seen:
        try:
            done = carry_out(now=now, is_current=lambda version: version == seen)
        except PlanOutdated:
            pass
        else:
            return Step(done.result, done.plan or SchedulePlan(), is_done=True, job=done.job)
    planned = carry_out(now=now, dry_run=True)
    return Step(planned.result, planned.plan or SchedulePlan(), is_done=False, outdated=bool(seen))


class _Class(NamedTuple):
    """What the rows about a class need to know."""

    times: tuple[datetime.datetime, datetime.datetime] | None = None
    cohort: str = ""


def _lists(plan: SchedulePlan) -> Iterator[PlanList]:
    classes = _classes_of(plan)
    for heading, name, row_of in _HEADINGS:
        entries = getattr(plan, name)
        if entries:
            rows = [row_of(entry, classes) for entry in entries[:MAX_SHOWN]]
            yield PlanList(heading, rows, total=len(entries))


def _classes_of(plan: SchedulePlan) -> Mapping[int, _Class]:
    ids = [entry[0] for name in ("moved", "cancelled", "deleted", "kept") for entry in getattr(plan, name)[:MAX_SHOWN]]
    found = LiveClass.objects.filter(pk__in=[*ids, *plan.restored[:MAX_SHOWN]])
    rows = found.values_list("pk", "starting_at", "ending_at", "cohort__name")
    classes: defaultdict[int, _Class] = defaultdict(_Class)
    for pk, starting_at, ending_at, cohort in rows:
        classes[pk] = _Class((starting_at, ending_at), cohort)
    return classes


def _new(entry: Any, classes: Mapping[int, _Class]) -> PlanRow:
    return PlanRow(entry)


def _moved(entry: Any, classes: Mapping[int, _Class]) -> PlanRow:
    return PlanRow(entry[2], before=entry[1], cohort=classes[entry[0]].cohort)


def _restored(entry: Any, classes: Mapping[int, _Class]) -> PlanRow:
    return PlanRow(classes[entry].times, cohort=classes[entry].cohort)


def _cancelled(entry: Any, classes: Mapping[int, _Class]) -> PlanRow:
    return PlanRow(classes[entry[0]].times, why=entry[1], cohort=classes[entry[0]].cohort)


def _removed(entry: Any, classes: Mapping[int, _Class]) -> PlanRow:
    return PlanRow(entry[1], cohort=classes[entry[0]].cohort)


def _kept(entry: Any, classes: Mapping[int, _Class]) -> PlanRow:
    return dataclasses.replace(_cancelled(entry, classes), why=_KEPT.get(entry[1], entry[1]))


_HEADINGS: tuple[tuple[str | Promise, str, Callable[[Any, Mapping[int, _Class]], PlanRow]], ...] = (
    (_("New classes"), "created", _new),
    (_("Moved classes"), "moved", _moved),
    (_("Restored classes"), "restored", _restored),
    (_("Cancelled classes"), "cancelled", _cancelled),
    (_("Removed classes"), "deleted", _removed),
    (_("Classes kept as they are"), "kept", _kept),
)
