"""What the schedule wants of an occurrence now: builds, restored classes and the past (G5, G6, G12, G15)."""

import datetime

import pytest
import time_machine

from breathecode.admissions.models import Cohort, CohortTimeSlot, Holiday
from breathecode.events.models import LiveClass
from breathecode.feedback.domain.survey_mails import classes_to_ask_about
from breathecode.feedback.models import FeedbackSettings
from breathecode.schedules.domain.generation import BuildResult, build_time_slot, due_time_slot_ids

UTC = datetime.UTC
NOW = datetime.datetime(2025, 3, 5, 17, tzinfo=UTC)  # Wednesday noon in New York, two hours before its class
TODAY, NEXT_WEEK = datetime.date(2025, 3, 5), datetime.date(2025, 3, 12)
CLASSES = "/v1/events/academy/event/liveclass"
COHORT = "/v1/admissions/academy/cohort/web-dev"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def staff(call, world):
    """Calls as Miami's coordinator."""

    def as_staff(method, path, body=None, status=200):
        response = call(method, path, as_=world.coordinator, academy=world.miami, body=body)
        assert response.status_code == status, response.content
        return response

    return as_staff


@pytest.fixture
def slot(world):
    """Wednesdays, 14:00 to 16:00 in New York; the classes of eight weeks are past."""
    slot = world.time_slot()
    build(slot)
    return slot


def build(slot, now=NOW):
    return build_time_slot(time_slot_id=slot.pk, now=now)


def planned_on(day):
    return LiveClass.objects.get(planned_date=day)


def hours_of(day):
    """When the class of this day is, in UTC."""
    row = planned_on(day)
    return f"{row.starting_at:%m-%d %H:%M}-{row.ending_at:%H:%M}"


def test_hours_that_are_over_today_leave_the_class_where_it_was(staff, slot):
    """G6: today's class, moved to this morning and back again: the same id, hash and link all the time."""
    before = LiveClass.objects.filter(planned_date=TODAY).values("id", "hash", "starting_at", "sequence").get()
    path = f"{COHORT}/timeslot/{slot.pk}"
    staff("PUT", path, {"starting_at": 900, "ending_at": 1100})
    assert LiveClass.objects.filter(planned_date=TODAY).values("id", "hash", "starting_at", "sequence").get() == before
    assert hours_of(NEXT_WEEK) == "03-12 13:00-15:00"
    assert build(slot) == BuildResult()
    staff("PUT", path, {"starting_at": 1500, "ending_at": 1600})
    assert hours_of(TODAY) == "03-05 20:00-21:00"
    assert planned_on(TODAY).hash == before["hash"]


def test_a_removed_slot_has_no_class_tonight(staff, slot):
    """T5, G6: also where its hours had been moved to this morning, and the class had stayed."""
    path = f"{COHORT}/timeslot/{slot.pk}"
    staff("PUT", path, {"starting_at": 900, "ending_at": 1100})
    staff("DELETE", path)
    assert LiveClass.objects.filter(starting_at__gt=NOW).count() == 0


def test_restored_at_the_hours_of_now(staff, slot):
    """G15: in the answer itself, with one step of SEQUENCE; the next build finds nothing to do."""
    row = planned_on(NEXT_WEEK)
    staff("POST", f"{CLASSES}/{row.pk}/cancel", {"reason": "Ill"})
    staff("PUT", f"{COHORT}/timeslot/{slot.pk}", {"starting_at": 1700, "ending_at": 1900})
    assert hours_of(NEXT_WEEK) == "03-12 18:00-20:00"
    answer = staff("POST", f"{CLASSES}/{row.pk}/restore").json()
    assert (answer["starting_at"], answer["ending_at"]) == ("2025-03-12T21:00:00Z", "2025-03-12T23:00:00Z")
    assert planned_on(NEXT_WEEK).sequence == row.sequence + 2
    assert build(slot) == BuildResult()


def test_restored_where_staff_had_put_it(staff, slot):
    """G15, W4: a class moved by hand keeps its place."""
    row = planned_on(NEXT_WEEK)
    body = {"starting_at": "2025-03-13T10:00:00Z", "ending_at": "2025-03-13T11:00:00Z"}
    staff("PUT", f"{CLASSES}/{row.pk}", body)
    staff("POST", f"{CLASSES}/{row.pk}/cancel", {"reason": "Ill"})
    assert staff("POST", f"{CLASSES}/{row.pk}/restore").json()["starting_at"] == body["starting_at"]


def test_restored_where_the_new_hours_are_over(staff, slot):
    """G15, G6: it stays where it was, for a restore as for a build."""
    row = planned_on(TODAY)
    staff("POST", f"{CLASSES}/{row.pk}/cancel", {"reason": "Ill"})
    staff("PUT", f"{COHORT}/timeslot/{slot.pk}", {"starting_at": 900, "ending_at": 1100})
    assert staff("POST", f"{CLASSES}/{row.pk}/restore").json()["starting_at"] == "2025-03-05T19:00:00Z"
    assert build(slot) == BuildResult()


@pytest.mark.parametrize("first", ["cancelled by staff", "cancelled by the holiday"])
def test_restored_on_a_closed_date_it_stays(world, staff, slot, first):
    """G15: the word of a person beats a holiday, also one that is renamed, moved, removed and added again."""
    row = planned_on(NEXT_WEEK)
    if first == "cancelled by staff":
        staff("POST", f"{CLASSES}/{row.pk}/cancel", {"reason": "Ill"})
    url, body = "/v1/admissions/academy/holiday", {"name": "Snow", "starts_on": "2025-03-12", "ends_on": "2025-03-12"}
    holiday = staff("POST", url, body, status=201).json()["id"]
    assert planned_on(NEXT_WEEK).status == "CANCELLED"
    staff("POST", f"{CLASSES}/{row.pk}/restore")
    changes = (
        ("PUT", f"{url}/{holiday}", {"name": "Storm", "ends_on": "2025-03-14"}, 200),
        ("PUT", f"{COHORT}/timeslot/{slot.pk}", {"interval": 1}, 200),
        ("DELETE", f"{url}/{holiday}", None, 200),
        ("POST", url, body, 201),
    )
    for method, path, sent, status in changes:
        staff(method, path, sent, status=status)
        found = planned_on(NEXT_WEEK)
        assert (found.pk, found.status, hours_of(NEXT_WEEK)) == (row.pk, "SCHEDULED", "03-12 18:00-20:00"), path
    assert build(slot) == BuildResult()


def test_restored_on_an_open_date_a_later_holiday_counts(world, staff, slot):
    """G13, G15: nobody has said anything against a holiday that did not exist."""
    row = planned_on(NEXT_WEEK)
    staff("POST", f"{CLASSES}/{row.pk}/cancel", {"reason": "Ill"})
    staff("POST", f"{CLASSES}/{row.pk}/restore")
    Holiday.objects.create(academy=world.miami, name="Snow", starts_on=NEXT_WEEK, ends_on=NEXT_WEEK)
    assert build(slot) == BuildResult(cancelled=1)


def test_restored_on_a_date_that_the_schedule_lost(staff, slot):
    """G15, G7: staff have decided: it is not deleted again."""
    row = planned_on(NEXT_WEEK)
    staff("POST", f"{CLASSES}/{row.pk}/cancel", {"reason": "Ill"})
    staff("PUT", f"{COHORT}/timeslot/{slot.pk}", {"weekdays": ["MO"]})
    staff("POST", f"{CLASSES}/{row.pk}/restore")
    assert build(slot) == BuildResult()
    assert planned_on(NEXT_WEEK).status == "SCHEDULED"


def test_a_slot_made_anew_does_not_double_the_past(world, slot, staff):
    """G5: deleted and made anew in mid-run, with other hours too, it makes no class where the cohort had one."""
    staff("DELETE", f"{COHORT}/timeslot/{slot.pk}")
    past = list(LiveClass.objects.order_by("pk").values())
    assert len(past) == 7
    body = {"starting_at": 1430, "ending_at": 1530, "weekdays": ["WE", "TH"], "starts_on": "2025-02-26"}
    anew = staff("POST", f"{COHORT}/timeslot", body, status=201).json()["id"]
    made = LiveClass.objects.filter(cohort_time_slot=anew)
    assert list(LiveClass.objects.exclude(cohort_time_slot=anew).order_by("pk").values()) == past
    assert [str(row.planned_date) for row in made.order_by("planned_date")[:3]] == [
        *("2025-02-27", "2025-03-05", "2025-03-06")
    ]
    yesterday = made.get(planned_date="2025-02-27")
    assert (yesterday.status, yesterday.held) == ("ENDED", False)


def test_the_past_of_another_cohort_is_not_ours(world, slot):
    """G5: classes of the same hours in another cohort."""
    sister = Cohort.objects.create(
        academy=world.miami, slug="sister", name="Sister", kickoff_date="2025-01-15", ending_date="2025-06-30"
    )
    assert build(world.time_slot(cohort=sister)) == BuildResult(created=24)


def test_nobody_is_asked_about_a_class_made_in_the_past(world, clock):
    """G5, S1: it ended today, before there was a time slot for it."""
    FeedbackSettings.objects.create(academy=world.miami)
    clock.shift(datetime.timedelta(hours=5))
    now = NOW + datetime.timedelta(hours=5)
    build(world.time_slot(), now=now)
    today = planned_on(TODAY)
    assert (today.status, today.held) == ("ENDED", False)
    assert not classes_to_ask_about(now=now).exists()
    LiveClass.objects.filter(pk=today.pk).update(started_at=today.starting_at)
    assert classes_to_ask_about(now=now).exists()


def test_the_horizon_grows_up_to_a_removal_ahead(world):
    """G2, G12: `removed_at` a year ahead: each day is built as the horizon reaches it, and none after the removal."""
    Cohort.objects.filter(pk=world.cohort.pk).update(never_ends=True, ending_date=None)
    removal = datetime.datetime(2025, 9, 3, 12, tzinfo=UTC)
    slot = world.time_slot(recurrency_type="DAILY", removed_at=removal)
    build(slot)
    for days in range(1, 10):
        now = NOW + datetime.timedelta(days=days)
        if due_time_slot_ids(now=now):
            build(slot, now=now)
    assert LiveClass.objects.latest("planned_date").planned_date == removal.date()
    assert due_time_slot_ids(now=NOW + datetime.timedelta(days=60)) == []


def test_a_removal_by_a_clock_that_is_ahead(world):
    """T5, G10: a build whose clock was read before the removal, or is five minutes late, brings no class back."""
    slot = world.time_slot(recurrency_type="DAILY", starting_at=2200, ending_at=2300)
    build(slot)
    CohortTimeSlot.objects.filter(pk=slot.pk).update(removed_at=NOW + datetime.timedelta(minutes=5))
    build(slot)
    assert not LiveClass.objects.filter(starting_at__gt=NOW).exists()


def test_the_first_build_is_the_first_that_has_something_to_make(world):
    """G5: a kickoff typed into next year and corrected still brings the past."""
    Cohort.objects.filter(pk=world.cohort.pk).update(kickoff_date="2026-01-14", never_ends=True, ending_date=None)
    slot = world.time_slot()
    assert build(slot) == BuildResult(issue="starts-beyond-the-horizon")
    Cohort.objects.filter(pk=world.cohort.pk).update(
        kickoff_date="2025-01-15", never_ends=False, ending_date="2025-06-30"
    )
    assert build(slot) == BuildResult(created=24)


# --- G16 ---


def test_a_slot_built_with_older_zone_data(world, slot, settings):
    """G16, G8: found by the sweep, and only its mark is written where nothing moves."""
    before = list(LiveClass.objects.values())
    settings.TIME_ZONE_DATA_VERSION = "2099z"
    assert due_time_slot_ids(now=NOW) == [slot.pk]
    assert build(slot) == BuildResult()
    slot.refresh_from_db()
    assert (slot.zone_data_version, list(LiveClass.objects.values())) == ("2099z", before)
    settings.TIME_ZONE_DATA_VERSION = "2099a"  # another process, not yet restarted
    assert due_time_slot_ids(now=NOW) == []
    settings.TIME_ZONE_DATA_VERSION = "2099za"
    assert due_time_slot_ids(now=NOW) == [slot.pk]
