"""From time slots to live classes, through the database."""

import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import TestCase

from breathecode.events.domain.generation import build_time_slot
from breathecode.events.models import LiveClass

NEW_YORK = ZoneInfo("America/New_York")
BEFORE_KICKOFF = datetime.datetime(2025, 1, 10, 12, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(BEFORE_KICKOFF, tick=False) as clock:
        yield clock


def test_the_documents_example(world):
    """G1, G2: the document's cohort and slot give its 24 Wednesdays, 14:00 in New York before and after 9 March."""
    slot = world.time_slot()
    result = build_time_slot(time_slot_id=slot.pk, now=BEFORE_KICKOFF)
    starts = [row.starting_at.astimezone(NEW_YORK) for row in LiveClass.objects.order_by("starting_at")]
    assert result.created == len(starts) == 24
    assert [start.date() for start in starts] == [
        datetime.date(2025, 1, 15) + datetime.timedelta(weeks=week) for week in range(24)
    ]
    assert {start.strftime("%A %H:%M") for start in starts} == {"Wednesday 14:00"}


def test_saving_a_time_slot_builds_it_after_the_commit(world):
    """G9: nothing is built before the commit, and the build needs no further call."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        world.time_slot()
        assert LiveClass.objects.count() == 0
    assert LiveClass.objects.count() == 24
