"""Whose history may be read: of the objects of an academy, also of those that are gone (rule P8)."""

import datetime

from django.db.models import Q, QuerySet

from breathecode.admissions.models import Cohort
from breathecode.authenticate.models import User
from breathecode.history.models import Change


def changes_of(kind: Change.Kind, object_id: int, *, academy_id: int) -> QuerySet[Change]:
    """Newest first, with who made them."""
    changes = Change.objects.filter(kind=kind, object_id=object_id, academy_id=academy_id).select_related("by")
    shown = ("kind", "at", "through", "changes", "by__first_name", "by__last_name", "by__email")
    return changes.only(*shown).order_by("-id")


# The kinds that make up a cohort's own history; its classes have theirs.
COHORT_KINDS = (Change.Kind.COHORT, Change.Kind.TIME_SLOT, Change.Kind.HOLIDAY, Change.Kind.ENROLMENT)


def changes_within(cohort: Cohort) -> QuerySet[Change]:
    """Of the cohort, its time slots, holidays and members, newest first, with who made them."""
    itself = Q(kind=Change.Kind.COHORT, object_id=cohort.pk)
    parts = Q(cohort_id=cohort.pk, kind__in=COHORT_KINDS)
    changes = Change.objects.filter(itself | parts, academy_id=cohort.academy_id).select_related("by")
    return changes.order_by("-id")


def last_change_by(user: User, *, cohort: Cohort, since: datetime.datetime) -> Change | None:
    """The user's last change within the cohort, where it was not before `since`."""
    return changes_within(cohort).filter(by=user, at__gte=since).first()
