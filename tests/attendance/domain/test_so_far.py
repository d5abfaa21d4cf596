"""A student's own attendance (rule A5)."""

from collections import Counter
from random import Random

import pytest

from breathecode.admissions.models import Cohort, CohortUser
from breathecode.attendance.domain.report import make_report
from breathecode.attendance.domain.so_far import attendance_so_far
from breathecode.authenticate.models import User
from tests.support.classes import NOW
from tests.support.marks import random_facts
from tests.support.queries import assert_num_queries

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def cohort_with_slot(world):
    def make(name):
        cohort = Cohort.objects.create(academy=world.miami, slug=name, name=name, stage=Cohort.Stage.STARTED)
        return world.time_slot(cohort=cohort)

    return make


def people(number, prefix="p"):
    return User.objects.bulk_create(User(email=f"{prefix}{n}@example.org", password="!") for n in range(number))


@pytest.mark.parametrize("seed", range(5))
def test_the_figures_are_those_of_the_marks(seed, cohort_with_slot):
    """A5: what counts of random marks, as an independent reckoning and the cohort's report say."""
    random, students = Random(seed), people(6)
    facts = [random_facts(random, cohort_with_slot(f"c{n}"), students, now=NOW, classes=12) for n in range(3)]
    for student in students:
        wanted = {}
        for some in facts:
            found = Counter(outcome for _class, user, outcome in some.outcomes() if user == student.pk)
            if student.pk in some.current and found:
                absent = found["ABSENT"] + found["UNMARKED"]
                wanted[some.slot.cohort_id] = (found["PRESENT"], found["LATE"], absent, found["EXCUSED"])
        lines = attendance_so_far(student)
        assert {x.cohort_id: (x.present, x.late, x.absent, x.excused) for x in lines} == wanted
        for line in lines:
            report = make_report(Cohort.objects.get(pk=line.cohort_id), now=NOW)
            [same] = [row for row in report.lines() if row.student.id == student.pk]
            assert (line.attended, line.expected, line.rate) == (same.attended, same.expected, same.rate)


def test_whose_cohorts(world, make_class):
    """A5: the cohorts of which the user is an active student; no deleted one, and none that they teach."""
    begun = {"started_at": NOW, "ended_at": NOW}
    make_class(start=-5, **begun)
    [line] = attendance_so_far(world.student)
    assert (line.cohort_name, line.expected, line.attended, line.rate) == ("Web Development", 1, 0, 0.0)
    assert [attendance_so_far(person) for person in (world.teacher, world.dropped, world.stranger)] == [[], [], []]
    CohortUser.objects.filter(user=world.student).update(educational_status="POSTPONED")
    assert attendance_so_far(world.student) == []
    CohortUser.objects.filter(user=world.student).update(educational_status="ACTIVE")
    Cohort.objects.filter(pk=world.cohort.pk).update(stage=Cohort.Stage.DELETED)
    assert attendance_so_far(world.student) == []


def test_nothing_yet(world, make_class):
    """A5: no line for a cohort without a class that has counted."""
    make_class(start=5)
    make_class(start=-9, cancelled_at=NOW)
    assert attendance_so_far(world.student) == []


@pytest.mark.parametrize(("cohorts", "classes"), [(1, 1), (4, 30)])
def test_its_cost(cohorts, classes, cohort_with_slot):
    """A5: one statement, whatever the number of cohorts and classes."""
    random, [student] = Random(1), people(1)
    for number in range(cohorts):
        random_facts(random, cohort_with_slot(f"c{number}"), [student], now=NOW, classes=classes)
    with assert_num_queries(1):
        attendance_so_far(student)
