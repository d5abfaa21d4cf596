"""Substitutes: who teaches one class in place of the cohort's teachers (rule P4)."""

import datetime
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from breathecode.admissions.domain.enrolment import active_students
from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.models import AcademyMember, User
from breathecode.authenticate.roles import ROLES
from breathecode.common.ids import MAX_ID
from breathecode.events.domain.queries import taught_by
from breathecode.events.domain.staffing.conflicts import MAX_LENGTH
from breathecode.events.errors import NotATeacher
from breathecode.events.models import LiveClass

TEACHING_ROLES = [role for role, capabilities in ROLES.items() if "start_or_end_class" in capabilities]


def possible_teachers_of_academy(academy_id: int) -> QuerySet[User]:
    """Its members who may start and end classes."""
    members = AcademyMember.objects.filter(academy_id=academy_id, role__in=TEACHING_ROLES)
    return User.objects.filter(pk__in=members.values("user_id"), is_active=True)


def teachers_of_academy(academy_id: int) -> QuerySet[User]:
    """Who may teach a class of it, and who teaches one of its cohorts; by name."""
    cohorts = CohortUser.objects.filter(cohort__academy_id=academy_id, role=CohortUser.Role.TEACHER)
    # Conditions joined by OR would read all users of the installation.
    ids = cohorts.values("user_id").union(possible_teachers_of_academy(academy_id).values("pk"))
    return User.objects.filter(pk__in=ids).order_by("first_name", "last_name", "pk")


def teachers_of_class(live_class: LiveClass) -> list[int]:
    """The ids of the users who teach it: the substitute, else the cohort's teachers. One query, or none."""
    return teachers_of_classes([live_class])[live_class.pk]


def teachers_of_classes(classes: Iterable[LiveClass]) -> dict[int, list[int]]:
    """The same for several classes, by their ids."""
    by_id = {live_class.pk: live_class for live_class in classes}
    found = {pk: [] if row.teacher_id is None else [row.teacher_id] for pk, row in by_id.items()}
    by_cohort: dict[int, list[int]] = defaultdict(list)
    for row in by_id.values():
        if row.teacher_id is None:
            by_cohort[row.cohort_id].append(row.pk)
    if by_cohort:
        teachers = CohortUser.objects.filter(cohort__in=by_cohort, role=CohortUser.Role.TEACHER).order_by("user_id")
        for cohort_id, user_id in teachers.values_list("cohort_id", "user_id"):
            for pk in by_cohort[cohort_id]:
                found[pk].append(user_id)
    return found


def users_who_teach(live_class: LiveClass) -> QuerySet[User]:
    """Those of `teachers_of_class` as users, in the order of their ids; one query."""
    if live_class.teacher_id is not None:
        return User.objects.filter(pk=live_class.teacher_id)
    teachers = CohortUser.objects.filter(cohort=live_class.cohort_id, role=CohortUser.Role.TEACHER)
    return User.objects.filter(pk__in=teachers.values("user_id")).order_by("pk")


def check_teacher(user_id: int | None, *, academy_id: int) -> None:
    """Raises `not-a-teacher` unless it is None or one of `possible_teachers_of_academy`."""
    if user_id is None:
        return
    if not 0 < user_id <= MAX_ID or not possible_teachers_of_academy(academy_id).filter(pk=user_id).exists():
        raise NotATeacher


def remove_from_coming_classes(user_id: int, *, academy_id: int, now: datetime.datetime) -> None:
    """After a change of their membership: without the capability they are no substitute for classes to come."""
    if possible_teachers_of_academy(academy_id).filter(pk=user_id).exists():
        return
    classes = LiveClass.objects.filter(academy_id=academy_id, teacher_id=user_id)
    coming = classes.filter(starting_at__gt=now, started_at=None)
    if coming.exists():
        coming.update(teacher=None)


def possible_substitutes(live_class: LiveClass) -> QuerySet[User]:
    """Teachers of the academy without a class at that time, with `same_syllabus`; those first. One statement.

    Who teaches this class now is not proposed: the cohort's teachers, or its substitute. `same_syllabus`: they teach a
    cohort with the syllabus of this one. Reads the cohort.
    """
    cohort = live_class.cohort
    teaching = CohortUser.objects.filter(role=CohortUser.Role.TEACHER, user=OuterRef("pk"))
    same = teaching.filter(cohort__syllabus=cohort.syllabus_id, cohort__syllabus__isnull=False)
    free = possible_teachers_of_academy(cohort.academy_id).exclude(Exists(_classes_at(live_class)))
    others = free.exclude(Exists(teaching.filter(cohort=cohort.pk))).exclude(pk=live_class.teacher_id or 0)
    return others.annotate(same_syllabus=Exists(same)).order_by("-same_syllabus", "first_name", "last_name", "pk")


def _classes_at(live_class: LiveClass) -> QuerySet[LiveClass]:
    """Other classes at its time that the user of the outer query is needed in, as a teacher or as a student."""
    overlapping = LiveClass.objects.filter(
        starting_at__lt=live_class.ending_at,
        starting_at__gt=live_class.starting_at - MAX_LENGTH,
        ending_at__gt=live_class.starting_at,
        cancelled_at=None,
    ).exclude(Q(pk=live_class.pk) | Q(cohort__stage=Cohort.Stage.DELETED))
    studies = Exists(active_students().filter(cohort=OuterRef("cohort"), user=OuterRef(OuterRef("pk"))))
    return overlapping.filter(taught_by(OuterRef("pk")) | studies)
