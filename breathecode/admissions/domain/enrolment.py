"""When people were active students of a cohort: the history behind rolls and rates (rules A2, A5).

The memberships say who is an active student now; `EnrolmentPeriod` says since when, and who was before. The periods
are brought up to date from the memberships as a whole, so it does not matter which write changed them: receivers do
it for each saved or deleted membership, the import for its rows, and a periodic task for what sends no signal
(`update()`, `bulk_create()`, raw SQL).
"""

import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest

from breathecode.admissions.models import CohortUser, EnrolmentPeriod
from breathecode.common.db.insert_select import insert_selected


def active_students() -> QuerySet[CohortUser]:
    """The memberships of students who take part now, in all cohorts: those who are away do not (rule L7)."""
    return memberships_with_access().filter(role=CohortUser.Role.STUDENT)


def memberships_with_access() -> QuerySet[CohortUser]:
    """All memberships that let their user see the cohort and its classes: not those of students who are away (L7)."""
    return CohortUser.objects.exclude(role=CohortUser.Role.STUDENT, educational_status__in=CohortUser.AWAY)


@transaction.atomic
def update_periods(*, within: Q, now: datetime.datetime) -> int:
    """Ends the periods of those who are active students no more, and begins those of new ones; returns how many.

    `within`: a condition on `cohort` and `user` that memberships and periods share. Two statements where nothing has
    changed. Safe beside itself: a person has one open period in a cohort, by a constraint.
    """
    running = EnrolmentPeriod.objects.filter(within, until__isnull=True)
    active = active_students().filter(cohort=OuterRef("cohort"), user=OuterRef("user"))
    # A clock may go backwards, a period may not.
    ended = running.exclude(Exists(active)).update(until=Greatest(F("since"), now))
    known = EnrolmentPeriod.objects.filter(cohort=OuterRef("cohort"), user=OuterRef("user"), until__isnull=True)
    missing = active_students().filter(within).exclude(Exists(known))
    missing = missing.order_by("cohort_id", "user_id")
    if not missing.exists():  # most often: then nothing is locked
        return ended
    return ended + insert_selected(EnrolmentPeriod, missing, cohort_id=F("cohort_id"), user_id=F("user_id"), since=now)


def students_during(
    cohort_id: int, *, starting_at: datetime.datetime, ending_at: datetime.datetime
) -> tuple[QuerySet[Any, int], QuerySet[Any, int]]:
    """Ids of those who were active students of the cohort at some moment of this time, as two queries to unite.

    Active students whose enrolment has no period yet (it sent no signal) are taken to have been there.
    """
    periods = EnrolmentPeriod.objects.filter(cohort_id=cohort_id).order_by()
    lasting = periods.filter(Q(until__isnull=True) | Q(until__gt=starting_at), since__lt=ending_at)
    unknown = active_students().filter(cohort_id=cohort_id).exclude(user__in=periods.values("user_id"))
    return lasting.values_list("user_id", flat=True), unknown.values_list("user_id", flat=True)


def students_ever(cohort_id: int) -> QuerySet[EnrolmentPeriod]:
    """The periods of the cohort, for a condition on `user`: who is or was an active student of it."""
    return EnrolmentPeriod.objects.filter(cohort_id=cohort_id, user=OuterRef("user"))
