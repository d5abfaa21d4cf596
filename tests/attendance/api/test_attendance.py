"""The roll of one class over HTTP, its history, and what joins leave when a class ends (rules A2, A3)."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import TestCase

from breathecode.admissions.models import CohortUser
from breathecode.attendance.models import Attendance, AttendanceChange
from breathecode.authenticate.models import User
from breathecode.events.domain import lifecycle, queries
from breathecode.events.models import ClassJoin
from breathecode.events.tasks import close_overdue_live_classes
from tests.support.classes import NOW
from tests.support.client import error
from tests.support.queries import assert_num_queries

URL = "/v1/events/academy/event/liveclass"
SETTINGS = "/v1/events/academy/attendance/settings"
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def roll(call, world):
    """GETs or PUTs the roll of a class, as a teacher on Miami's staff unless somebody else is named."""

    def ask(live_class, marks=None, *, as_=None, path="", body=None):
        if marks is not None:
            body = {"attendance": [{"user": person.pk, "status": status} for person, status in marks.items()]}
        url = f"{URL}/{live_class.pk}/attendance{path}"
        method = "GET" if body is None else "PUT"
        return call(method, url, as_=as_ or world.staff_teacher, academy=world.miami, body=body)

    return ask


@pytest.fixture
def more_students(world):
    def make(count):
        people = [User.objects.create_user(f"s{n}@example.org") for n in range(count)]
        CohortUser.objects.bulk_create(CohortUser(cohort=world.cohort, user=person) for person in people)
        return people

    return make


def entry(world):
    world.cohort.refresh_from_db()
    return world.cohort.history_log.get("2025-03-05")


def test_the_roll(roll, world, make_class, more_students):
    """A2: every student is listed, with null until something is recorded; a PUT may hold some rows only."""
    live_class = make_class(start=-1)
    ClassJoin.objects.create(live_class=live_class, user=world.student, joined_at=NOW)
    other, third = more_students(2)
    unmarked = dict.fromkeys(("status", "source", "joined_at", "recorded_by", "recorded_at"))
    joined = "2025-03-05T18:30:00Z"
    assert roll(live_class).json() == {
        "attendance": [
            {"user": world.student.pk, **unmarked, "joined_at": joined},
            {"user": other.pk, **unmarked},
            {"user": third.pk, **unmarked},
        ]
    }
    response = roll(live_class, {world.student: "LATE", third: "EXCUSED"})
    recorded = {"source": "STAFF", "recorded_by": world.staff_teacher.pk, "recorded_at": joined}
    assert response.status_code == 200
    assert response.json() == roll(live_class).json()
    assert response.json() == {
        "attendance": [
            {"user": world.student.pk, "status": "LATE", "joined_at": joined, **recorded},
            {"user": other.pk, **unmarked},
            {"user": third.pk, "status": "EXCUSED", "joined_at": None, **recorded},
        ]
    }


@pytest.mark.parametrize("person", ["dropped", "teacher", "stranger", "admin"])
def test_not_a_student(roll, world, make_class, person):
    """A2: someone who is no student of the cohort is refused by id, and the rows beside are not written either."""
    live_class = make_class(start=-1)
    response = roll(live_class, {world.student: "PRESENT", getattr(world, person): "PRESENT"})
    assert error(response) == (400, "not-a-student")
    assert str(getattr(world, person).pk) in response.json()["detail"]
    assert not Attendance.objects.exists()
    assert not AttendanceChange.objects.exists()
    assert entry(world) is None


def test_a_student_who_left_keeps_the_mark(roll, world, make_class):
    """A2: who has a row stays listed after dropping out, and the row can still be corrected."""
    live_class = make_class(start=-1)
    roll(live_class, {world.student: "PRESENT"})
    CohortUser.objects.filter(user=world.student).update(educational_status="DROPPED")
    assert [row["user"] for row in roll(live_class).json()["attendance"]] == [world.student.pk]
    assert roll(live_class, {world.student: "ABSENT"}).json()["attendance"][0]["status"] == "ABSENT"


BODIES: list[tuple[Any, str]] = [
    ({}, "validation-error"),
    ([], "validation-error"),
    ({"attendance": {}}, "validation-error"),
    ({"attendance": [1]}, "validation-error"),
    ({"attendance": [{"user": "S"}]}, "validation-error"),
    ({"attendance": [{"status": "PRESENT"}]}, "validation-error"),
    ({"attendance": [{"user": "S", "status": "HERE"}]}, "validation-error"),
    ({"attendance": [{"user": "S", "status": "present"}]}, "validation-error"),
    ({"attendance": [{"user": "S", "status": ""}]}, "validation-error"),
    ({"attendance": [{"user": "x", "status": "LATE"}]}, "validation-error"),
    ({"attendance": [{"user": True, "status": "LATE"}]}, "validation-error"),
    ({"attendance": [{"user": "S", "status": "LATE"}, {"user": "S", "status": "LATE"}]}, "validation-error"),
    ({"attendance": [{"user": "S", "status": "LATE", "nope": 1}]}, "unknown-field"),
    ({"attendance": [], "nope": 1}, "unknown-field"),
    ({"attendance": [{"user": 2**63, "status": "LATE"}]}, "not-a-student"),
    ({"attendance": [{"user": -1, "status": "LATE"}]}, "not-a-student"),
]


@pytest.mark.parametrize(("body", "slug"), BODIES)
def test_bodies_that_cannot_be_taken(roll, world, make_class, body, slug):
    """A2, H5: each with its slug in the one shape, and nothing is written."""
    live_class = make_class(start=-1)
    body = json.loads(json.dumps(body).replace('"S"', str(world.student.pk)))
    assert error(roll(live_class, body=body)) == (400, slug)
    assert not Attendance.objects.exists()


def test_putting_back_what_was_read_changes_nothing(roll, world, make_class, more_students):
    """A2, H5: null for who is not marked, and the read-only fields, may come along; the history stays as it was."""
    live_class = make_class(start=-1)
    more_students(1)
    roll(live_class, {world.student: "PRESENT"})
    before = (roll(live_class).json(), entry(world), AttendanceChange.objects.count())
    response = roll(live_class, body=before[0], as_=world.admin)
    assert (response.status_code, response.json()) == (200, before[0])
    assert (roll(live_class).json(), entry(world), AttendanceChange.objects.count()) == before


def test_the_same_mark_by_staff_keeps_its_source(roll, world, make_class):
    """A2: PUT of the status that a join gave writes no history and stays the join's."""
    live_class = make_class(start=-1, started_at=NOW - timedelta(hours=1))
    ClassJoin.objects.create(live_class=live_class, user=world.student, joined_at=NOW - timedelta(hours=1))
    end(live_class)
    answer = roll(live_class, {world.student: "PRESENT"}).json()["attendance"][0]
    assert (answer["source"], answer["recorded_by"]) == ("JOIN", None)
    assert AttendanceChange.objects.count() == 1


def test_every_change_is_kept(roll, call, world, make_class):
    """A2: who, when, from, to and the source of each change, newest first, for staff to read."""
    live_class, other = make_class(start=-1, started_at=NOW - timedelta(hours=1)), make_class(start=-9)
    ClassJoin.objects.create(live_class=live_class, user=world.student, joined_at=NOW - timedelta(hours=1))
    end(live_class)
    roll(live_class, {world.student: "ABSENT"})
    roll(live_class, {world.student: "EXCUSED"}, as_=world.admin)
    roll(other, {world.student: "LATE"})
    response = roll(live_class, path="/history", as_=world.reader)
    lines = [[line[name] for name in ("user", "from", "to", "source", "changed_by")] for line in response.json()]
    student = world.student.pk
    assert lines == [
        [student, "ABSENT", "EXCUSED", "STAFF", world.admin.pk],
        [student, "PRESENT", "ABSENT", "STAFF", world.staff_teacher.pk],
        [student, None, "PRESENT", "JOIN", None],
    ]
    assert {line["changed_at"] for line in response.json()} == {"2025-03-05T18:30:00Z"}
    assert response["X-Total-Count"] == "3"
    assert set(response.json()[0]) == {"id", "user", "from", "to", "source", "changed_by", "changed_at"}


def test_when_the_roll_can_be_called(roll, world, make_class):
    """A2: from the planned start on, or once the class has started before it; never of a cancelled class."""
    coming = make_class(start=1 / 3600)
    assert error(roll(coming, {world.student: "EXCUSED"})) == (400, "class-not-started")
    cancelled = make_class(start=-5, cancelled_at=NOW, cancel_reason="Snow")
    response = roll(cancelled, {world.student: "PRESENT"})
    assert error(response) == (400, "class-cancelled")
    assert "Snow" in response.json()["detail"]
    assert not Attendance.objects.exists()
    for live_class in (make_class(start=0), make_class(start=2, started_at=NOW), make_class(start=-9, ended_at=NOW)):
        assert roll(live_class, {world.student: "PRESENT"}).status_code == 200
    assert roll(coming).status_code == roll(cancelled).status_code == 200


def test_a_class_with_a_roll_stays(call, roll, world, make_class):
    """A2, W4, W6: its roll called, a class took place: it can no longer be moved, cancelled or deleted."""
    live_class = make_class(start=0)
    roll(live_class, {world.student: "PRESENT"})
    url = f"{URL}/{live_class.pk}"
    who = {"as_": world.staff_teacher, "academy": world.miami}
    later = {"starting_at": "2025-03-06T18:00:00Z", "ending_at": "2025-03-06T20:00:00Z"}
    assert error(call("PUT", url, **who, body=later)) == (400, "class-already-started")
    assert error(call("POST", f"{url}/cancel", **who, body={})) == (409, "class-already-started")
    assert error(call("DELETE", url, **who)) == (409, "class-already-started")


def test_who_may_read_and_write(call, world, make_class):
    """A2, U3, H4: read_cohort_log reads, crud_cohort_log writes; another academy's class is not found."""
    live_class = make_class(start=-1)
    url, body = f"{URL}/{live_class.pk}/attendance", {"attendance": [{"user": world.student.pk, "status": "LATE"}]}
    assert call("GET", url, as_=world.reader, academy=world.miami).status_code == 200
    assert error(call("PUT", url, as_=world.reader, academy=world.miami, body=body)) == (403, "missing-capability")
    assert error(call("GET", url, as_=world.student, academy=world.miami)) == (403, "not-academy-member")
    for pk in (live_class.pk, 10**9, 10**30):
        for method, path in (("GET", ""), ("PUT", ""), ("GET", "/history")):
            foreign = f"{URL}/{pk}/attendance{path}"
            sent = {"nope": 1} if method == "PUT" else None
            response = call(method, foreign, as_=world.foreign_admin, academy=world.madrid, body=sent)
            assert error(response) == (404, "not-found")


@pytest.mark.parametrize("count", [1, 40])
def test_as_many_statements_for_many(roll, world, make_class, more_students, count):
    """A2: the number of statements of a GET and of a PUT does not grow with the students."""
    live_class = make_class(start=-1)
    people = more_students(count)
    roll(live_class)  # signs in
    with assert_num_queries(5):
        assert len(roll(live_class).json()["attendance"]) == count + 1
    with assert_num_queries(20):
        assert roll(live_class, dict.fromkeys(people, "PRESENT")).status_code == 200
    assert Attendance.objects.count() == count


def end(live_class, at=NOW):
    with TestCase.captureOnCommitCallbacks(execute=True), transaction.atomic():
        lifecycle.end_class(lifecycle.lock_class(live_class.pk), at=at, now=at)


LATENESS = [
    # planned start, real start (minutes from the planned one), join (seconds after the later one), mark
    (0, 15 * 60 - 1, "PRESENT"),
    (0, 15 * 60, "LATE"),
    (20, 15 * 60 - 1, "PRESENT"),
    (20, 15 * 60, "LATE"),
    (-20, 15 * 60 - 1, "PRESENT"),
    (-20, 15 * 60, "LATE"),
    (0, -600, "PRESENT"),
]


@pytest.mark.parametrize(("start_offset", "seconds", "mark"), LATENESS)
def test_joins_become_marks(roll, world, make_class, start_offset, seconds, mark):
    """A3: 14:59 after the later of the planned and the real start is PRESENT, 15:00 is LATE."""
    planned = NOW - timedelta(hours=2)
    started_at = planned + timedelta(minutes=start_offset)
    joined_at = max(planned, started_at) + timedelta(seconds=seconds)
    live_class = make_class(start=-2, started_at=started_at)
    ClassJoin.objects.create(live_class=live_class, user=world.student, joined_at=joined_at)
    end(live_class)
    row = Attendance.objects.get()
    assert (row.user, row.status, row.source, row.joined_at) == (world.student, mark, "JOIN", joined_at)
    assert (row.recorded_by, row.recorded_at) == (None, NOW)
    assert entry(world) == {
        "updated_at": "2025-03-05T18:30:00Z",
        "attendance_ids": [world.student.pk],
        "unattendance_ids": [],
    }


def test_whose_joins_count(roll, world, make_class, more_students):
    """A3: students of now who joined and have no row; teachers, people away and those who did not come get none."""
    live_class = make_class(start=-2, started_at=NOW - timedelta(hours=2))
    excused, away, absent = more_students(3)
    joined = (world.student, excused, away, world.teacher, world.reviewer, world.dropped, world.admin)
    for person in joined:
        ClassJoin.objects.create(live_class=live_class, user=person, joined_at=NOW - timedelta(hours=2))
    CohortUser.objects.filter(user=away).update(educational_status="POSTPONED")
    roll(live_class, {excused: "EXCUSED"})
    end(live_class)
    assert set(Attendance.objects.values_list("user_id", "status", "source")) == {
        (world.student.pk, "PRESENT", "JOIN"),
        (excused.pk, "EXCUSED", "STAFF"),
    }
    assert absent.pk in {row["user"] for row in roll(live_class).json()["attendance"]}


def test_a_class_that_nobody_started(world, make_class):
    """A1, A3: whoever waited in a class that was not held attended nothing."""
    live_class = make_class(start=-9)
    ClassJoin.objects.create(live_class=live_class, user=world.student, joined_at=NOW - timedelta(hours=9))
    assert close_overdue_live_classes() == 1
    assert not Attendance.objects.exists()
    assert entry(world) is None


def test_the_settings_of_an_academy(call, world, make_class):
    """A3: on with 15 minutes by default; staff see them, the admin changes them, and other academies keep theirs."""
    who = {"as_": world.admin, "academy": world.miami}
    default = {"mark_from_joins": True, "late_after_minutes": 15}
    reader = {"as_": world.reader, "academy": world.miami}
    assert call("GET", SETTINGS, **reader).json() == default
    assert error(call("PUT", SETTINGS, **reader, body={})) == (403, "missing-capability")
    assert error(call("PUT", SETTINGS, as_=world.coordinator, academy=world.miami, body={}))[0] == 403
    assert call("PUT", SETTINGS, **who, body={"late_after_minutes": 5}).json() == {**default, "late_after_minutes": 5}
    for wrong in (-1, 1441, "x", None, 2.5):
        assert error(call("PUT", SETTINGS, **who, body={"late_after_minutes": wrong})) == (400, "validation-error")
    assert error(call("PUT", SETTINGS, **who, body={"nope": 1})) == (400, "unknown-field")
    assert call("GET", SETTINGS, as_=world.foreign_admin, academy=world.madrid).json() == default
    live_class = make_class(start=-2, started_at=NOW - timedelta(hours=2))
    ClassJoin.objects.create(
        live_class=live_class, user=world.student, joined_at=NOW - timedelta(hours=2) + timedelta(minutes=5)
    )
    end(live_class)
    assert Attendance.objects.get().status == "LATE"
    assert call("PUT", SETTINGS, **who, body={"mark_from_joins": False}).json() == {
        "mark_from_joins": False,
        "late_after_minutes": 5,
    }
    second = make_class(start=-5, started_at=NOW - timedelta(hours=5))
    ClassJoin.objects.create(live_class=second, user=world.student, joined_at=NOW - timedelta(hours=5))
    end(second)
    assert not Attendance.objects.filter(live_class=second).exists()


def test_ending_over_http_marks_too(call, world, make_class):
    """A3, A4: the PUT that ends a class marks who joined, and the log follows."""
    live_class = make_class(start=-1, started_at=NOW - timedelta(hours=1))
    ClassJoin.objects.create(live_class=live_class, user=world.student, joined_at=NOW)
    body = {"ended_at": NOW.isoformat()}
    response = call("PUT", f"{URL}/{live_class.pk}", as_=world.staff_teacher, academy=world.miami, body=body)
    assert response.status_code == 200
    assert response.json()["cohort"]["current_day"] == 1
    assert queries.classes_of_academy(world.miami.pk).get().attendance.get().status == "LATE"


def test_a_class_that_staff_marked_was_held(roll, call, world, make_class):
    """A1: `held` is true where staff marked somebody present, and no longer where they take it back."""
    live_class = make_class(start=-5, ended_at=NOW)

    def held():
        url = f"{URL}/{live_class.pk}"
        return call("GET", url, as_=world.staff_teacher, academy=world.miami).json()["held"]

    assert held() is False
    assert roll(live_class, {world.student: "LATE"}).status_code == 200
    assert held() is True
    roll(live_class, {world.student: "ABSENT"})
    assert held() is False


def test_a_mark_saved_by_itself_shows_in_cached_lists(call, world, make_class):
    """A1, O2: `held` of the user's own list follows a mark that a shell saves."""
    live_class = make_class(start=-5, ended_at=NOW)

    def held():
        (listed,) = call("GET", "/v1/events/me/event/liveclass", as_=world.student).json()
        return listed["held"]

    assert [held(), held()] == [False, False]  # made, and read from the cache
    Attendance.objects.create(
        live_class=live_class, user=world.student, status="PRESENT", source="STAFF", recorded_at=NOW
    )
    assert held() is True
