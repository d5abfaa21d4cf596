"""What a build costs, in statements: counted, transaction control included (rule G8)."""

import datetime
import re

import pytest
import time_machine
from django.db import connection

from breathecode.admissions.models import Cohort, CohortTimeSlot, Holiday
from breathecode.events.models import LiveClass
from breathecode.schedules.domain.generation import BuildResult, build_time_slot, due_time_slot_ids
from tests.support.queries import assert_num_queries, captured_queries

pytestmark = pytest.mark.django_db(transaction=True)  # so that BEGIN and COMMIT are real, and counted

KICKOFF = datetime.date(2025, 1, 1)
NOW = datetime.datetime(2024, 12, 1, tzinfo=datetime.UTC)
INSERT = "COPY" if connection.vendor == "postgresql" else "INSERT"
SIZES = (24, 730, pytest.param(3000, marks=pytest.mark.slow))


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def daily(world):
    """A slot of so many daily classes, not built yet: `bulk_create` sends no signal."""

    def make(classes):
        Cohort.objects.filter(pk=world.cohort.pk).update(
            kickoff_date=KICKOFF, ending_date=KICKOFF + datetime.timedelta(days=classes - 1)
        )
        slot = CohortTimeSlot(
            cohort=world.cohort, starting_at=900, ending_at=1000, recurrency_type="DAILY", timezone="America/New_York"
        )
        return CohortTimeSlot.objects.bulk_create([slot])[0]

    return make


def statements(slot, now=NOW):
    """The statements of one build by their first word, and what it did."""
    with captured_queries() as captured:
        result = build_time_slot(time_slot_id=slot.pk, now=now)
    return [query.split()[0] for query in captured], result


@pytest.mark.parametrize("classes", SIZES)
def test_a_first_build(daily, classes):
    """G8: lock, look, insert, remember: six statements, for 24 classes as for 3000."""
    verbs, result = statements(daily(classes))
    assert verbs == ["BEGIN", "SELECT", "SELECT", INSERT, "UPDATE", "COMMIT"]
    assert result == BuildResult(created=classes)
    assert LiveClass.objects.count() == classes


@pytest.mark.parametrize("classes", SIZES)
def test_a_build_that_finds_nothing_to_change(daily, classes):
    """G8: two reads and no write, also half-way through the course."""
    slot = daily(classes)
    statements(slot)
    half = datetime.datetime.combine(KICKOFF, datetime.time(12), tzinfo=datetime.UTC)
    half += datetime.timedelta(days=classes // 2)
    for now in (NOW, half):
        assert statements(slot, now) == (["BEGIN", "SELECT", "SELECT", "COMMIT"], BuildResult())


@pytest.mark.parametrize("classes", SIZES)
def test_a_move_of_all_classes(daily, classes):
    """G8: new hours cost the same seven statements for 24 classes as for 3000."""
    slot = daily(classes)
    statements(slot)
    CohortTimeSlot.objects.filter(pk=slot.pk).update(starting_at=1000, ending_at=1100)
    verbs, result = statements(slot)
    assert verbs == ["BEGIN", "SELECT", "SELECT", "SELECT", "INSERT", "UPDATE", "COMMIT"]
    assert result == BuildResult(moved=classes)


@pytest.mark.parametrize("classes", SIZES)
def test_a_deletion_of_all_classes(daily, classes):
    """G8: what goes goes in one statement, after a look whether anybody was told of it."""
    slot = daily(classes)
    statements(slot)
    Cohort.objects.filter(pk=slot.cohort_id).update(stage="DELETED")
    verbs, result = statements(slot)
    assert verbs == ["BEGIN", "SELECT", "SELECT", "SELECT", "DELETE", "UPDATE", "COMMIT"]
    assert result == BuildResult(deleted=classes, issue="cohort-deleted")


@pytest.mark.parametrize("classes", SIZES)
def test_holidays(daily, world, classes):
    """G8, G13: holidays are read with the slot, and close or reopen their classes in one statement each."""
    slot = daily(classes)
    statements(slot)
    closed = {"academy": world.miami, "name": "Recess", "starts_on": KICKOFF, "ends_on": datetime.date(2100, 1, 1)}
    for number in range(5):  # one row of the first statement for each
        Holiday.objects.bulk_create([Holiday(**{**closed, "name": f"Recess {number}"})])
    verbs, result = statements(slot)
    assert verbs == ["BEGIN", "SELECT", "SELECT", "UPDATE", "UPDATE", "COMMIT"]
    assert result == BuildResult(cancelled=classes, issue="only-on-holidays")
    Holiday.objects.all()._raw_delete("default")  # no signal: only the build is counted here
    verbs, result = statements(slot)
    assert verbs == ["BEGIN", "SELECT", "SELECT", "UPDATE", "UPDATE", "COMMIT"]
    assert result == BuildResult(restored=classes)


def test_what_is_due_is_one_query(daily):
    """G9: however many time slots wait."""
    slots = [daily(24) for _ in range(20)]
    with assert_num_queries(1):
        assert due_time_slot_ids(now=NOW) == [slot.pk for slot in slots]


def test_the_attendance_log_of_a_year_is_not_read(daily):
    """G8: the cohort's largest column has no part in a build."""
    slot = daily(24)
    with captured_queries() as captured:
        build_time_slot(time_slot_id=slot.pk, now=NOW)
    assert not [query for query in captured if re.search("history_log", query)]
