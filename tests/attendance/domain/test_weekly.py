"""Attendance by cohort and week (rule A5)."""

import datetime
from random import Random

import pytest

from breathecode.admissions.models import Cohort, EnrolmentPeriod
from breathecode.attendance.domain.report import make_report
from breathecode.attendance.domain.weekly import attendance_by_week
from breathecode.authenticate.models import User
from breathecode.events.domain.periods import classes_on_days
from breathecode.events.models import LiveClass
from tests.support.classes import NOW
from tests.support.marks import random_facts, sums
from tests.support.queries import assert_num_queries

pytestmark = pytest.mark.usefixtures("clock")
FIRST, LAST = NOW.date() - datetime.timedelta(days=70), NOW.date()


@pytest.fixture
def cohorts(world):
    """Makes cohorts of random classes and students, of whom some are in two of them."""

    def make(seed, number, *, classes=20, students=6):
        random, facts = Random(seed), []
        everyone = User.objects.bulk_create(
            User(email=f"p{n}@example.org", password="!") for n in range(students + number)
        )
        for n in range(number):
            fields = {"academy": world.miami, "slug": f"c{n}", "name": f"Cohort {n}", "stage": Cohort.Stage.STARTED}
            slot = world.time_slot(cohort=Cohort.objects.create(**fields))
            facts.append(random_facts(random, slot, everyone[n : n + students], now=NOW, classes=classes))
        return facts

    return make


def found_for(world, **which):
    classes = classes_on_days(world.miami.pk, **{"first": FIRST, "last": LAST, **which})
    return {(row.cohort_id, row.monday): (row.attended, row.expected) for row in attendance_by_week(classes)}


def monday_of(live_class):
    return live_class.day - datetime.timedelta(days=live_class.day.weekday())


@pytest.mark.parametrize("seed", range(5))
def test_the_figures_are_those_of_the_marks(seed, world, cohorts):
    """A5: of random marks, as an independent reckoning says; together they are the lines of the cohorts' reports."""
    facts = cohorts(seed, 3)
    found = found_for(world)
    wanted = sums(facts, lambda live_class, user: (live_class.cohort_id, monday_of(live_class)))
    assert {key: figures for key, figures in found.items() if figures[1]} == wanted
    for some in facts:
        report = make_report(some.slot.cohort, now=NOW)
        of_lines = [(line.attended, line.expected) for line in report.lines()]
        weeks = [figures for (cohort_id, _monday), figures in found.items() if cohort_id == some.slot.cohort_id]
        assert [sum(part) for part in zip(*weeks, strict=True)] == [sum(part) for part in zip(*of_lines, strict=True)]


def test_held_classes_and_the_kinds_of_marks(world, cohorts):
    """A5: how many classes were held, and the marks by kind; who has no mark is absent."""
    [some] = cohorts(7, 1, classes=3)
    rows = attendance_by_week(classes_on_days(world.miami.pk, first=FIRST, last=LAST))
    outcomes = [outcome for _class, _user, outcome in some.outcomes()]
    absent = outcomes.count("ABSENT") + outcomes.count("UNMARKED")
    marks = [outcomes.count("PRESENT"), outcomes.count("LATE"), absent, outcomes.count("EXCUSED")]
    names = ("present", "late", "absent", "excused")
    assert [sum(getattr(row, name) for row in rows) for name in names] == marks
    held = sum(kind in ("started", "by staff") for kind in some.kinds.values())
    assert sum(row.classes for row in rows) == held


def test_a_student_who_came_back_during_a_class_counts_once(world, make_class):
    """A5: two periods in one class are one student."""
    live_class = make_class(start=-5, started_at=NOW, ended_at=NOW)
    EnrolmentPeriod.objects.filter(user=world.student).update(
        until=live_class.starting_at + datetime.timedelta(hours=1)
    )
    EnrolmentPeriod.objects.create(
        cohort=world.cohort, user=world.student, since=live_class.ending_at - datetime.timedelta(minutes=9)
    )
    assert set(found_for(world).values()) == {(0, 1)}


def test_which_classes(world, make_class):
    """A5: of the days, cohort and teacher that are asked for; none of another academy or of a deleted cohort."""
    held = {"started_at": NOW, "ended_at": NOW}
    mine, hers = make_class(start=-5, **held), make_class(start=-29, teacher=world.staff_teacher, **held)
    make_class(start=-400, **held)
    other = world.time_slot(cohort=world.other_cohort)
    LiveClass.objects.create(
        cohort_time_slot=other, starting_at=NOW, ending_at=NOW + datetime.timedelta(hours=1), **held
    )

    def ids(academy=world.miami, **which):
        days = {"first": hers.day, "last": mine.day, **which}
        return set(classes_on_days(academy.pk, **days).values_list("pk", flat=True))

    assert ids() == {mine.pk, hers.pk}
    assert ids(first=mine.day) == {mine.pk}
    assert ids(last=hers.day) == {hers.pk}
    assert ids(teacher_id=world.teacher.pk) == {mine.pk}
    assert ids(teacher_id=world.staff_teacher.pk) == {hers.pk}
    assert ids(cohort_id=world.cohort.pk) == {mine.pk, hers.pk}
    assert ids(cohort_id=world.other_cohort.pk) == set()
    assert ids(academy=world.madrid, cohort_id=world.cohort.pk) == set()
    Cohort.objects.filter(pk=world.cohort.pk).update(stage=Cohort.Stage.DELETED)
    assert ids() == set()


@pytest.mark.parametrize(("number", "classes"), [(1, 1), (4, 25)])
def test_its_cost(number, classes, world, cohorts):
    """A5: two statements, whatever the number of cohorts, classes and students."""
    cohorts(1, number, classes=classes)
    with assert_num_queries(2):
        found_for(world)
