"""The way into the room: who may join, when, where to, and what a join leaves behind (rules J2 to J8)."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.models import Academy, AcademyMember, User
from breathecode.common.db.prepared import PreparedInsert, PreparedRows, attnames_of, instance_of
from breathecode.events import errors
from breathecode.events.domain.queries import memberships_with_access_of
from breathecode.events.domain.staffing.substitutes import TEACHING_ROLES
from breathecode.events.models import ClassJoin, LiveClass

# How long after its planned end a class that has not been ended can still be joined (rule J4).
GRACE = datetime.timedelta(minutes=30)
TEACHING = (CohortUser.Role.TEACHER, CohortUser.Role.ASSISTANT)


@dataclass(frozen=True, slots=True)
class Visit:
    """An attempt to join, by a user who may see the class."""

    live_class: LiveClass
    user: User
    teaches: bool
    is_staff: bool


@dataclass(frozen=True, slots=True)
class Joined:
    """A recorded join: where to, and whether it is to start the class."""

    meeting_url: str
    starts_class: bool


def _build_visits(hash_: str, user_id: int) -> QuerySet[LiveClass]:
    """The class with this hash, and the user's parts in it."""
    parts = memberships_with_access_of(user_id).filter(cohort=OuterRef("cohort"))
    staff = AcademyMember.objects.filter(user=user_id, academy=OuterRef("cohort__academy"), role__in=TEACHING_ROLES)
    return LiveClass.objects.filter(hash=hash_).annotate(
        takes_part=Exists(parts), leads=Exists(parts.filter(role__in=TEACHING)), is_staff=Exists(staff)
    )


_PARTS = ("takes_part", "leads", "is_staff")
_OF_CLASS, _OF_COHORT, _OF_ACADEMY = attnames_of(LiveClass, but=("log",)), attnames_of(Cohort), attnames_of(Academy)
_visits = PreparedRows(
    LiveClass,
    _build_visits,
    *_OF_CLASS,
    *(f"cohort__{name}" for name in _OF_COHORT),
    *(f"cohort__academy__{name}" for name in _OF_ACADEMY),
    *_PARTS,
    keeps_plan=True,
)
_joins = PreparedInsert(ClassJoin, "live_class_id", "user_id", "joined_at", "starts_class")


def _find(hash_: str, user: User) -> tuple[LiveClass, dict[str, bool]]:
    """The class with its cohort and academy, and which of `_PARTS` the user has. One query. Raises `not-found`."""
    rows = _visits.bind(hash_, user.pk)[:1] if hash_.isascii() and hash_.isalnum() else []
    if not rows:
        raise errors.LiveClassNotFound
    values = iter(rows[0])
    live_class: Any = instance_of(LiveClass, _OF_CLASS, values)
    live_class.cohort = instance_of(Cohort, _OF_COHORT, values)
    live_class.cohort.academy = instance_of(Academy, _OF_ACADEMY, values)
    return live_class, dict(zip(_PARTS, values, strict=True))


def attempt_as_member(*, hash_: str, user: User) -> Visit:
    """The `me` link: for people of the cohort, and for staff as on their own route (rule J2). Raises `not-found`."""
    live_class, parts = _find(hash_, user)
    is_open = live_class.cohort.stage != Cohort.Stage.DELETED
    is_staff = parts["is_staff"] or user.is_superuser
    if not (parts["takes_part"] and is_open) and not is_staff:
        raise errors.LiveClassNotFound
    teaches = (parts["leads"] and is_open) or live_class.teacher_id == user.pk
    return Visit(live_class=live_class, user=user, teaches=teaches, is_staff=is_staff)


def attempt_as_staff(*, hash_: str, user: User, academy_id: int | None) -> Visit:
    """The staff link: needs the capability in the class's academy, no enrolment (rule J7). Raises `not-found`.

    `academy_id`: the Academy header's; without one, the class's own academy is meant.
    """
    visit = attempt_as_member(hash_=hash_, user=user)
    if academy_id not in (None, visit.live_class.cohort.academy_id) or not visit.is_staff:
        raise errors.LiveClassNotFound
    return visit


def check_open(live_class: LiveClass, *, now: datetime.datetime) -> None:
    """Raises `class-cancelled`, `class-has-ended` (rule J4)."""
    if live_class.cancelled_at is not None:
        raise errors.ClassCancelled(reason=live_class.cancel_reason)
    if live_class.ended_at is not None or now > live_class.ending_at + GRACE:
        raise errors.ClassHasEnded


def is_early(live_class: LiveClass, *, now: datetime.datetime) -> bool:
    """Before the planned start there is the countdown, for teachers too (rule J3)."""
    return now < live_class.starting_at


def join(visit: Visit, *, now: datetime.datetime) -> Joined:
    """Records the first join of each person, whatever becomes of the message that it leads to (rules J5, J6, J8).

    Raises `class-cancelled`, `class-has-ended`, `meeting-url-not-set`.
    """
    live_class = visit.live_class
    check_open(live_class, now=now)
    url = live_class.remote_meeting_url or live_class.cohort.online_meeting_url
    if not url:
        raise errors.MeetingUrlNotSet
    _joins.insert_unless_there(live_class.pk, visit.user.pk, now, visit.teaches)
    return Joined(meeting_url=url, starts_class=visit.teaches and live_class.started_at is None)
