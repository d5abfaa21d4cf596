"""Who sees which academies, syllabi, cohorts and people: one function a question."""

from django.db.models import F, Q, QuerySet

from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser, Holiday, Syllabus
from breathecode.authenticate.models import User

# Databases disagree on where a cohort without a kickoff would come.
NEWEST_FIRST = (F("kickoff_date").desc(nulls_last=True), "-id")


def syllabi_of_academy(academy_id: int) -> QuerySet[Syllabus]:
    return Syllabus.objects.filter(academy_id=academy_id).order_by("id")


def cohorts_of_academy(academy_id: int) -> QuerySet[Cohort]:
    """All of them, deleted ones too."""
    return _with_relations(Cohort.objects.filter(academy_id=academy_id)).order_by(*NEWEST_FIRST)


def cohorts_not_deleted(academy_id: int) -> QuerySet[Cohort]:
    return cohorts_of_academy(academy_id).exclude(stage=Cohort.Stage.DELETED)


def cohorts_of_person(user: User) -> QuerySet[Cohort]:
    """The cohorts that somebody has a part in, as far as they see them: none deleted, none they are away from."""
    away = Q(role=CohortUser.Role.STUDENT, educational_status__in=CohortUser.AWAY)
    parts = CohortUser.objects.filter(user=user).exclude(away)
    cohorts = Cohort.objects.filter(pk__in=parts.values("cohort_id")).exclude(stage=Cohort.Stage.DELETED)
    return _with_relations(cohorts).order_by(*NEWEST_FIRST)


def _with_relations(cohorts: QuerySet[Cohort]) -> QuerySet[Cohort]:
    # The attendance log of a year has no place in a list.
    return cohorts.select_related("academy", "syllabus", "syllabus_version").defer("history_log")


def people_of_cohort(cohort: Cohort) -> QuerySet[CohortUser]:
    return CohortUser.objects.filter(cohort=cohort).select_related("user").order_by("id")


def time_slots_of_cohort(cohort: Cohort) -> QuerySet[CohortTimeSlot]:
    """All of them, removed ones too."""
    return CohortTimeSlot.objects.filter(cohort=cohort).order_by("id")


def holidays_of_academy(academy_id: int) -> QuerySet[Holiday]:
    return Holiday.objects.filter(academy_id=academy_id).order_by("starts_on", "id")


def roles_by_cohort(user: User) -> dict[int, list[CohortUser]]:
    """Somebody's parts, by cohort id: one query for all their cohorts."""
    parts: dict[int, list[CohortUser]] = {}
    for part in CohortUser.objects.filter(user=user).order_by("id"):
        parts.setdefault(part.cohort_id, []).append(part)
    return parts
