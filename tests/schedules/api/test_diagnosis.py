"""`…/cohort/{cohort}/schedule/diagnosis`: why are there no classes? (rule P7)."""

import datetime

import pytest
import time_machine
from django.core.management import call_command

from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser, Holiday
from breathecode.common.tasks import record_periodic_run
from breathecode.events.domain.lifecycle import restore_class
from breathecode.events.models import LiveClass
from breathecode.schedules.domain import findings
from breathecode.schedules.domain.generation import build_time_slot
from tests.support.client import error
from tests.support.queries import captured_queries

NOW = datetime.datetime(2025, 1, 10, 12, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def _background_tasks(db, _clock):
    record_periodic_run()


@pytest.fixture
def diagnose(world, call):
    """The findings; the command says the same."""

    def ask(cohort=None, **headers):
        cohort = cohort or world.cohort
        url = f"/v1/admissions/academy/cohort/{cohort.slug}/schedule/diagnosis"
        answer = call("GET", url, as_=world.reader, academy=world.miami, headers=headers)
        assert answer.status_code == 200
        assert set(answer.json()) == {"findings"}
        return answer.json()["findings"]

    return ask


@pytest.fixture
def slugs(diagnose):
    return lambda: [found["slug"] for found in diagnose()]


def build(*slots):
    for slot in slots:
        build_time_slot(time_slot_id=slot.pk, now=NOW)


def change(world, **fields):
    Cohort.objects.filter(pk=world.cohort.pk).update(**fields)


def test_all_is_well(world, diagnose):
    """P7: nothing to find, also beside a time slot that was removed."""
    build(world.time_slot(weekdays=["MO", "WE"]), world.time_slot(removed_at=NOW))
    assert diagnose() == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"kickoff_date": None}, ["cohort-without-kickoff-date"]),
        ({"ending_date": None}, ["cohort-without-ending-date"]),
        ({"stage": "PREWORK", "kickoff_date": None}, ["cohort-in-prework", "cohort-without-kickoff-date"]),
        ({"kickoff_date": "2024-01-01", "ending_date": "2025-01-09"}, ["cohort-ended"]),
        ({"kickoff_date": "2024-01-01", "ending_date": "2025-01-09", "online_meeting_url": ""}, ["cohort-ended"]),
        ({"stage": "DELETED", "online_meeting_url": ""}, ["cohort-deleted"]),
        ({"kickoff_date": "2025-01-16", "ending_date": "2025-01-17"}, ["starts-after-the-end"]),
        (
            {"kickoff_date": "2026-01-15", "ending_date": None, "never_ends": True},
            ["starts-beyond-the-horizon"],
        ),
        ({"kickoff_date": "2024-12-02", "ending_date": "2025-01-12"}, ["no-dates-left"]),
        ({"timezone": "Europe/Madrid"}, ["timezone-differs-from-cohort"]),
        ({"online_meeting_url": ""}, ["cohort-without-meeting-url"]),
    ],
)
def test_what_the_cohort_lacks(world, slugs, fields, expected):
    """P7, T4: each reason."""
    slot = world.time_slot(weekdays=["WE"])
    change(world, **fields)
    build(slot)
    assert slugs() == expected


def test_a_finding_in_words(world, diagnose):
    """P7: what was found, and what to do about it."""
    change(world, kickoff_date="2024-01-01", ending_date="2025-01-09")
    build(world.time_slot())
    assert diagnose() == [
        {
            "slug": "cohort-ended",
            "detail": "The cohort ended on Jan. 9, 2025.",
            "what_to_do": "Set a later ending_date if the cohort goes on.",
        }
    ]
    assert diagnose(**{"Accept-Language": "es"})[0]["detail"] == "La cohorte terminó el 9 de enero de 2025."


def test_time_slots_that_are_missing(world, slugs):
    """P7: none at all, or none any more."""
    assert slugs() == ["cohort-without-time-slots"]
    build(world.time_slot(removed_at=NOW))
    assert slugs() == ["time-slots-removed"]


def test_what_is_not_built(world, slugs):
    """P7, G9: never, or not since a change; the end of a time slot waits too."""
    slot = world.time_slot()
    assert slugs() == ["never-built"]
    build(slot)
    CohortTimeSlot.objects.filter(pk=slot.pk).update(starting_at=1300)
    assert slugs() == ["waits-to-be-built"]
    build(slot)
    CohortTimeSlot.objects.filter(pk=slot.pk).update(removed_at=NOW)
    assert slugs() == ["time-slots-removed", "waits-to-be-built"]


def test_nobody_builds_it(world, diagnose):
    """P7: a change waits, and the background tasks are silent; where nothing waits, that is no finding."""
    slot = world.time_slot()
    with time_machine.travel(NOW + datetime.timedelta(minutes=50), tick=False):
        assert [found["slug"] for found in diagnose()] == ["never-built", "queue-backlog"]
        assert diagnose()[1]["detail"].startswith("Background tasks have not run for 50 minutes")
        build(slot)
        assert diagnose() == []


def test_background_tasks_that_never_ran(world, slugs):
    """P7: on a new installation."""
    from breathecode.common.models import PeriodicRun

    PeriodicRun.objects.all().delete()
    world.time_slot()
    assert slugs() == ["never-built", "background-tasks-never-ran"]


def test_old_zone_data(world, diagnose, settings):
    """P7, G16: the classes were built with older rules, or another server has newer ones."""
    slot = world.time_slot()
    build(slot)
    CohortTimeSlot.objects.filter(pk=slot.pk).update(zone_data_version="2020a")
    found = diagnose()
    assert [row["slug"] for row in found] == ["old-zone-data"]
    assert f"(2020a) than is installed now ({settings.TIME_ZONE_DATA_VERSION})" in found[0]["detail"]
    CohortTimeSlot.objects.filter(pk=slot.pk).update(zone_data_version="2999a")
    assert [row["slug"] for row in diagnose()] == ["old-zone-data-on-server"]


def test_holidays(world, diagnose, slugs):
    """P7, G13: all dates, or the next one; not where staff restored that class (G15)."""
    slot = world.time_slot()
    holiday = Holiday.objects.create(academy=world.miami, name="Recess", starts_on="2025-01-01", ends_on="2025-07-01")
    build(slot)
    assert slugs() == ["only-on-holidays"]
    holiday.ends_on = datetime.date(2025, 1, 15)
    holiday.save()
    build(slot)
    found = diagnose()
    assert [row["slug"] for row in found] == ["covered-by-holiday"]
    assert found[0]["detail"].endswith("has no class on Jan. 15, 2025: Recess.")
    closed = LiveClass.objects.create(
        cohort_time_slot=slot,
        planned_date="2025-01-15",
        starting_at="2025-01-15T19:00Z",
        ending_at="2025-01-15T21:00Z",
        cancelled_at=NOW,
        cancelled_by_schedule=True,
    )
    assert slugs() == ["covered-by-holiday"]
    restore_class(closed.pk, now=NOW, within=LiveClass.objects.all())
    assert slugs() == []


def test_a_weekday_without_occurrences(world, diagnose):
    """P7, T3: the cohort meets from Wednesday to Friday of one week."""
    change(world, kickoff_date="2025-01-15", ending_date="2025-01-17")
    build(world.time_slot(weekdays=["TU", "WE", "SU"]))
    found = diagnose()
    assert [row["slug"] for row in found] == ["weekday-without-occurrences"]
    assert found[0]["detail"].endswith("has no date on these weekdays: Tuesday, Sunday.")


def test_what_nothing_can_be_built_of(world, slugs):
    """P7: a row that was written behind the API's back."""
    slot = world.time_slot()
    build(slot)
    CohortTimeSlot.objects.filter(pk=slot.pk).update(weekdays=["XX"])
    assert slugs() == ["time-slot-cannot-be-built", "waits-to-be-built"]


def test_a_cohort_without_a_teacher(world, slugs):
    """P7: an assistant is not enough."""
    build(world.time_slot())
    CohortUser.objects.filter(cohort=world.cohort, role="TEACHER").delete()
    assert slugs() == ["cohort-without-teacher"]


def test_links_of_their_own(world, slugs):
    """P7, G14: no finding where each coming class has one."""
    change(world, online_meeting_url="", ending_date="2025-01-22")
    build(world.time_slot())
    first, last = LiveClass.objects.order_by("starting_at")
    LiveClass.objects.filter(pk=first.pk).update(remote_meeting_url="https://zoom.us/j/1")
    assert slugs() == ["cohort-without-meeting-url"]
    LiveClass.objects.filter(pk=last.pk).update(cancelled_at=NOW)
    assert slugs() == []


def test_the_command_says_the_same(world, diagnose, capsys):
    """P7: slug, detail and what to do, line by line."""
    world.time_slot(timezone="Europe/Madrid")
    change(world, stage="PREWORK", online_meeting_url="")
    found = diagnose()
    assert len(found) == 4
    call_command("diagnose_live_classes", "web-dev")
    lines = capsys.readouterr().out.splitlines()
    for row in found:
        assert f"  {row['slug']}: {row['detail']} {row['what_to_do']}" in lines


@pytest.mark.parametrize("slots", [1, 12])
def test_as_many_statements_for_many(world, diagnose, slots):
    """P7: the token, the cohort, its time slots, holidays, background tasks, teacher and links."""
    change(world, online_meeting_url="")
    for hour in range(slots):
        world.time_slot(starting_at=100 * hour, ending_at=100 * hour + 30)
    Holiday.objects.create(academy=world.miami, name="Recess", starts_on="2025-01-15", ends_on="2025-01-15")
    diagnose()  # signs in
    with captured_queries() as statements:
        found = diagnose()
    assert len(found) == 2 * slots + 1
    assert len(statements) == 7


def test_who_may_ask(world, call):
    """P7, H4: who may read the cohort's time slots; by id or slug, and of the own academy alone."""
    url = "/v1/admissions/academy/cohort/{}/schedule/diagnosis"
    for name in (world.cohort.pk, world.cohort.slug):
        assert call("GET", url.format(name), as_=world.reader, academy=world.miami).status_code == 200
    for name in (world.other_cohort.pk, world.other_cohort.slug, "none", 2**64):
        assert error(call("GET", url.format(name), as_=world.admin, academy=world.miami)) == (404, "not-found")
    theirs = call("GET", url.format("web-dev"), as_=world.student, academy=world.miami)
    assert error(theirs) == (403, "not-academy-member")


def test_each_finding_can_be_written():
    """P7: every text of the table can be filled."""
    values = dict.fromkeys(
        ("date", "time_slot", "days", "holiday", "weekdays", "notice", "built", "installed", "minutes"), 1
    )
    for slug in findings._TEXTS:
        found = findings.finding(slug, **values)
        assert all(found.values())
