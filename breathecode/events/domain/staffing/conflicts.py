"""Users who have to be in two classes at once (rule P6): a teacher, or an active student of two cohorts.

`ConflictQuery` lists those of an academy, `conflicts_of` finds those that classes at given times would make. Both
follow the users of a class to the other classes that need them, in one statement. Two classes overlap only where one
begins less than `MAX_LENGTH` before the other, so an index by time slot and start finds them.
"""

import copy
import datetime
from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

from django.db.models import Case, Exists, F, Max, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Greatest

from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.models import User
from breathecode.common.db.expressions import DaysBefore
from breathecode.events.domain.queries import classes_of_academy
from breathecode.events.domain.staffing.overlaps import OverlapIndex
from breathecode.events.models import LiveClass

DEFAULT_RANGE = datetime.timedelta(days=28)
# No class is longer: 24 hours at most (rules W1, T2), and an hour or two more where clocks are set back.
MAX_LENGTH = datetime.timedelta(days=2)

Times = tuple[datetime.datetime, datetime.datetime]  # start and end

TEACHER, STUDENT = "teacher", "student"
_ACTIVE = tuple(status for status in CohortUser.EducationalStatus if status not in CohortUser.AWAY)
MAX_CANDIDATES = 1000  # users; of more, none is left out beforehand
_STAGES = tuple(stage for stage in Cohort.Stage if stage != Cohort.Stage.DELETED)
_NEVER = Q(pk__in=[])


def _differs(path: str, other: Any) -> Q:
    """Not equal. Of a negated condition on a relation to many, Django would make a subquery."""
    return Q(**{f"{path}__lt": other}) | Q(**{f"{path}__gt": other})


class _Need(NamedTuple):
    """Why a class needs a user, as conditions; the other fields are lookup paths with `__` at their ends."""

    user: str
    class_: str
    cohort: str
    teacher: Q
    student: Q = _NEVER
    # The same without the class's substitute.
    roles: tuple[Q, Q] | None = None

    @classmethod
    def of_planned(cls) -> "_Need":
        """Of a `CohortUser`, for classes that the cohort may have."""
        return cls("user__", "", "cohort__", _is_teacher(""), _is_student(""))

    @classmethod
    def of_member(cls, member: str, class_: str, cohort: str) -> "_Need":
        """As an active student of the cohort, or as its teacher unless a substitute takes their place (rule P4)."""
        no_substitute = Q(**{f"{class_}teacher__isnull": True})
        is_another = no_substitute | _differs(f"{class_}teacher", F(f"{member}user"))
        roles = _is_teacher(member), _is_student(member)
        return cls(f"{member}user__", class_, cohort, roles[0] & no_substitute, roles[1] & is_another, roles)

    @classmethod
    def of_substitute(cls, user: str, class_: str) -> "_Need":
        """As the substitute of this class."""
        return cls(user, class_, f"{class_}cohort__", Q(**{f"{class_}teacher__isnull": False}))

    @classmethod
    def of_class(cls) -> "tuple[_Need, _Need]":
        """Of a `LiveClass`: its cohort's members, and its substitute."""
        cohort = "cohort__"
        return cls.of_member(f"{cohort}members__", "", cohort), cls.of_substitute("teacher__", "")

    def others(self) -> "tuple[_Need, _Need]":
        """What else may need the same user."""
        role = f"{self.user}cohort_roles__"
        member = self.of_member(role, f"{role}cohort__live_classes__", f"{role}cohort__")
        return member, self.of_substitute(self.user, f"{self.user}substituted_classes__")

    def and_also(self, other: "_Need") -> Q:
        """Both need the user, and the other class takes place. Within one cohort, only its teachers count (rule P6)."""
        takes_place = Q(**{f"{other.class_}cancelled_at__isnull": True, f"{other.cohort}stage__in": _STAGES})
        by_roles = self._both_needed(other, self.roles or self[3:5], other.roles or other[3:5])
        # The first follows from the second; of members alone, it leaves few users whose classes have to be read.
        return by_roles & self._both_needed(other, self[3:5], other[3:5]) & takes_place

    def _both_needed(self, other: "_Need", own_roles: tuple[Q, Q], other_roles: tuple[Q, Q]) -> Q:
        two_cohorts = _differs(f"{other.cohort}id", F(f"{self.cohort}id"))
        needed = (own_roles[0] | own_roles[1]) & (other_roles[0] | other_roles[1]) & two_cohorts
        return (own_roles[0] & other_roles[0]) | needed

    def kind(self, other: "_Need") -> Max:
        """`teacher` where the user teaches one of the two classes; one value, however many roles they have."""
        return Max(Case(When(self.teacher | other.teacher, then=Value(TEACHER)), default=Value(STUDENT)))


def _is_teacher(member: str) -> Q:
    return Q(**{f"{member}role": CohortUser.Role.TEACHER})


def _is_student(member: str) -> Q:
    return Q(**{f"{member}role": CohortUser.Role.STUDENT, f"{member}educational_status__in": _ACTIVE})


_USER = ("id", "email", "first_name", "last_name")
_CLASS = ("id", "starting_at", "ending_at")
_COHORT = ("id", "slug", "name")


class ConflictQuery:
    """The conflicts of an academy, for filters and pages as a queryset is; the rows are dicts in the shape of rule P6.

    A conflict begins when the later one of its two classes begins: that is its `starting_at`, which the filters bound.
    Without bounds: from `now` on, for `DEFAULT_RANGE`. One statement for who may be needed twice, one for a page, and
    one to count a list that goes on.
    """

    model = LiveClass

    def __init__(self, *, academy_id: int, now: datetime.datetime) -> None:
        self._academy_id = academy_id
        self._now = now
        self._bounds: dict[str, datetime.datetime] = {}
        self._ordering: tuple[Any, ...] = ("-conflict_at",)
        self._candidates: dict[frozenset[Any], list[int] | None] = {}  # by bounds; copies have the same dict

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
        rows = self._rows().order_by(*self._ordering, "id", "user_pk", "other_pk")
        return [_as_dict(row, academy_id=self._academy_id) for row in rows[page]]

    def _copy(self, **changes: Any) -> "ConflictQuery":
        copied = copy.copy(self)
        vars(copied).update(changes)
        return copied

    def _rows(self) -> QuerySet[Any, Any]:
        bounds = {"conflict_at__gte": self._now, **self._bounds}
        if not bounds.keys() & {"conflict_at__lte", "conflict_at__lt"}:
            bounds["conflict_at__lte"] = _shifted(bounds["conflict_at__gte"], DEFAULT_RANGE)
        own = classes_of_academy(self._academy_id).filter(cohort__stage__in=_STAGES, cancelled_at=None)
        own = own.filter(starting_at__range=_range_of_starts(bounds))
        key = frozenset(bounds.items())
        if key not in self._candidates:
            self._candidates[key] = _candidates(own, _range_of_starts(bounds))
        members, substitutes = _Need.of_class()
        first, *rest = (
            _pairs(own, need, other, users, academy_id=self._academy_id, bounds=bounds)
            for need, users in ((members, self._candidates[key]), (substitutes, None))
            for other in need.others()
        )
        return first.union(*rest, all=True)  # no two of them have a row in common


def _candidates(own: QuerySet[LiveClass], range_: Times) -> list[int] | None:
    """Members of these classes' cohorts who may be needed twice: teachers, and students with another cohort or class.

    Most students have one cohort. Their roles are looked up once here, and not for each class. None where there are
    more than `MAX_CANDIDATES`.
    """
    roles = CohortUser.objects.filter(user=OuterRef("user")).exclude(cohort=OuterRef("cohort"))
    substituted = LiveClass.objects.filter(teacher=OuterRef("user"), starting_at__range=range_)
    members = CohortUser.objects.filter(cohort__in=own.order_by().values("cohort"))
    members = members.filter(_is_teacher("") | (_is_student("") & (Exists(roles) | Exists(substituted))))
    found = list(members.order_by("user").values_list("user", flat=True).distinct()[: MAX_CANDIDATES + 1])
    return found if len(found) <= MAX_CANDIDATES else None


def _shifted(moment: datetime.datetime, by: datetime.timedelta) -> datetime.datetime:
    """The moment itself where the sum leaves the years 1 to 9999."""
    try:
        return moment + by
    except OverflowError:
        return moment


def _pairs(
    own: QuerySet[LiveClass],
    need: _Need,
    other: _Need,
    users: Collection[int] | None,
    *,
    academy_id: int,
    bounds: dict[str, datetime.datetime],
) -> QuerySet[Any, Any]:
    """A row for each user and pair of classes, the first of them of the academy. `users`: no others, unless None."""
    pairs = own.filter(
        need.and_also(other),
        Q() if users is None else Q(**{f"{need.user}id__in": users}),
        _differs(f"{other.cohort}academy", academy_id) | _is_earlier(other.class_),
        _overlap(other.class_),
        Q(**{f"{other.class_}starting_at__range": _range_of_starts(bounds)}),
    ).annotate(
        conflict_at=Greatest("starting_at", f"{other.class_}starting_at"),
        user_pk=F(f"{need.user}id"),
        other_pk=F(f"{other.class_}id"),
    )
    columns = (
        *_CLASS,
        *(need.cohort + name for name in _COHORT),
        "other_pk",
        *(other.class_ + name for name in _CLASS[1:]),
        *(other.cohort + name for name in (*_COHORT, "academy")),
        "user_pk",
        *(need.user + name for name in _USER[1:]),
        "conflict_at",
    )
    return pairs.filter(**bounds).values_list(*columns).annotate(kind=need.kind(other))


def _is_earlier(other: str) -> Q:
    """Where both classes are of the academy, the later one comes first: each pair once."""
    same_start = Q(**{f"{other}starting_at": F("starting_at"), f"{other}id__lt": F("id")})
    return Q(**{f"{other}starting_at__lt": F("starting_at")}) | same_start


def _overlap(other: str) -> Q:
    """Half-open: a class that begins as another one ends does not overlap it."""
    return Q(
        **{
            f"{other}starting_at__lt": F("ending_at"),
            f"{other}ending_at__gt": F("starting_at"),
            # Follows from the others; for the index.
            f"{other}starting_at__gt": DaysBefore("starting_at", MAX_LENGTH.days),
        }
    )


def _range_of_starts(bounds: dict[str, datetime.datetime]) -> Times:
    """What the bounds of a conflict mean for the start of either class, so that an index can be used."""
    latest = next(bounds[name] for name in ("conflict_at__lte", "conflict_at__lt") if name in bounds)
    return _shifted(bounds["conflict_at__gte"], -MAX_LENGTH), latest


def _as_dict(row: tuple[Any, ...], *, academy_id: int) -> dict[str, Any]:
    own, other, other_academy, user, kind = row[:6], row[6:12], row[12], row[13:17], row[-1]
    classes = [_class_as_dict(own, named=True), _class_as_dict(other, named=other_academy == academy_id)]
    classes.sort(key=lambda live_class: live_class["starting_at"])
    return {"kind": kind, "user": dict(zip(_USER, user, strict=True)), "live_classes": classes}


def _class_as_dict(row: tuple[Any, ...], *, named: bool) -> dict[str, Any]:
    """Of another academy's class only the times (rule P6)."""
    pk, starting_at, ending_at, *cohort = row
    times = {"starting_at": starting_at, "ending_at": ending_at}
    return {"id": pk, **times, "cohort": dict(zip(_COHORT, cohort, strict=True))} if named else times


class Conflict(NamedTuple):
    """A user of a cohort is needed in other classes while the cohort has its own, at these times."""

    kind: str
    user_id: int
    user_name: str
    cohort_name: str  # of the other classes; empty where they are another academy's
    times: list[Times]


def conflicts_of(cohort: Cohort, times: Iterable[Times], *, time_slot_ids: Collection[int] = ()) -> list[Conflict]:
    """What classes of the cohort at these times would lead to: teachers first, then by name. One statement.

    `time_slot_ids`: whose classes are to be at these times; where they are now does not count.
    """
    members = CohortUser.objects.filter(cohort=cohort)
    wanted = list(times)
    others = _other_classes(members, (_Need.of_planned(),), wanted) if wanted else ()
    return _conflicts(wanted, (o for o in others if o.time_slot_id not in time_slot_ids), academy_id=cohort.academy_id)


def conflicts_of_class(live_class: LiveClass, times: Iterable[Times] = ()) -> list[Conflict]:
    """The same, of a stored class with its own teacher; without `times`, at its own. Reads its cohort."""
    wanted = list(times) or [(live_class.starting_at, live_class.ending_at)]
    others = _other_classes(LiveClass.objects.filter(pk=live_class.pk), _Need.of_class(), wanted)
    academy_id = live_class.cohort.academy_id
    return _conflicts(wanted, (o for o in others if o.class_id != live_class.pk), academy_id=academy_id)


class _OtherClass(NamedTuple):
    """A class that needs a user of the cohort. The fields are the columns of `_other_classes`."""

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


def _conflicts(wanted: list[Times], others: Iterable[_OtherClass], *, academy_id: int) -> list[Conflict]:
    index = OverlapIndex(sorted((start, end, number) for number, (start, end) in enumerate(wanted)))
    found: dict[tuple[str, int, str, str], set[int]] = {}
    for other in others:
        if numbers := index.overlapping(other.starting_at, other.ending_at):
            found.setdefault(other.group(academy_id), set()).update(numbers)
    conflicts = [Conflict(*group, sorted(wanted[number] for number in numbers)) for group, numbers in found.items()]
    return sorted(conflicts, key=lambda conflict: (conflict.kind != TEACHER, *conflict[2:4], conflict.user_id))


def _other_classes(rows: QuerySet[Any], needs: Iterable[_Need], times: list[Times]) -> Iterator[_OtherClass]:
    """Between the first and the last of these times, one row for each user and class."""
    first, last = min(start for start, _ in times), max(end for _, end in times)
    parts = [_between(rows, need, other, first, last) for need in needs for other in need.others()]
    return map(_OtherClass._make, parts[0].union(*parts[1:], all=True))


def _between(
    rows: QuerySet[Any], need: _Need, other: _Need, first: datetime.datetime, last: datetime.datetime
) -> QuerySet[Any, Any]:
    starts = (_shifted(first, -MAX_LENGTH), last)
    between = {f"{other.class_}starting_at__range": starts, f"{other.class_}ending_at__gt": first}
    columns = (
        *(need.user + name for name in ("id", "first_name", "last_name", "email")),
        *(other.cohort + name for name in ("academy", "name")),
        *(other.class_ + name for name in ("id", "cohort_time_slot", "starting_at", "ending_at")),
    )
    found = rows.filter(need.and_also(other), **between)
    listed: QuerySet[Any, Any] = found.values_list(*columns).annotate(kind=need.kind(other))
    return listed
