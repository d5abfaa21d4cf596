"""`diagnose_live_classes`: why are there no classes? (rules C2, T4)."""

import datetime

import pytest
import time_machine
import tzdata
from django.core.management import call_command

from breathecode.admissions.models import Cohort, CohortTimeSlot, Holiday
from breathecode.common.tasks import record_periodic_run
from breathecode.events.models import LiveClass
from breathecode.schedules.domain.generation import build_time_slot

NOW = datetime.datetime(2025, 1, 10, 12, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def beating(db):
    """The periodic tasks have just run."""
    record_periodic_run()


def diagnose(capsys, name="web-dev"):
    call_command("diagnose_live_classes", name)
    return capsys.readouterr().out.splitlines()


def test_a_cohort_that_is_well(world, capsys):
    """C2: nothing to find, and nothing written by looking."""
    slot = world.time_slot()
    build_time_slot(time_slot_id=slot.pk, now=NOW)
    before = list(LiveClass.objects.values())
    assert diagnose(capsys) == [
        f"Cohort {world.cohort.pk} web-dev of Downtown Miami: stage STARTED,",
        "  kickoff 2025-01-15, ends 2025-06-30, zone America/New_York,",
        "  meeting link set",
        f"  Time slot {slot.pk} (WEEKLY 1400-1600 America/New_York): 24 classes, 24 to come",
        "Parts: database ok, beat ok, mail ok, cache ok, broker ok",
        f"Time zone data: {tzdata.IANA_VERSION}",
        "1 cohorts: 0 problems found.",
    ]
    assert list(LiveClass.objects.values()) == before


@pytest.mark.parametrize(
    ("fields", "issue"),
    [
        ({"kickoff_date": None}, "cohort-without-kickoff-date"),
        ({"ending_date": None}, "cohort-without-ending-date"),
        ({"kickoff_date": "2024-01-01", "ending_date": "2025-01-09"}, "cohort-ended"),
        ({"stage": "PREWORK"}, "cohort-in-prework"),
        ({"stage": "DELETED"}, "cohort-deleted"),
        ({"kickoff_date": "2026-01-15", "ending_date": None, "never_ends": True}, "starts-beyond-the-horizon"),
        ({"kickoff_date": "2025-01-16", "ending_date": "2025-01-17"}, "starts-after-the-end"),
    ],
)
def test_every_issue(world, capsys, fields, issue):
    """T4: each reason in a sentence, with the slug that the API gives."""
    slot = world.time_slot(weekdays=["WE"])
    Cohort.objects.filter(pk=world.cohort.pk).update(**fields)
    build_time_slot(time_slot_id=slot.pk, now=NOW)
    lines = diagnose(capsys)
    assert lines[4].startswith(f"  {issue}: ")
    assert lines[-1] == "1 cohorts: 1 problems found."


def test_what_waits_to_be_built(world, capsys):
    """C2: how far the classes are from the schedule, in numbers."""
    slot = world.time_slot()
    lines = diagnose(capsys)
    assert lines[4] == "    a build would make 24, move 0, delete 0, cancel 0 and restore 0"
    assert lines[5].startswith(f"  never-built: Time slot {slot.pk} (WEEKLY 1400-1600 America/New_York) has not been")
    build_time_slot(time_slot_id=slot.pk, now=NOW)
    Holiday.objects.create(academy=world.miami, name="Recess", starts_on="2025-03-31", ends_on="2025-04-04")
    CohortTimeSlot.objects.filter(pk=slot.pk).update(starting_at=1300)
    lines = diagnose(capsys)
    assert lines[4] == "    a build would make 0, move 24, delete 0, cancel 1 and restore 0"
    assert lines[5].startswith("  waits-to-be-built: ")


def test_what_people_forget(world, capsys):
    """C2: no time slots, and no link to join by."""
    Cohort.objects.filter(pk=world.cohort.pk).update(online_meeting_url="")
    lines = diagnose(capsys)
    assert lines[2] == "  meeting link not set"
    assert [line.split(": ")[0] for line in lines[3:5]] == [
        "  cohort-without-time-slots",
        "  cohort-without-meeting-url",
    ]
    assert lines[-1] == "1 cohorts: 2 problems found."


def test_a_removed_slot_and_an_endless_cohort(world, capsys):
    """C2: both are said."""
    slot = world.time_slot(removed_at=NOW)
    Cohort.objects.filter(pk=world.cohort.pk).update(ending_date=None, never_ends=True)
    lines = diagnose(capsys)
    assert "ends never" in lines[1]
    assert lines[3].startswith(
        f"  Time slot {slot.pk} (WEEKLY 1400-1600 America/New_York, removed 2025-01-10): 0 classes"
    )
