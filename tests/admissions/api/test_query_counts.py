"""Lists take the same number of queries for one row and for thirty."""

import datetime

import pytest

from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser, Syllabus
from breathecode.authenticate.models import AcademyMember, User
from tests.support.queries import captured_queries

pytestmark = pytest.mark.slow

COHORTS = "/v1/admissions/academy/cohort"


def thirty_more(world):
    """Thirty more of everything, each with relations of its own."""
    for number in range(30):
        user = User.objects.create(email=f"person{number}@example.org")
        AcademyMember.objects.create(academy=world.miami, user=user, role="staff")
        syllabus = Syllabus.objects.create(academy=world.miami, slug=f"course-{number}", name="Course")
        version = syllabus.versions.create(version=1)
        world.syllabus.versions.create(version=number + 2)
        cohort = Cohort.objects.create(
            academy=world.miami, slug=f"cohort-{number}", name="Cohort", syllabus=syllabus, syllabus_version=version
        )
        CohortUser.objects.create(cohort=cohort, user=world.student)
        CohortUser.objects.create(cohort=world.cohort, user=user)
    CohortTimeSlot.objects.bulk_create(
        CohortTimeSlot(cohort=world.cohort, starting_at=900, ending_at=1000, timezone="UTC") for _ in range(30)
    )


@pytest.mark.parametrize(
    ("path", "queries", "rows"),
    [
        # One for the token with person and role; then each list its page, below a cohort the cohort.
        # Only a list that goes on is counted.
        (COHORTS, 2, 31),
        (f"{COHORTS}/web-dev/user", 3, 35),
        (f"{COHORTS}/web-dev/timeslot", 4, 31),  # and the holidays: they may be why there are no classes (T4)
        ("/v1/admissions/syllabus", 2, 31),
        ("/v1/admissions/syllabus/full-stack/version", 3, 31),
        # For people: their invitations by this academy, and their mails that failed.
        ("/v1/auth/academy/member", 4, 34),
        # And their places in the academy's cohorts.
        ("/v1/auth/academy/student", 5, 32),
        (f"{COHORTS}/user", 2, 65),
        # The caller's parts in cohorts are read once, beside the cohorts.
        ("/v1/admissions/cohort/me", 3, 31),
        ("/v1/auth/user/me", 4, None),
    ],
)
def test_as_many_for_one_as_for_thirty(call, world, path, queries, rows):
    """R1 to R3, T1, U1, U3: the number of SQL statements does not know the number of rows."""
    world.syllabus = Syllabus.objects.create(academy=world.miami, slug="full-stack", name="Full Stack")
    world.syllabus.versions.create(version=1)
    world.time_slot(starts_on=datetime.date(2025, 2, 1))
    person = world.student if path.endswith("/me") else world.admin
    call.key(person)
    counts = []
    for _ in range(2):
        with captured_queries() as captured:
            response = call("GET", path, as_=person, academy=world.miami)
        assert response.status_code == 200
        counts.append(len(captured))
        if len(counts) == 1:
            thirty_more(world)
    assert counts == [queries, queries]
    answer = response.json()
    if rows is not None:
        assert len(answer) == rows
    else:
        assert len(answer["cohorts"]) == 31
