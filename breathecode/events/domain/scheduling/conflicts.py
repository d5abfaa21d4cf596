"""Users who have to be in two classes at once (rule P6): a teacher, or an active student of two cohorts.

`ConflictQuery` lists those of an academy, `conflicts_of` finds those that classes at given times would make. Both
follow the users of a cohort to their other cohorts and to the classes there, in one statement. Two classes overlap only
where one begins less than `MAX_LENGTH` before the other, so an index by time slot and start finds them.
"""

import copy
import datetime
from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

from django.db.models import Case, F, Max, Q, QuerySet, Value, When
from django.db.models.functions import Greatest

from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.models import User
from breathecode.events.domain.queries import classes_of_academy
from breathecode.events.domain.scheduling.overlaps import OverlapIndex
from breathecode.events.models import LiveClass

DEFAULT_RANGE = datetime.timedelta(days=28)
# No class is longer: 24 hours at most (rules W1, T2), and an hour or two more where clocks are set back.
MAX_LENGTH = datetime.timedelta(days=2)

TEACHER, STUDENT = "teacher", "student"
_ACTIVE = tuple(status for status in CohortUser.EducationalStatus if status not in CohortUser.AWAY)
_STAGES = tuple(stage for stage in Cohort.Stage if stage != Cohort.Stage.DELETED)


def _differs(path: str, other: Any) -> Q:
    """Not equal. Of a negated condition on a relation to many, Django would make a subquery."""
    return Q(**{f"{path}__lt": other}) | Q(**{f"{path}__gt": other})


class _Paths(NamedTuple):
    """Lookup paths with `__` at their ends: to a member of a cohort, another role of that user, and a class there."""

    member: str
    role: str
    other: str

    @classmethod
    def of(cls, member: str) -> "_Paths":
        role = f"{member}user__cohort_roles__"
        return cls(member, role, f"{role}cohort__time_slots__live_classes__")

    def needed_in_both(self) -> Q:
        """The user is needed in both classes. Within one cohort, only its teachers count (rule P6)."""
        both_teach = self._is_teacher(self.member) & self._is_teacher(self.role)
        two_cohorts = _differs(f"{self.role}cohort", F(f"{self.member}cohort"))
        takes_place = {f"{self.other}cancelled_at__isnull": True, f"{self.role}cohort__stage__in": _STAGES}
        return self._needed(self.member) & self._needed(self.role) & (both_teach | two_cohorts) & Q(**takes_place)

    def kind(self) -> Max:
        """`teacher` where the user teaches one of the two classes; one value, however many roles they have."""
        teaches = self._is_teacher(self.member) | self._is_teacher(self.role)
        return Max(Case(When(teaches, then=Value(TEACHER)), default=Value(STUDENT)))  # "teacher" sorts last

    def _needed(self, path: str) -> Q:
        student = Q(**{f"{path}role": CohortUser.Role.STUDENT, f"{path}educational_status__in": _ACTIVE})
        return self._is_teacher(path) | student

    @staticmethod
    def _is_teacher(path: str) -> Q:
        return Q(**{f"{path}role": CohortUser.Role.TEACHER})


_OF_CLASS = _Paths.of("cohort_time_slot__cohort__members__")
_OF_MEMBER = _Paths.of("")
_USER = ("id", "email", "first_name", "last_name")
_CLASS = ("id", "starting_at", "ending_at")
_COHORT = ("id", "slug", "name")


class ConflictQuery:
    """The conflicts of an academy, for filters and pages as a queryset is; the rows are dicts in the shape of rule P6.

    A conflict begins when the later one of its two classes begins: that is its `starting_at`, which the filters bound.
    Without bounds: from `now` on, for `DEFAULT_RANGE`. One statement for a page, and one to count a list that goes on.
    """

    model = LiveClass

    def __init__(self, *, academy_id: int, now: datetime.datetime) -> None:
        self._academy_id = academy_id
        self._now = now
        self._bounds: dict[str, datetime.datetime] = {}
        self._ordering: tuple[Any, ...] = ("-conflict_at",)

    def all(self) -> "ConflictQuery":
        return self

    def filter(self, **bounds: datetime.datetime) -> "ConflictQuery":
        """`conflict_at__gte`, `conflict_at__lte` or `conflict_at__lt`."""
        return self._copy(_bounds={**self._bounds, **bounds})

    def order_by(self, *ordering: Any) -> "ConflictQuery":
        return self._copy(_ordering=ordering)

    def count(self) -> int:
        return self._rows().count()

    def __getitem__(self, page: slice) -> list[dict[str, Any]]:
        rows = self._rows().order_by(*self._ordering, "id", f"{_OF_CLASS.member}user", f"{_OF_CLASS.other}id")
        return [_as_dict(row, academy_id=self._academy_id) for row in rows[page]]

    def _copy(self, **changes: Any) -> "ConflictQuery":
        copied = copy.copy(self)
        vars(copied).update(changes)
        return copied

    def _rows(self) -> QuerySet[Any, Any]:
        bounds = {"conflict_at__gte": self._now, **self._bounds}
        if not bounds.keys() & {"conflict_at__lte", "conflict_at__lt"}:
            bounds["conflict_at__lte"] = _shifted(bounds["conflict_at__gte"], DEFAULT_RANGE)
        return _pairs(self._academy_id, bounds)


def _shifted(moment: datetime.datetime, by: datetime.timedelta) -> datetime.datetime:
    """The moment itself where the sum leaves the years 1 to 9999."""
    try:
        return moment + by
    except OverflowError:
        return moment


def _pairs(academy_id: int, bounds: dict[str, datetime.datetime]) -> QuerySet[Any, Any]:
    """A row for each user and pair of classes, one of them of the academy."""
    member, role, other = _OF_CLASS
    own = classes_of_academy(academy_id).filter(cohort_time_slot__cohort__stage__in=_STAGES, cancelled_at=None)
    # Where both classes are of the academy, the later one comes first: each pair once.
    other_is_earlier = Q(**{f"{other}starting_at__lt": F("starting_at")}) | Q(
        **{f"{other}starting_at": F("starting_at"), f"{other}id__lt": F("id")}
    )
    pairs = own.filter(
        _OF_CLASS.needed_in_both(),
        _differs(f"{role}cohort__academy", academy_id) | other_is_earlier,
        _overlap(other),
        _range_of_starts(other, bounds),
    ).annotate(conflict_at=Greatest("starting_at", f"{other}starting_at"))
    columns = (
        *(f"{member}user__{name}" for name in _USER),
        *_CLASS,
        *(f"cohort_time_slot__cohort__{name}" for name in _COHORT),
        *(other + name for name in _CLASS),
        *(f"{role}cohort__{name}" for name in (*_COHORT, "academy")),
    )
    return pairs.filter(**bounds).values_list("conflict_at", *columns).annotate(kind=_OF_CLASS.kind())


def _overlap(other: str) -> Q:
    """Half-open: a class that begins as another one ends does not overlap it."""
    return Q(
        **{
            f"{other}starting_at__lt": F("ending_at"),
            f"{other}ending_at__gt": F("starting_at"),
            f"{other}starting_at__gt": F("starting_at") - MAX_LENGTH,  # follows from the others; for the index
        }
    )


def _range_of_starts(other: str, bounds: dict[str, datetime.datetime]) -> Q:
    """What the bounds of a conflict mean for the start of either class, so that an index can be used."""
    latest = next(bounds[name] for name in ("conflict_at__lte", "conflict_at__lt") if name in bounds)
    range_ = (_shifted(bounds["conflict_at__gte"], -MAX_LENGTH), latest)
    return Q(**{"starting_at__range": range_, f"{other}starting_at__range": range_})


def _as_dict(row: tuple[Any, ...], *, academy_id: int) -> dict[str, Any]:
    kind, user, own, other, other_academy = row[-1], row[1:5], row[5:11], row[11:17], row[17]
    classes = [_class_as_dict(own, named=True), _class_as_dict(other, named=other_academy == academy_id)]
    classes.sort(key=lambda live_class: live_class["starting_at"])
    return {"kind": kind, "user": dict(zip(_USER, user, strict=True)), "live_classes": classes}


def _class_as_dict(row: tuple[Any, ...], *, named: bool) -> dict[str, Any]:
    """Of another academy's class only the times (rule P6)."""
    pk, starting_at, ending_at, *cohort = row
    times = {"starting_at": starting_at, "ending_at": ending_at}
    return {"id": pk, **times, "cohort": dict(zip(_COHORT, cohort, strict=True))} if named else times


Times = tuple[datetime.datetime, datetime.datetime]  # start and end


class Conflict(NamedTuple):
    """A user of a cohort is needed in other classes while the cohort has its own, at these times."""

    kind: str
    user_id: int
    user_name: str
    cohort_name: str  # of the other classes; empty where they are another academy's
    times: list[Times]


def conflicts_of(
    cohort: Cohort, times: Iterable[Times], *, class_id: int | None = None, time_slot_ids: Collection[int] = ()
) -> list[Conflict]:
    """What classes of the cohort at these times would lead to: teachers first, then by name. One statement.

    `class_id`, `time_slot_ids`: whose classes are to be at these times; where they are now does not count.
    """
    wanted = list(times)
    if not wanted:
        return []
    index = OverlapIndex(sorted((start, end, number) for number, (start, end) in enumerate(wanted)))
    found: dict[tuple[str, int, str, str], set[int]] = {}
    for other in _other_classes(cohort, wanted):
        if other.class_id != class_id and other.time_slot_id not in time_slot_ids:
            overlapping = index.overlapping(other.starting_at, other.ending_at)
            found.setdefault(other.group(cohort.academy_id), set()).update(overlapping)
    conflicts = [Conflict(*group, sorted(wanted[number] for number in numbers)) for group, numbers in found.items()]
    return sorted(
        (conflict for conflict in conflicts if conflict.times),
        key=lambda conflict: (conflict.kind != TEACHER, conflict.user_name, conflict.user_id, conflict.cohort_name),
    )


class _OtherClass(NamedTuple):
    """A class that a user of the cohort is needed in. The fields are the columns of `_other_classes`."""

    user_id: int
    first_name: str
    last_name: str
    email: str
    academy_id: int
    cohort_name: str
    class_id: int
    time_slot_id: int
    starting_at: datetime.datetime
    ending_at: datetime.datetime
    kind: str

    def group(self, academy_id: int) -> tuple[str, int, str, str]:
        user_name = User(first_name=self.first_name, last_name=self.last_name, email=self.email).get_full_name()
        return self.kind, self.user_id, user_name, self.cohort_name if self.academy_id == academy_id else ""


def _other_classes(cohort: Cohort, times: list[Times]) -> Iterator[_OtherClass]:
    """Between the first and the last of these times, one row for each user and class."""
    _member, role, other = _OF_MEMBER
    first, last = min(start for start, _ in times), max(end for _, end in times)
    between = {f"{other}starting_at__range": (_shifted(first, -MAX_LENGTH), last), f"{other}ending_at__gt": first}
    rows = CohortUser.objects.filter(_OF_MEMBER.needed_in_both(), cohort=cohort, **between)
    columns = (
        "user_id", "user__first_name", "user__last_name", "user__email",
        f"{role}cohort__academy", f"{role}cohort__name",
        f"{other}id", f"{other}cohort_time_slot", f"{other}starting_at", f"{other}ending_at",
    )  # fmt: skip
    return map(_OtherClass._make, rows.values_list(*columns).annotate(kind=_OF_MEMBER.kind()))
