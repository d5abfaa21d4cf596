"""Who sees which academies, syllabi, cohorts and people: one function a question."""

from collections.abc import Iterable

from django.db.models import F, OuterRef, QuerySet, Subquery

from breathecode.admissions.domain.enrolment import memberships_with_access
from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser, Holiday, Syllabus
from breathecode.authenticate.models import AcademyMember, Invitation, User

# Databases disagree on where a cohort without a kickoff would come.
NEWEST_FIRST = (F("kickoff_date").desc(nulls_last=True), "-id")


def syllabi_of_academy(academy_id: int) -> QuerySet[Syllabus]:
    return Syllabus.objects.filter(academy_id=academy_id).order_by("id")


def cohorts_of_academy(academy_id: int) -> QuerySet[Cohort]:
    """All of them, deleted ones too."""
    return _with_relations(Cohort.objects.filter(academy_id=academy_id)).order_by(*NEWEST_FIRST)


def cohorts_not_deleted(academy_id: int) -> QuerySet[Cohort]:
    return cohorts_of_academy(academy_id).exclude(stage=Cohort.Stage.DELETED)


def cohorts_of_user(user: User) -> QuerySet[Cohort]:
    """The cohorts that somebody has a part in, as far as they see them: none deleted, none they are away from."""
    memberships = memberships_with_access().filter(user=user)
    cohorts = Cohort.objects.filter(pk__in=memberships.values("cohort_id")).exclude(stage=Cohort.Stage.DELETED)
    return _with_relations(cohorts).order_by(*NEWEST_FIRST)


def _with_relations(cohorts: QuerySet[Cohort]) -> QuerySet[Cohort]:
    return cohorts.select_related("academy", "syllabus", "syllabus_version")


def members_of_cohorts(academy_id: int) -> QuerySet[CohortUser]:
    """All memberships in cohorts of the academy, but for deleted cohorts."""
    rows = CohortUser.objects.filter(cohort__academy_id=academy_id).exclude(cohort__stage=Cohort.Stage.DELETED)
    return rows.select_related("user", "cohort").order_by("id")


def students_of_academy(academy_id: int) -> QuerySet[User]:
    """Students of its cohorts, whatever their status, and whom it invited as a student without a cohort (rule U7)."""
    enrolled = CohortUser.objects.filter(cohort__academy_id=academy_id, role=CohortUser.Role.STUDENT)
    invited = Invitation.objects.filter(academy_id=academy_id, as_student=True)
    # A union is looked up by key; conditions joined by OR would read all users of the installation.
    return User.objects.filter(pk__in=enrolled.values("user_id").union(invited.values("user_id"))).order_by("id")


def people_of_academy(academy_id: int) -> QuerySet[User]:
    """Its staff, everybody in its cohorts, whom it invited as a student; `staff_role` is None for others than staff."""
    members = AcademyMember.objects.filter(academy_id=academy_id)
    enrolled = CohortUser.objects.filter(cohort__academy_id=academy_id)
    invited = Invitation.objects.filter(academy_id=academy_id, as_student=True)
    ids = members.values("user_id").union(enrolled.values("user_id"), invited.values("user_id"))
    role = members.filter(user_id=OuterRef("pk")).values("role")
    return User.objects.filter(pk__in=ids).annotate(staff_role=Subquery(role))


def memberships_by_user(users: Iterable[User], *, academy_id: int) -> dict[int, list[CohortUser]]:
    """In the academy's cohorts, by user id: one query for all of them."""
    memberships: dict[int, list[CohortUser]] = {}
    for row in members_of_cohorts(academy_id).filter(user__in=list(users)):
        memberships.setdefault(row.user_id, []).append(row)
    return memberships


def language_of_newest_cohort(user: User, *, academy_id: int) -> str:
    """Of those that they are in; "" for none."""
    rows = members_of_cohorts(academy_id).filter(user=user).order_by("-id")
    return rows.values_list("cohort__language", flat=True).first() or ""


def members_of_cohort(cohort: Cohort) -> QuerySet[CohortUser]:
    return CohortUser.objects.filter(cohort=cohort).select_related("user").order_by("id")


def time_slots_of_cohort(cohort: Cohort) -> QuerySet[CohortTimeSlot]:
    """All of them, removed ones too."""
    return CohortTimeSlot.objects.filter(cohort=cohort).order_by("id")


def holidays_of_academy(academy_id: int) -> QuerySet[Holiday]:
    return Holiday.objects.filter(academy_id=academy_id).order_by("starts_on", "id")


def memberships_by_cohort(user: User) -> dict[int, list[CohortUser]]:
    """Somebody's parts, by cohort id: one query for all their cohorts."""
    parts: dict[int, list[CohortUser]] = {}
    for part in CohortUser.objects.filter(user=user).order_by("id"):
        parts.setdefault(part.cohort_id, []).append(part)
    return parts
