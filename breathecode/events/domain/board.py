"""What an academy's staff look at all day: the classes around now, and what is wrong with them (pages, V1)."""

import dataclasses
import datetime

from django.db.models import Count, Exists, OuterRef, QuerySet

from breathecode.admissions.models import Cohort, CohortUser
from breathecode.events.domain.lifecycle import MAX_DURATION
from breathecode.events.models import LiveClass

SOON = datetime.timedelta(hours=2)
OPEN_DAYS = datetime.timedelta(days=3)  # since the start: a class lasts up to two days, and is closed soon after
ROLL_DAYS = datetime.timedelta(days=7)
MAX_LISTED = 200  # classes; an academy that has more around now looks at its calendar


@dataclasses.dataclass(frozen=True, slots=True)
class Board:
    """Classes in the order of their start. Each is in one list only.

    `late`: not started at their planned start, `open_`: not ended at their planned end. `roll_missing`: they began in
    the last seven days, have ended, and have no marks. `more`: how many running and coming ones are left out.
    """

    live: list[LiveClass]
    late: list[LiveClass]
    open_: list[LiveClass]
    soon: list[LiveClass]
    later: list[LiveClass]
    roll_missing: list[LiveClass]
    more: int


def board_of_academy(academy_id: int, *, now: datetime.datetime, until: datetime.datetime) -> Board:
    """The classes that are running and those until `until`; two statements, and `joined`, `has_teacher` of each."""
    classes = _classes(academy_id)
    # Bounds of the start, for the index by academy and start: an academy has years of classes.
    around = classes.filter(starting_at__gte=now - OPEN_DAYS, starting_at__lt=until, ended_at=None, cancelled_at=None)
    found = list(around.order_by("starting_at", "id"))
    shown = found[:MAX_LISTED]
    places: dict[str, list[LiveClass]] = {name: [] for name in ("live", "late", "open_", "soon", "later")}
    for live_class in shown:
        places[_place(live_class, now=now)].append(live_class)
    ended = classes.filter(starting_at__gte=now - ROLL_DAYS, starting_at__lt=now, ended_at__isnull=False)
    # `attendance` by the name of the reverse relation: live classes cannot import it.
    missing = ended.filter(cancelled_at=None, started_at__isnull=False, attendance=None)
    return Board(
        **places,
        roll_missing=list(missing.order_by("starting_at", "id")[:MAX_LISTED]),
        more=len(found) - len(shown),
    )


def _classes(academy_id: int) -> QuerySet[LiveClass]:
    teachers = CohortUser.objects.filter(cohort=OuterRef("cohort"), role=CohortUser.Role.TEACHER, user__is_active=True)
    classes = LiveClass.objects.filter(academy_id=academy_id).exclude(cohort__stage=Cohort.Stage.DELETED)
    return classes.select_related("cohort", "cohort_time_slot", "teacher").annotate(
        joined=Count("joins"), has_teacher=Exists(teachers)
    )


def _place(live_class: LiveClass, *, now: datetime.datetime) -> str:
    if live_class.ending_at < now:
        return "open_"
    if live_class.started_at is not None:
        return "live"
    if live_class.starting_at <= now:
        return "late"
    return "soon" if live_class.starting_at <= now + SOON else "later"


def running_classes_by_academy(*, now: datetime.datetime) -> dict[str, int]:
    """How many classes take place now, by the academy's slug; one query."""
    # No class is longer: the index of the starts then leaves out what is over.
    running = LiveClass.objects.filter(
        starting_at__gt=now - MAX_DURATION, starting_at__lte=now, ending_at__gt=now, ended_at=None, cancelled_at=None
    )
    counted = running.order_by().values("academy__slug").annotate(count=Count("pk"))
    return dict(counted.values_list("academy__slug", "count"))
