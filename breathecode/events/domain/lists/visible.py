"""The classes that a user may open a page of, and what they may do there (rules V1, L7, H4)."""

from django.db.models import OuterRef, Q, QuerySet, Subquery

from breathecode.admissions.models import Cohort
from breathecode.authenticate.models import AcademyMember, User
from breathecode.authenticate.roles import CAPABILITIES, ROLES, capabilities_of
from breathecode.events.domain.queries import memberships_with_access_of
from breathecode.events.models import LiveClass


def classes_visible_to(user: User) -> QuerySet[LiveClass]:
    """Those of the user's own cohorts, and of the academies where they work; none of a deleted cohort."""
    classes = LiveClass.objects.exclude(cohort__stage=Cohort.Stage.DELETED)
    if user.is_superuser:
        return classes
    readers = [role for role, held in ROLES.items() if "read_all_cohort" in held]
    staffed = AcademyMember.objects.filter(user=user, role__in=readers).values("academy_id")
    own = memberships_with_access_of(user.pk).values("cohort_id")
    return classes.filter(Q(cohort__in=own) | Q(academy__in=staffed) | Q(teacher=user))


def with_role_of(user: User, classes: QuerySet[LiveClass]) -> QuerySet[LiveClass]:
    """The user's role at each class's academy as `role_of_user`, null where they do not work there."""
    role = AcademyMember.objects.filter(academy_id=OuterRef("academy_id"), user=user).values("role")
    return classes.annotate(role_of_user=Subquery(role))


def capabilities_of_reader(live_class: LiveClass, *, user: User) -> frozenset[str]:
    """What the user may do at the academy of a class that `with_role_of` read."""
    role: str | None = live_class.role_of_user  # type: ignore[attr-defined]
    return CAPABILITIES if user.is_superuser else capabilities_of(role)
