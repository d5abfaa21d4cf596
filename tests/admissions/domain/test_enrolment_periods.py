"""The history of enrolments, whatever changes them (rules A2, A5)."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from breathecode.admissions.models import CohortUser, EnrolmentPeriod
from breathecode.admissions.tasks import update_enrolment_periods
from tests.support.classes import NOW

pytestmark = pytest.mark.usefixtures("clock")
LATER = NOW + timedelta(days=1)


def leave_by_save(part):
    part.educational_status = "POSTPONED"
    part.save()


def leave_by_update(part):
    CohortUser.objects.filter(pk=part.pk).update(educational_status="DROPPED")
    update_enrolment_periods()


def leave_by_bulk_update(part):
    part.educational_status = "SUSPENDED"
    CohortUser.objects.bulk_update([part], ["educational_status"])
    update_enrolment_periods()


def leave_by_moving(part, world):
    part.cohort = world.other_cohort
    part.save()


LEAVING = {
    "save": leave_by_save,
    "update": leave_by_update,
    "bulk_update": leave_by_bulk_update,
    "delete": lambda part: part.delete(),
    "queryset delete": lambda part: CohortUser.objects.filter(pk=part.pk).delete(),
}


def periods(world):
    found = EnrolmentPeriod.objects.filter(cohort=world.cohort, user=world.student)
    return [(since, until) for since, until in found.values_list("since", "until")]


@pytest.mark.parametrize("leave", LEAVING.values(), ids=LEAVING.keys())
def test_each_way_to_leave_and_come_back(world, leave):
    """A5: leaving ends the period, coming back begins another, and what was before stays."""
    ((begun, until),) = periods(world)
    assert until is None
    with time_machine.travel(LATER, tick=False):
        leave(CohortUser.objects.get(cohort=world.cohort, user=world.student))
        assert periods(world) == [(begun, LATER)]
    with time_machine.travel(LATER + timedelta(hours=1), tick=False):
        CohortUser.objects.filter(cohort=world.cohort, user=world.student).delete()
        CohortUser.objects.create(cohort=world.cohort, user=world.student)
        assert periods(world) == [(begun, LATER), (timezone.now(), None)]


def test_a_move_to_another_cohort(world):
    """A5: the period in the old cohort ends, and one in the new cohort begins."""
    part = CohortUser.objects.get(cohort=world.cohort, user=world.student)
    with time_machine.travel(LATER, tick=False):
        leave_by_moving(part, world)
    assert periods(world)[0][1] == LATER
    assert EnrolmentPeriod.objects.get(cohort=world.other_cohort, user=world.student).since == LATER
