"""Who sees which live classes: one function a question, and views cannot go round it (rules L6, L7)."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from breathecode.admissions.domain.enrolment import memberships_with_access
from breathecode.admissions.models import Cohort, CohortUser
from breathecode.events.models import LiveClass


def classes_of_academy(academy_id: int) -> QuerySet[LiveClass]:
    return LiveClass.objects.filter(academy_id=academy_id)


def concerned_by(class_: str) -> Q:
    """Of memberships joined to a class at this lookup path: not a teacher whom a substitute replaces (rule P4)."""
    return Q(**{f"{class_}__teacher__isnull": True}) | ~Q(role=CohortUser.Role.TEACHER)


def taught_by(user: int | OuterRef) -> Q:
    """Of classes: this user teaches them, as the substitute or else as a teacher of the cohort (rule P4).

    `user`: an id, or a reference to the outer query's. Assistants do not teach, and whether the cohort is deleted or
    the class cancelled is not looked at. `substitutes.teachers_of_class` answers the reverse question.
    """
    inner: Any = OuterRef(user) if isinstance(user, OuterRef) else user
    teachers = CohortUser.objects.filter(cohort=OuterRef("cohort"), user=inner, role=CohortUser.Role.TEACHER)
    return Q(teacher=user) | Q(Exists(teachers), teacher=None)


def memberships_with_access_of(user_id: int) -> QuerySet[CohortUser]:
    """The parts that let this person see the classes."""
    return memberships_with_access().filter(user_id=user_id)


def classes_of_user(user_id: int) -> QuerySet[LiveClass]:
    """Those of the user's cohorts, each once however many roles, and those that they teach as a substitute (rule P4).

    None of a deleted cohort.
    """
    seen = memberships_with_access_of(user_id).values("cohort_id")
    substituted = LiveClass.objects.filter(teacher_id=user_id).order_by()
    # An index finds the classes of these cohorts; the condition after it takes few of them away.
    cohorts = seen.order_by().union(substituted.values("cohort_id"))
    classes = LiveClass.objects.filter(cohort__in=cohorts)
    classes = classes.filter(Q(cohort__in=seen) | Q(teacher_id=user_id))
    return classes.exclude(cohort__stage=Cohort.Stage.DELETED)
