"""What makes a time slot due to be built, and what does not (rules G9, G12, G13)."""

import datetime

import pytest
import time_machine
from django.test import TestCase

from breathecode.admissions.models import Cohort, CohortTimeSlot, Holiday
from breathecode.events.models import LiveClass
from breathecode.schedules.domain.generation import BuildResult, build_time_slot, due_time_slot_ids
from breathecode.schedules.tasks import build_due_live_classes

UTC = datetime.UTC
NOW = datetime.datetime(2025, 1, 10, 12, tzinfo=UTC)
DAY = datetime.timedelta(days=1)
COHORT_CHANGES = {
    "kickoff_date": datetime.date(2025, 1, 16),
    "ending_date": datetime.date(2025, 7, 30),
    "never_ends": True,
    "stage": "DELETED",
    "timezone": "Europe/Madrid",
    "online_meeting_url": "https://zoom.us/j/other",
}
SLOT_CHANGES = {
    "starting_at": 1300,
    "ending_at": 1700,
    "timezone": "Europe/Madrid",
    "recurrent": False,
    "recurrency_type": "DAILY",
    "starts_on": datetime.date(2025, 2, 1),
    "weekdays": ["MO"],
    "interval": 2,
    "removed_at": NOW,
}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def slot(world):
    """A slot of the cohort, built."""
    slot = world.time_slot()
    build_time_slot(time_slot_id=slot.pk, now=NOW)
    slot.refresh_from_db()
    return slot


def due():
    return due_time_slot_ids(now=NOW)


def cohort_change(name):
    extra = {"ending_date": None} if name == "never_ends" else {}
    return {name: COHORT_CHANGES[name], **extra}


@pytest.mark.parametrize("name", COHORT_CHANGES)
@pytest.mark.parametrize("way", ["save", "save some", "queryset", "bulk"])
def test_a_change_of_the_cohort(world, slot, name, way):
    """G9: dates, stage, zone and link, by whatever way they change, leave its time slots due; others' not."""
    other = world.time_slot(cohort=world.other_cohort)
    build_time_slot(time_slot_id=other.pk, now=NOW)
    assert due() == []
    fields = cohort_change(name)
    cohort = Cohort.objects.get(pk=world.cohort.pk)
    for field, value in fields.items():
        setattr(cohort, field, value)
    if way == "save":
        cohort.save()
    elif way == "save some":
        cohort.save(update_fields=list(fields))
    elif way == "queryset":
        Cohort.objects.filter(slug="web-dev").update(**fields)
    else:
        Cohort.objects.bulk_update([cohort], list(fields))
    assert due() == [slot.pk]


@pytest.mark.parametrize("name", COHORT_CHANGES)
def test_a_change_of_the_cohort_through_the_api(world, slot, call, name):
    """G9, P2: each field makes its time slots due and is built in the request, before anything is queued."""
    revision = CohortTimeSlot.objects.get(pk=slot.pk).revision
    fields = cohort_change(name)
    body = {field: str(value) if isinstance(value, datetime.date) else value for field, value in fields.items()}
    url = f"/v1/admissions/academy/cohort/{slot.cohort_id}"
    with TestCase.captureOnCommitCallbacks():
        call.client.put(url, body, format="json", headers=call.headers(world.admin, world.miami))
    built = CohortTimeSlot.objects.get(pk=slot.pk)
    assert built.revision > revision
    assert (due(), built.built_revision) == ([], built.revision)


def test_a_change_of_the_academy(world, slot):
    """G9, G13: another academy has other holidays."""
    cohort = Cohort.objects.get(pk=world.cohort.pk)
    cohort.academy = world.madrid
    cohort.save()
    assert due() == [slot.pk]


@pytest.mark.parametrize("name", SLOT_CHANGES)
@pytest.mark.parametrize("way", ["save", "save some", "queryset", "bulk"])
def test_a_change_of_the_slot(world, slot, name, way):
    """G9: each field that the schedule is made of leaves the slot due."""
    setattr(slot, name, SLOT_CHANGES[name])
    if way == "save":
        slot.save()
    elif way == "save some":
        slot.save(update_fields=[name])
    elif way == "queryset":
        CohortTimeSlot.objects.filter(pk=slot.pk).update(**{name: SLOT_CHANGES[name]})
    else:
        CohortTimeSlot.objects.bulk_update([slot], [name])
    assert due() == [slot.pk]


def test_a_slot_given_to_another_cohort(world, slot):
    """G9: by object and by id."""
    slot.cohort = world.other_cohort
    slot.save()
    assert due() == [slot.pk]
    build_time_slot(time_slot_id=slot.pk, now=NOW)
    slot.cohort_id = world.cohort.pk
    slot.save(update_fields=["cohort_id"])
    assert due() == [slot.pk]


def test_what_the_schedule_is_not_made_of(world, slot):
    """G8, G9: a save that changes nothing, or nothing of the schedule, raises no revision."""
    slot.save()
    cohort = Cohort.objects.get(pk=world.cohort.pk)
    cohort.save()
    cohort.name = "Another name"
    cohort.current_day = 7
    cohort.save()
    Cohort.objects.update(name="A third", current_day=3)
    assert due() == []
    slot.refresh_from_db()
    assert slot.revision == slot.built_revision == 1


def test_dates_given_as_text_are_the_dates_they_say(world, slot):
    """G8: what a shell or a script assigns is compared as the column would hold it."""
    cohort = Cohort.objects.get(pk=world.cohort.pk)
    cohort.kickoff_date = "2025-01-15"
    cohort.save()
    assert due() == []
    cohort.kickoff_date = "2025-01-22"
    cohort.save()
    assert due() == [slot.pk]


def test_a_stale_instance_keeps_the_bookkeeping(world):
    """G9: an instance loaded before the build saves neither its old revisions nor makes the slot due."""
    slot = world.time_slot()
    stale = CohortTimeSlot.objects.get(pk=slot.pk)
    build_time_slot(time_slot_id=slot.pk, now=NOW)
    stale.save()
    slot.refresh_from_db()
    assert (slot.revision, slot.built_revision, slot.first_built_at) == (1, 1, NOW)
    assert due() == []
    CohortTimeSlot.objects.filter(pk=slot.pk).update(starting_at=1300)
    stale.save()  # puts 1400 back: a change
    slot.refresh_from_db()
    assert (slot.starting_at, slot.revision, slot.built_revision) == (1400, 3, 1)


def test_a_stale_instance_that_saves_one_field(world, slot):
    """G8: only the fields that are saved are compared with the row."""
    stale = CohortTimeSlot.objects.get(pk=slot.pk)
    CohortTimeSlot.objects.filter(pk=slot.pk).update(starting_at=1300)
    build_time_slot(time_slot_id=slot.pk, now=NOW)
    stale.interval = 1
    stale.save(update_fields=["interval"])
    assert due() == []


def test_classes_version_survives_a_stale_cohort(world):
    """O2: what tells cached lists that they are old is never taken back."""
    stale = Cohort.objects.get(pk=world.cohort.pk)
    build_time_slot(time_slot_id=world.time_slot().pk, now=NOW)
    stale.name = "Another name"
    stale.save()
    assert Cohort.objects.get(pk=world.cohort.pk).classes_version >= 1


def test_nothing_is_queued_where_nothing_was_saved(world):
    """G9: a transaction that is rolled back queues no build; one that commits queues one for each save."""
    with TestCase.captureOnCommitCallbacks() as queued:
        slot = world.time_slot()
    assert len(queued) == 1
    with TestCase.captureOnCommitCallbacks() as queued, pytest.raises(ZeroDivisionError):  # noqa: PT012
        from django.db import transaction

        with transaction.atomic():
            slot.starting_at = 1300
            slot.save()
            world.cohort.save()
            Holiday.objects.create(academy=world.miami, name="Recess", starts_on=NOW.date(), ends_on=NOW.date())
            raise ZeroDivisionError
    assert queued == []


# --- G12 ---


@pytest.fixture
def endless(world):
    """A daily slot in Auckland, 13 hours ahead of UTC, in a cohort that never ends."""
    Cohort.objects.filter(pk=world.cohort.pk).update(never_ends=True, ending_date=None)
    return world.time_slot(recurrency_type="DAILY", timezone="Pacific/Auckland")


def last_date():
    return LiveClass.objects.latest("planned_date").planned_date


def test_the_rolling_horizon(world, endless, settings):
    """G12: built for 180 days from the slot's today, and one more with each day that its own zone begins."""
    build_time_slot(time_slot_id=endless.pk, now=NOW)  # 01:00 on the 11th in Auckland
    assert last_date() == datetime.date(2025, 1, 11) + 180 * DAY
    for hours in range(11):
        assert due_time_slot_ids(now=NOW + datetime.timedelta(hours=hours)) == []
    for day in range(1, 4):
        now = datetime.datetime(2025, 1, 10 + day, 11, tzinfo=UTC)  # midnight in Auckland
        assert due_time_slot_ids(now=now - datetime.timedelta(seconds=1)) == []
        assert due_time_slot_ids(now=now) == [endless.pk]
        assert build_time_slot(time_slot_id=endless.pk, now=now) == BuildResult(created=1)
        assert last_date() == datetime.date(2025, 1, 11 + day) + 180 * DAY
        assert due_time_slot_ids(now=now) == []


def test_the_horizon_is_a_setting(endless, settings):
    """G12: in days."""
    settings.GENERATION_HORIZON_DAYS = 10
    assert build_time_slot(time_slot_id=endless.pk, now=NOW).created == 7  # from the kickoff on the 15th
    settings.GENERATION_HORIZON_DAYS = 12
    assert due() == [endless.pk]


def test_the_sweep_extends_it(endless, clock):
    """G12: nobody needs to save anything."""
    build_due_live_classes()
    clock.shift(30 * DAY)
    assert build_due_live_classes() == 1
    assert last_date() == datetime.date(2025, 2, 10) + 180 * DAY


@pytest.mark.parametrize("end", ["removed", "deleted", "ending date"])
def test_what_is_extended_no_more(world, endless, end, clock):
    """G12: a slot that was removed, or whose cohort was deleted or got an end, is left alone from then on."""
    build_due_live_classes()
    if end == "removed":
        CohortTimeSlot.objects.filter(pk=endless.pk).update(removed_at=NOW)
    elif end == "deleted":
        Cohort.objects.update(stage="DELETED")
    else:
        Cohort.objects.update(never_ends=False, ending_date="2025-03-01")
    assert build_due_live_classes() == 1
    clock.shift(3 * DAY)
    assert build_due_live_classes() == 0


# --- G13 ---


def closed(world, **fields):
    given = {"academy": world.miami, "name": "Spring recess", "starts_on": "2025-03-31", "ends_on": "2025-04-04"}
    return Holiday.objects.create(**{**given, **fields})


def cancelled():
    found = LiveClass.objects.filter(cancelled_at__isnull=False).order_by("planned_date")
    return [(str(row.planned_date), row.cancel_reason, row.cancelled_by_schedule) for row in found]


def build(slot):
    return build_time_slot(time_slot_id=slot.pk, now=NOW)


def test_a_holiday_added_later(world, slot):
    """G13: the coming class on it is cancelled with its name as the reason, and returns with the same id."""
    before = list(LiveClass.objects.order_by("id").values_list("id", "hash"))
    recess = closed(world)
    assert due() == [slot.pk]
    assert build(slot) == BuildResult(cancelled=1)
    assert cancelled() == [("2025-04-02", "Spring recess", True)]
    recess.delete()
    assert due() == [slot.pk]
    assert build(slot) == BuildResult(restored=1)
    assert cancelled() == []
    assert list(LiveClass.objects.order_by("id").values_list("id", "hash")) == before


def test_a_holiday_before_the_first_build(world):
    """G13: its days give no class at all; removed, they come, as far as they are coming."""
    recess = closed(world)
    slot = world.time_slot()
    assert build(slot) == BuildResult(created=23)
    recess.delete()
    assert build(slot) == BuildResult(created=1)


def test_a_holiday_in_the_past(world, slot):
    """G13, G5: classes that took place stay as they were."""
    closed(world)
    later = datetime.datetime(2025, 4, 3, tzinfo=UTC)
    assert build_time_slot(time_slot_id=slot.pk, now=later) == BuildResult()


def test_whom_a_holiday_concerns(world, slot):
    """G13: an academy's concerns its cohorts, a cohort's that cohort alone; another academy's nobody here."""
    sister = Cohort.objects.create(
        academy=world.miami, slug="sister", name="Sister", kickoff_date="2025-01-15", ending_date="2025-06-30",
        stage="STARTED",
    )  # fmt: skip
    sisters = world.time_slot(cohort=sister)
    build(sisters)
    closed(world, academy=world.madrid)
    assert due() == []
    closed(world, cohort=sister, name="Trip")
    assert due() == [sisters.pk]
    assert build(slot) == BuildResult()
    assert build(sisters) == BuildResult(cancelled=1)
    closed(world, starts_on="2025-05-07", ends_on="2025-05-07")
    assert due() == [slot.pk, sisters.pk]
    assert [build(slot), build(sisters)] == [BuildResult(cancelled=1)] * 2


@pytest.mark.parametrize("way", ["save", "queryset"])
def test_a_holiday_that_moves(world, slot, way):
    """G13: new dates, a new name or another cohort concern those whom it left and those whom it found."""
    recess = closed(world)
    build(slot)
    fields = {"name": "Easter", "starts_on": datetime.date(2025, 4, 14), "ends_on": datetime.date(2025, 4, 18)}
    change(recess, fields, way)
    assert build(slot) == BuildResult(cancelled=1, restored=1)
    assert cancelled() == [("2025-04-16", "Easter", True)]
    change(recess, {"name": "Holy week"}, way)
    assert build(slot) == BuildResult(cancelled=1)
    assert cancelled() == [("2025-04-16", "Holy week", True)]
    change(recess, {"academy_id": world.madrid.pk}, way)
    assert due() == [slot.pk]
    assert build(slot) == BuildResult(restored=1)


def change(holiday, fields, way):
    if way == "queryset":
        Holiday.objects.filter(pk=holiday.pk).update(**fields)
        return
    for name, value in fields.items():
        setattr(holiday, name, value)
    holiday.save()


def test_holidays_written_in_bulk(world, slot):
    """G13: the admin's action deletes through a queryset, an import creates through one."""
    Holiday.objects.bulk_create(
        Holiday(academy=world.miami, name=f"Closed {month}", starts_on=f"2025-0{month}-05", ends_on=f"2025-0{month}-05")
        for month in (2, 3)
    )
    assert due() == [slot.pk]
    assert build(slot) == BuildResult(cancelled=2)
    Holiday.objects.filter(academy=world.miami).delete()
    assert due() == [slot.pk]
    assert build(slot) == BuildResult(restored=2)


def test_a_class_that_staff_cancelled_on_a_holiday(world, slot):
    """G13, G7: its reason stays, and the holiday's end does not bring it back."""
    LiveClass.objects.filter(planned_date="2025-04-02").update(cancelled_at=NOW, cancel_reason="Ill")
    recess = closed(world)
    assert build(slot) == BuildResult()
    recess.delete()
    assert build(slot) == BuildResult()
    assert cancelled() == [("2025-04-02", "Ill", False)]


def test_a_saved_holiday_queues_its_builds(world, slot, django_capture_on_commit_callbacks):
    """G9, G13: added and removed, it is built after the commit without anybody's help."""
    with django_capture_on_commit_callbacks(execute=True):
        recess = closed(world)
    assert len(cancelled()) == 1
    with django_capture_on_commit_callbacks(execute=True):
        recess.delete()
    assert cancelled() == []
