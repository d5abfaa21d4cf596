"""The triggers of classes: what a change makes old, by whatever way it is written (rule O2, decision 0011)."""

import datetime

import pytest
import time_machine
from django.test import TestCase
from django.utils import timezone

from breathecode.admissions.models import Cohort
from breathecode.events.models import LiveClass
from tests.support.queries import captured_queries

NOW = datetime.datetime(2025, 3, 3, 12, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
CLASSES = "/v1/events/academy/event/liveclass"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def live_class(world):
    return LiveClass.objects.create(
        cohort_time_slot=world.time_slot(), starting_at=timezone.now(), ending_at=timezone.now() + 2 * HOUR
    )


def version(cohort):
    return Cohort.objects.values_list("classes_version", flat=True).get(pk=cohort.pk)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "", {"started_at": "2025-03-03T12:00:00Z"}),
        ("PUT", "", {"starting_at": "2025-03-03T13:00:00Z", "ending_at": "2025-03-03T14:00:00Z", "title": "Later"}),
        ("PUT", "", {"title": "Another", "log": {"a": 1}}),
        ("POST", "/cancel", {"reason": "Ill"}),
    ],
)
def test_one_change_over_the_api_counts_once(world, call, live_class, method, path, body):
    """O2, W4: whatever it writes, the version rises by one."""
    before = version(world.cohort)
    answer = call(method, f"{CLASSES}/{live_class.pk}{path}", as_=world.admin, academy=world.miami, body=body)
    assert answer.status_code == 200, answer.content
    assert version(world.cohort) == before + 1


def test_an_end_over_the_api_counts_once(world, call, live_class, clock):
    """O2, W3: with another field in the same request."""
    LiveClass.objects.filter(pk=live_class.pk).update(started_at=NOW)
    clock.shift(2 * HOUR)
    before = version(world.cohort)
    body = {"ended_at": "2025-03-03T14:00:00Z", "title": "As it was"}
    answer = call("PUT", f"{CLASSES}/{live_class.pk}", as_=world.admin, academy=world.miami, body=body)
    assert answer.json()["ended_at"] == "2025-03-03T14:00:00Z"
    assert version(world.cohort) == before + 1


def test_a_change_that_changes_nothing_counts_for_nothing(world, call, live_class):
    """O2, W3: a client may PUT back what it got."""
    before = version(world.cohort)
    body = {"title": live_class.title or world.cohort.name}
    call("PUT", f"{CLASSES}/{live_class.pk}", as_=world.admin, academy=world.miami, body=body)
    assert version(world.cohort) == before


def test_many_classes_by_one_statement(world, live_class):
    """O2: each cohort concerned, and no other; a class that moves to another time slot concerns both."""
    other_slot = world.time_slot(cohort=world.other_cohort)
    before, others = version(world.cohort), version(world.other_cohort)
    LiveClass.objects.filter(pk=live_class.pk).update(title="x")
    assert (version(world.cohort), version(world.other_cohort)) == (before + 1, others)
    LiveClass.objects.filter(pk=live_class.pk).update(cohort_time_slot=other_slot)
    # The class is written twice, once more by the trigger that gives it its new cohort.
    assert (version(world.cohort), version(world.other_cohort)) == (before + 3, others + 1)
    LiveClass.objects.all().delete()
    assert (version(world.cohort), version(world.other_cohort)) == (before + 3, others + 2)


def statements_of_a_change(world, call, **fields):
    url, headers = f"/v1/admissions/academy/cohort/{world.cohort.pk}", call.headers(world.admin, world.miami)
    with captured_queries() as captured, TestCase.captureOnCommitCallbacks():  # without the builds
        answer = call.client.put(url, fields, format="json", headers=headers)
    assert answer.status_code == 200, answer.content
    return len(captured)


def test_a_changed_cohort_costs_the_same_for_each_number_of_slots(world, call):
    """G9: as many statements for 1 time slot as for 20; all of them are due afterwards."""
    call.key(world.admin)
    world.time_slot()
    statements_of_a_change(world, call, timezone="Europe/London")  # its first build
    for_one = statements_of_a_change(world, call, timezone="Europe/Madrid")
    for number in range(19):
        world.time_slot(starting_at=100 + number, ending_at=200 + number)
    statements_of_a_change(world, call, timezone="Europe/London")
    before = list(world.cohort.time_slots.values_list("revision", flat=True))
    assert statements_of_a_change(world, call, timezone="America/Bogota") == for_one
    assert list(world.cohort.time_slots.values_list("revision", flat=True)) == [number + 1 for number in before]
