"""The cohort's log by day over HTTP, in step with the rows of its classes (rule A4)."""

import datetime
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction

from breathecode.admissions.models import Cohort, CohortUser, EnrolmentPeriod
from breathecode.attendance.domain.log import read_log
from breathecode.attendance.models import Attendance, AttendanceChange, DayMark
from breathecode.authenticate.models import User
from breathecode.events.domain import lifecycle
from breathecode.events.models import ClassJoin
from tests.support.classes import NOW
from tests.support.client import error
from tests.support.queries import assert_num_queries

DAY = "2025-03-05"
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def log(call, world):
    """GETs or PUTs the log of `web-dev`, as a teacher on Miami's staff."""

    def ask(body=None, *, query="", cohort=None, as_=None):
        url = f"/v1/admissions/academy/cohort/{cohort or world.cohort.slug}/log{query}"
        method = "GET" if body is None else "PUT"
        return call(method, url, as_=as_ or world.staff_teacher, academy=world.miami, body=body)

    return ask


@pytest.fixture
def ana(world):
    return add_student(world, "ana")


@pytest.fixture
def ben(world):
    return add_student(world, "ben")


def add_student(world, name):
    person = User.objects.create_user(f"{name}@example.org")
    CohortUser.objects.create(cohort=world.cohort, user=person)
    EnrolmentPeriod.objects.filter(user=person).update(since=NOW - timedelta(days=30))
    return person


def marks(live_class):
    return dict(Attendance.objects.filter(live_class=live_class).values_list("user_id", "status"))


def test_the_documents_format(log, world, make_class, ana):
    """A4: the entry holds the document's keys by date; the rows of the day's class follow, by staff."""
    live_class = make_class(start=-1)
    body = {
        "day": DAY,
        "attendance_ids": [world.student.pk],
        "unattendance_ids": [ana.pk],
        "teacher_comments": "Good questions",
        "current_module": "flask",
    }
    expected = {key: value for key, value in body.items() if key != "day"} | {"updated_at": "2025-03-05T18:30:00Z"}
    response = log(body)
    assert (response.status_code, response.json()) == (200, {"day": DAY, **expected})
    assert log().json() == log(query=f"?day={DAY}").json() == log(cohort=world.cohort.pk).json() == {DAY: expected}
    assert log(query="?day=2025-03-04").json() == {}
    world.cohort.refresh_from_db()
    assert (world.cohort.history_log, world.cohort.current_day) == ({DAY: expected}, 1)
    assert marks(live_class) == {world.student.pk: "PRESENT", ana.pk: "ABSENT"}
    assert set(Attendance.objects.values_list("source", "recorded_by")) == {("STAFF", world.staff_teacher.pk)}
    assert AttendanceChange.objects.count() == 2


def test_putting_back_what_was_read_changes_nothing(log, world, make_class, ana, clock):
    """A4, H5: neither the log, nor a row, nor the history, also when some of the people have left since."""
    make_class(start=-1)
    log({"day": DAY, "attendance_ids": [world.student.pk], "unattendance_ids": [ana.pk], "teacher_comments": "x"})
    CohortUser.objects.filter(user__in=[ana, world.student]).update(educational_status="DROPPED")
    before = (log().json(), list(Attendance.objects.values()), AttendanceChange.objects.count())
    clock.shift(timedelta(hours=1))
    response = log({"day": DAY, **before[0][DAY]})
    assert (response.status_code, response.json()) == (200, {"day": DAY, **before[0][DAY]})
    assert (log().json(), list(Attendance.objects.values()), AttendanceChange.objects.count()) == before


def test_what_is_not_sent_is_kept(log, world, make_class, ana, ben, clock):
    """A4: fields that are not sent stay, ids add to the day, and naming somebody in the other list moves them."""
    live_class = make_class(start=-1)
    log({"day": DAY, "attendance_ids": [world.student.pk], "current_module": "flask"})
    clock.shift(timedelta(minutes=1))
    log({"day": DAY, "attendance_ids": [ana.pk], "teacher_comments": "x"})
    entry = log({"day": DAY, "unattendance_ids": [world.student.pk, ben.pk]}).json()
    assert entry == {
        "day": DAY,
        "updated_at": "2025-03-05T18:31:00Z",
        "attendance_ids": [ana.pk],
        "unattendance_ids": sorted([world.student.pk, ben.pk]),
        "teacher_comments": "x",
        "current_module": "flask",
    }
    assert marks(live_class) == {world.student.pk: "ABSENT", ana.pk: "PRESENT", ben.pk: "ABSENT"}
    assert log({"day": DAY, "teacher_comments": None}).json() == {**entry, "teacher_comments": None}


def test_a_day_with_two_classes(call, log, world, make_class, ana):
    """A4: both follow; attended is who was in one of them, not attended who was absent and in none."""
    morning, evening = make_class(start=-5), make_class(start=-2)
    Attendance.objects.create(live_class=morning, user=ana, status="LATE", source="STAFF", recorded_at=NOW)
    entry = log({"day": DAY, "attendance_ids": [world.student.pk, ana.pk]}).json()
    assert (entry["attendance_ids"], entry["unattendance_ids"]) == ([world.student.pk, ana.pk], [])
    assert marks(morning) == {world.student.pk: "PRESENT", ana.pk: "LATE"}
    assert marks(evening) == {world.student.pk: "PRESENT"}  # of ana, the log already was what the rows say
    url = f"/v1/events/academy/event/liveclass/{evening.pk}/attendance"
    for person, status in ((world.student, "ABSENT"), (ana, "ABSENT")):
        body = {"attendance": [{"user": person.pk, "status": status}]}
        assert call("PUT", url, as_=world.staff_teacher, academy=world.miami, body=body).status_code == 200
    assert log().json()[DAY]["attendance_ids"] == [world.student.pk, ana.pk]
    entry = log({"day": DAY, "unattendance_ids": [ana.pk]}).json()
    assert (entry["attendance_ids"], entry["unattendance_ids"]) == ([world.student.pk], [ana.pk])
    assert marks(morning)[ana.pk] == marks(evening)[ana.pk] == "ABSENT"


def test_finer_marks_stay(log, world, make_class, ana, ben):
    """A4: the log knows two states: LATE stays where it says attended, EXCUSED where it says not attended."""
    live_class = make_class(start=-1)
    for person, status in ((world.student, "LATE"), (ana, "EXCUSED"), (ben, "EXCUSED")):
        Attendance.objects.create(live_class=live_class, user=person, status=status, source="STAFF", recorded_at=NOW)
    entry = log({"day": DAY, "attendance_ids": [world.student.pk, ben.pk], "unattendance_ids": [ana.pk]}).json()
    assert marks(live_class) == {world.student.pk: "LATE", ana.pk: "EXCUSED", ben.pk: "PRESENT"}
    assert (entry["attendance_ids"], entry["unattendance_ids"]) == ([world.student.pk, ben.pk], [])


def test_a_class_past_midnight(log, world, make_class):
    """A4: a class belongs to the day it began on in its slot's zone, whatever the date is in UTC or at its end."""
    slot = world.time_slot(starting_at=2300, ending_at=100)
    starting_at = datetime.datetime(2025, 3, 4, 23, tzinfo=ZoneInfo("America/New_York"))
    live_class = make_class(cohort_time_slot=slot, starting_at=starting_at, ending_at=starting_at + timedelta(hours=2))
    assert live_class.starting_at.astimezone(datetime.UTC).date() == datetime.date(2025, 3, 5)
    log({"day": "2025-03-05", "attendance_ids": [world.student.pk]})
    assert marks(live_class) == {}
    log({"day": "2025-03-04", "attendance_ids": [world.student.pk]})
    assert marks(live_class) == {world.student.pk: "PRESENT"}


def test_a_planned_day_outlives_a_change_of_zone(call, world, make_class):
    """A4: a class of the schedule keeps its day when the slot's zone changes; one moved by hand goes by its hour."""
    slot = world.time_slot(timezone="Asia/Tokyo")
    starting_at = datetime.datetime(2025, 3, 4, 23, tzinfo=datetime.UTC)
    times = {"starting_at": starting_at, "ending_at": starting_at + timedelta(hours=1), "cohort_time_slot": slot}
    live_class = make_class(**times, planned_date=datetime.date(2025, 3, 4))
    slot.timezone = "America/New_York"
    slot.save()
    live_class.refresh_from_db()
    assert live_class.day == datetime.date(2025, 3, 4)
    slot.timezone = "Asia/Tokyo"
    slot.save()
    two_days = timedelta(days=2)
    moved = {"starting_at": times["starting_at"] + two_days, "ending_at": times["ending_at"] + two_days}
    url = f"/v1/events/academy/event/liveclass/{live_class.pk}"
    assert call("PUT", url, as_=world.staff_teacher, academy=world.miami, body=moved).status_code == 200
    live_class.refresh_from_db()
    assert live_class.day == datetime.date(2025, 3, 7)


REFUSED = [
    ({"day": "2025-02-30"}, "validation-error"),
    ({"day": "0001-01-01"}, "validation-error"),
    ({"day": "9999-12-31"}, "validation-error"),
    ({"day": DAY, "attendance_ids": 1}, "validation-error"),
    ({"day": DAY, "attendance_ids": ["x"]}, "validation-error"),
    ({"day": DAY, "attendance_ids": [None]}, "validation-error"),
    ({"day": DAY, "attendance_ids": [1], "unattendance_ids": [1]}, "validation-error"),
    ({"day": DAY, "current_module": "x" * 151}, "validation-error"),
    ({"day": DAY, "teacher_comments": "a\0b"}, "validation-error"),
    ({"day": DAY, "nope": 1}, "unknown-field"),
    ({"day": DAY, "attendance_ids": [10**9]}, "not-a-student"),
    ({"day": DAY, "unattendance_ids": [2**63]}, "not-a-student"),
    ({"day": "2025-03-06", "teacher_comments": "x"}, "day-in-the-future"),
]


@pytest.mark.parametrize(("body", "slug"), REFUSED)
def test_what_is_refused(log, world, make_class, body, slug):
    """A4: each with its slug, and neither log nor rows change."""
    make_class(start=-1)
    assert error(log(body)) == (400, slug)
    assert log().json() == {}
    assert not Attendance.objects.exists()


@pytest.mark.parametrize("person", ["dropped", "teacher", "stranger"])
def test_only_students(log, world, make_class, person):
    """A4: a teacher, a student who left or a stranger is refused, and those named beside are not written."""
    make_class(start=-1)
    body = {"day": DAY, "attendance_ids": [world.student.pk, getattr(world, person).pk]}
    assert error(log(body)) == (400, "not-a-student")
    assert log().json() == {}


def test_a_day_whose_class_is_still_to_come(log, world, make_class):
    """A4: notes can be written in the morning, marks from the class's start on; then only the class that has begun."""
    evening = make_class(start=4)
    assert error(log({"day": DAY, "attendance_ids": [world.student.pk]})) == (400, "class-not-started")
    assert log({"day": DAY, "teacher_comments": "Bring headphones"}).status_code == 200
    morning = make_class(start=-4)
    assert log({"day": DAY, "attendance_ids": [world.student.pk]}).status_code == 200
    assert (marks(morning), marks(evening)) == ({world.student.pk: "PRESENT"}, {})


def test_a_day_without_a_class(log, world, make_class, ana):
    """A4: allowed, in the log alone; a cancelled class is none. Rows that come later decide about their people only."""
    cancelled = make_class(start=-1, cancelled_at=NOW)
    entry = log({"day": DAY, "attendance_ids": [world.student.pk, ana.pk]}).json()
    assert (entry["attendance_ids"], marks(cancelled)) == ([world.student.pk, ana.pk], {})
    live_class = make_class(start=-3, started_at=NOW - timedelta(hours=3))
    entry = log({"day": DAY, "unattendance_ids": [ana.pk]}).json()
    assert (entry["attendance_ids"], entry["unattendance_ids"]) == ([world.student.pk], [ana.pk])
    assert marks(live_class) == {ana.pk: "ABSENT"}


def test_the_number_of_days(log, world, make_class, call):
    """A4: `current_day` counts the days logged, whoever logged them, and the class lists show it at once."""
    mine = "/v1/events/me/event/liveclass"
    live_class = make_class(start=-1, started_at=NOW - timedelta(hours=1))
    assert call("GET", mine, as_=world.student).json()[0]["cohort"]["current_day"] == 0
    log({"day": "2025-03-03", "current_module": "html"})
    log({"day": "2025-03-04", "attendance_ids": []})
    assert call("GET", mine, as_=world.student).json()[0]["cohort"]["current_day"] == 2
    log({"day": "2025-03-02"})  # says nothing
    ClassJoin.objects.create(live_class=live_class, user=world.student, joined_at=NOW)
    with transaction.atomic():
        lifecycle.end_class(lifecycle.lock_class(live_class.pk), at=NOW, now=NOW)
    assert call("GET", mine, as_=world.student).json()[0]["cohort"]["current_day"] == 3
    assert list(log().json()) == ["2025-03-03", "2025-03-04", DAY]


def test_the_attribute_of_the_cohort(log, world, make_class, ana):
    """A4: `cohort.history_log` is what the API reads, also after a later change; it cannot be assigned."""
    make_class(start=-1)
    assert world.cohort.history_log == {}
    log({"day": DAY, "attendance_ids": [ana.pk], "teacher_comments": "x"})
    log({"day": "2025-03-02", "unattendance_ids": [ana.pk]})
    assert list(world.cohort.history_log) == ["2025-03-02", DAY]
    assert world.cohort.history_log[DAY] == {
        "updated_at": "2025-03-05T18:30:00Z",
        "attendance_ids": [ana.pk],
        "unattendance_ids": [],
        "teacher_comments": "x",
    }
    with pytest.raises(AttributeError):
        world.cohort.history_log = {}


def test_a_mark_that_a_shell_saves_is_logged(log, world, make_class):
    """A4: its day is in the log and counted, and a mark in a class takes the place of the day's own."""
    log({"day": DAY, "attendance_ids": [world.student.pk]})
    live_class = make_class(start=-1)
    Attendance.objects.create(
        live_class=live_class, user=world.student, status="ABSENT", source="STAFF", recorded_at=NOW
    )
    entry = log().json()[DAY]
    assert (entry["attendance_ids"], entry["unattendance_ids"]) == ([], [world.student.pk])
    assert not DayMark.objects.exists()
    assert Cohort.objects.get(pk=world.cohort.pk).current_day == 1


def test_people_who_are_deleted_leave_the_log(log, world, ana):
    """A4: with their marks, those of days without a class included; the day and its notes stay."""
    log({"day": DAY, "attendance_ids": [ana.pk], "teacher_comments": "x"})
    ana.delete()
    assert log().json()[DAY] == {
        "updated_at": "2025-03-05T18:30:00Z",
        "attendance_ids": [],
        "unattendance_ids": [],
        "teacher_comments": "x",
        "current_module": None,
    }


@pytest.mark.parametrize("days", [1, 12])
def test_reading_takes_the_same_statements_for_many_days(log, world, make_class, days):
    """A4: the log is read in as many statements for a year as for a day."""
    for number in range(days):
        make_class(start=-24 * number - 1)
        log({"day": str(NOW.date() - timedelta(days=number)), "attendance_ids": [world.student.pk]})
    with assert_num_queries(3):
        assert len(read_log(world.cohort.pk)) == days


def test_who_may_read_and_write(call, log, world):
    """A4, U3, H4, H7: read_cohort_log reads, crud_cohort_log writes; foreign cohorts and odd parameters are refused."""
    assert log(as_=world.reader).status_code == 200
    assert error(log({"day": DAY}, as_=world.reader)) == (403, "missing-capability")
    assert error(log(cohort=world.other_cohort.pk)) == (404, "not-found")
    assert error(log({"day": DAY}, cohort="nope")) == (404, "not-found")
    assert error(log(query="?day=x")) == error(log(query="?day=2025-02-30")) == (400, "invalid-parameter")
    assert error(log(query="?dya=2025-03-05")) == (400, "unknown-parameter")
    assert error(log({"day": DAY}, query=f"?day={DAY}")) == (400, "unknown-parameter")


@pytest.mark.parametrize("count", [1, 40])
def test_as_many_statements_for_many(log, world, make_class, count):
    """A4: the number of statements of a PUT does not grow with the students."""
    make_class(start=-1)
    people = [add_student(world, f"s{n}") for n in range(count)]
    log()
    with assert_num_queries(17):
        assert log({"day": DAY, "attendance_ids": [person.pk for person in people]}).status_code == 200


@pytest.mark.parametrize(
    ("at", "zone", "day"),
    [
        ("2025-03-05T18:30:00+00:00", "", "2025-03-05"),
        ("2025-03-06T04:59:59+00:00", "", "2025-03-05"),  # the academy's zone: New York
        ("2025-03-06T05:00:00+00:00", "", "2025-03-06"),
        ("2025-03-05T18:30:00+00:00", "Asia/Tokyo", "2025-03-06"),
    ],
)
def test_the_day_is_today_unless_it_is_given(log, world, at, zone, day):
    """A4: `day` defaults to today in the cohort's time zone, else its academy's."""
    Cohort.objects.filter(pk=world.cohort.pk).update(timezone=zone)
    with time_machine.travel(datetime.datetime.fromisoformat(at), tick=False):
        answer = log({"attendance_ids": [world.student.pk], "current_module": "flask"})
        assert (answer.status_code, answer.json()["day"]) == (200, day)
        assert log({}).json()["day"] == day
        assert list(log().json()) == [day]
