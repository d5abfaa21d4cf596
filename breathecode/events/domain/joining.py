"""The way into the room: who may join, when, where to, and what a join leaves behind (rules J2 to J8)."""

import datetime
from dataclasses import dataclass

from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.models import AcademyMember, User
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


@dataclass(frozen=True, slots=True)
class Joined:
    """A recorded join: where to, and whether it is to start the class."""

    meeting_url: str
    starts_class: bool


def _class_by_hash(hash_: str) -> LiveClass:
    classes = LiveClass.objects.select_related("cohort__academy")
    live_class = classes.filter(hash=hash_).first() if hash_.isascii() and hash_.isalnum() else None
    if live_class is None:
        raise errors.LiveClassNotFound
    return live_class


def _is_staff(user: User, academy_id: int) -> bool:
    if user.is_superuser:
        return True
    return AcademyMember.objects.filter(user=user, academy_id=academy_id, role__in=TEACHING_ROLES).exists()


def attempt_as_member(*, hash_: str, user: User) -> Visit:
    """The `me` link: for people of the cohort, and for staff as on their own route (rule J2). Raises `not-found`."""
    live_class = _class_by_hash(hash_)
    cohort = live_class.cohort
    roles = set(memberships_with_access_of(user.pk).filter(cohort=cohort).values_list("role", flat=True))
    if cohort.stage == Cohort.Stage.DELETED:
        roles = set()
    if not roles and not _is_staff(user, cohort.academy_id):
        raise errors.LiveClassNotFound
    teaches = bool(roles.intersection(TEACHING)) or live_class.teacher_id == user.pk
    return Visit(live_class=live_class, user=user, teaches=teaches)


def attempt_as_staff(*, hash_: str, user: User, academy_id: int | None) -> Visit:
    """The staff link: needs the capability in the class's academy, no enrolment (rule J7). Raises `not-found`.

    `academy_id`: the Academy header's; without one, the class's own academy is meant.
    """
    visit = attempt_as_member(hash_=hash_, user=user)
    own = visit.live_class.cohort.academy_id
    if academy_id not in (None, own) or not _is_staff(user, own):
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
    # One insert, which loses to an earlier one.
    ClassJoin.objects.bulk_create(
        [ClassJoin(live_class=live_class, user=visit.user, joined_at=now, starts_class=visit.teaches)],
        ignore_conflicts=True,
    )
    return Joined(meeting_url=url, starts_class=visit.teaches and live_class.started_at is None)
