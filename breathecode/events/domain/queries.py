"""Who sees which live classes: one function a question, and views cannot go round it (rules L6, L7)."""

from django.db.models import QuerySet

from breathecode.admissions.domain.enrolment import memberships_with_access
from breathecode.admissions.models import Cohort, CohortUser
from breathecode.events.models import LiveClass


def classes_of_academy(academy_id: int) -> QuerySet[LiveClass]:
    return LiveClass.objects.filter(academy_id=academy_id)


def memberships_with_access_of(user_id: int) -> QuerySet[CohortUser]:
    """The parts that let this person see the classes."""
    return memberships_with_access().filter(user_id=user_id)


def classes_of_user(user_id: int) -> QuerySet[LiveClass]:
    """Each class once, however many roles; none of a deleted cohort."""
    seen = memberships_with_access_of(user_id).values("cohort_id")
    classes = LiveClass.objects.filter(cohort__in=seen)
    return classes.exclude(cohort__stage=Cohort.Stage.DELETED)
