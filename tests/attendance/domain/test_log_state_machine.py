"""Rows, history, log and report say the same, whatever happened in whatever order (rules A2 to A5)."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from breathecode.admissions.models import Cohort, CohortUser, EnrolmentPeriod
from breathecode.attendance.domain import roll as roll_call
from breathecode.attendance.domain.log import read_log
from breathecode.attendance.domain.report import make_report
from breathecode.attendance.models import Attendance, AttendanceChange, Mark
from breathecode.authenticate.models import User
from breathecode.common.errors import ApiError
from breathecode.events.domain import joining, lifecycle
from breathecode.events.domain.closing import close_class
from breathecode.events.domain.queries import classes_of_academy
from breathecode.events.models import ClassJoin, LiveClass
from breathecode.events.tasks import close_overdue_live_classes
from tests.support.classes import NOW
from tests.support.threads import together

DAYS = [NOW.date() - timedelta(days=1), NOW.date()]
people, classes, days = st.integers(0, 4), st.integers(0, 3), st.sampled_from(DAYS)
few = st.sets(people, max_size=3)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("join"), classes, people),
        st.tuples(st.just("end"), classes),
        st.tuples(st.just("close"), classes),
        st.tuples(st.just("roll"), classes, st.dictionaries(people, st.sampled_from(Mark.values), max_size=3)),
        st.tuples(st.just("log"), days, few, few),
        st.tuples(st.just("leave"), people),
        st.tuples(st.just("cancel"), classes),
        st.tuples(st.just("save"), st.just(0)),
    ),
    max_size=25,
)


class History:
    """Two days with two classes each, five students, and what may happen to them."""

    def __init__(self, world, make_class):
        CohortUser.objects.filter(user=world.student).delete()
        self.world, self.stale = world, Cohort.objects.get(pk=world.cohort.pk)
        self.people = [User.objects.create_user(f"p{n}@example.org") for n in range(5)]
        for person in self.people:
            CohortUser.objects.create(cohort=world.cohort, user=person)
            EnrolmentPeriod.objects.update(since=NOW - timedelta(days=30))
        self.classes = [
            make_class(start=start, length=1, started_at=NOW + timedelta(hours=start) if started else None)
            for start, started in ((-26, True), (-24, False), (-3, True), (-1, True))
        ]

    def join(self, live_class, person):
        row, user = self.classes[live_class], self.people[person]
        joined_at = row.starting_at + timedelta(minutes=10 * person)
        ClassJoin.objects.get_or_create(live_class=row, user=user, defaults={"joined_at": joined_at})

    def end(self, live_class):
        with transaction.atomic():
            row = lifecycle.lock_class(self.classes[live_class].pk)
            if row.started_at and not row.ended_at:
                lifecycle.end_class(row, at=NOW, now=NOW)

    def close(self, live_class):
        close_class(live_class_id=self.classes[live_class].pk, now=NOW)

    def roll(self, live_class, marks):
        roll_call.save_roll(
            self.classes[live_class].pk,
            marks={self.people[person].pk: status for person, status in marks.items()},
            by=self.world.teacher,
            now=NOW,
            within=classes_of_academy(self.world.miami.pk),
        )

    def log(self, day, attended, absent):
        ids = {
            "attendance_ids": [self.people[n].pk for n in attended],
            "unattendance_ids": [self.people[n].pk for n in absent - attended],
        }
        roll_call.save_day(self.world.cohort, day=day, fields=ids, by=self.world.teacher, now=NOW)

    def leave(self, person):
        CohortUser.objects.filter(user=self.people[person]).update(educational_status="DROPPED")

    def cancel(self, live_class):
        within = classes_of_academy(self.world.miami.pk)
        lifecycle.cancel_class(self.classes[live_class].pk, reason="", now=NOW, within=within)

    def save(self, _nothing):
        self.stale.save()  # somebody's old instance

    def check(self):
        rows = list(Attendance.objects.select_related("live_class__cohort_time_slot"))
        self.check_log(rows)
        self.check_history(rows)
        self.check_report(rows)

    def check_log(self, rows):
        log = read_log(self.world.cohort.pk)
        self.world.cohort.refresh_from_db()
        assert self.world.cohort.current_day == len(log)
        for day in DAYS:
            entry = log.get(day.isoformat(), {"attendance_ids": [], "unattendance_ids": []})
            of_day = [row for row in rows if row.live_class.day == day]
            marked = {row.user_id for row in of_day}
            attended = {row.user_id for row in of_day if row.status in Attendance.ATTENDED}
            absent = {row.user_id for row in of_day if row.status == "ABSENT"} - attended
            assert set(entry["attendance_ids"]) == attended
            assert set(entry["unattendance_ids"]) == absent
            assert attended | absent <= marked

    def check_history(self, rows):
        """Replayed from the beginning, the changes give the rows."""
        state: dict[tuple[int, int], str] = {}
        for change in AttendanceChange.objects.order_by("id"):
            key = (change.live_class_id, change.user_id)
            assert state.get(key, "") == change.from_status != change.to_status
            state[key] = change.to_status
        assert state == {(row.live_class_id, row.user_id): row.status for row in rows}

    def check_report(self, rows):
        report = make_report(self.world.cohort, now=NOW)
        told = {
            (reported.id, line.student.id): mark
            for line in report.lines()
            for reported, mark in zip(report.classes, line.marks, strict=True)
            if mark is not None
        }
        assert told == {(row.live_class_id, row.user_id): row.status for row in rows}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_they_agree(world, make_class, clock, steps):
    """A2 to A5: after any sequence of joins, ends, rolls, logs, departures and stale saves, all of them agree."""
    with transaction.atomic():
        history = History(world, make_class)
        for name, *arguments in steps:
            try:
                getattr(history, name)(*arguments)
            except ApiError as refused:
                assert refused.slug in {"not-a-student", "class-already-started", "class-has-ended", "class-cancelled"}  # noqa: PT017
        history.check()
        transaction.set_rollback(True)


@pytest.fixture
def students(world):
    made = [User.objects.create_user(f"s{n}@example.org") for n in range(8)]
    for person in made:
        CohortUser.objects.create(cohort=world.cohort, user=person)
        EnrolmentPeriod.objects.update(since=NOW - timedelta(days=30))
    return made


def saver(world, live_class, marks, by):
    def save():
        roll_call.save_roll(live_class.pk, marks=marks, by=by, now=NOW, within=classes_of_academy(world.miami.pk))

    return save


def rows_of(live_class):
    return dict(Attendance.objects.filter(live_class=live_class).values_list("user_id", "status"))


@pytest.mark.django_db(transaction=True)
def test_two_teachers_save_the_roll_at_once(world, make_class, students, clock):
    """A2, A4: different rows of one class, and of two classes of a day: all are kept, in the log too."""
    morning, evening = make_class(start=-5), make_class(start=-2)
    ids = [person.pk for person in students]
    saves = [
        saver(world, live_class, dict.fromkeys(half, "PRESENT"), by)
        for live_class in (morning, evening)
        for half, by in ((ids[:4], world.teacher), (ids[3:], world.assistant))
    ]
    assert together(*saves) == [None] * 4
    assert rows_of(morning) == rows_of(evening) == dict.fromkeys(ids, "PRESENT")
    assert AttendanceChange.objects.count() == 16
    assert read_log(world.cohort.pk)["2025-03-05"]["attendance_ids"] == ids


@pytest.mark.django_db(transaction=True)
def test_two_teachers_write_the_log_at_once(world, make_class, students, clock):
    """A4: the same day, other days, comments and people: nothing is lost, and the days are counted."""
    live_class = make_class(start=-2)
    ids = [person.pk for person in students]
    today, yesterday = DAYS[1], DAYS[0]

    def writer(day, **fields):
        return lambda: roll_call.save_day(world.cohort, day=day, fields=fields, by=world.teacher, now=NOW)

    results = together(
        writer(today, attendance_ids=ids[:4]),
        writer(today, attendance_ids=ids[4:6], teacher_comments="Good"),
        writer(today, unattendance_ids=ids[6:], current_module="flask"),
        writer(yesterday, attendance_ids=ids),
    )
    assert all(isinstance(result, dict) for result in results), results
    log = read_log(world.cohort.pk)
    assert log["2025-03-05"] == {
        "updated_at": "2025-03-05T18:30:00Z",
        "attendance_ids": ids[:6],
        "unattendance_ids": ids[6:],
        "teacher_comments": "Good",
        "current_module": "flask",
    }
    assert log["2025-03-04"]["attendance_ids"] == ids
    assert rows_of(live_class) == dict.fromkeys(ids[:6], "PRESENT") | dict.fromkeys(ids[6:], "ABSENT")
    assert Cohort.objects.get(pk=world.cohort.pk).current_day == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_a_teacher_saves_while_the_job_closes(world, make_class, students, clock, attempt):
    """A1, A2, A3: staff's word wins over the join whoever comes first, and nobody else's mark is lost."""
    live_class = make_class(start=-4, started_at=NOW - timedelta(hours=4))
    ids = [person.pk for person in students]
    for person in students:
        ClassJoin.objects.create(live_class=live_class, user=person, joined_at=live_class.starting_at)
    results = together(
        saver(world, live_class, dict.fromkeys(ids[:3], "EXCUSED"), world.teacher), close_overdue_live_classes
    )
    assert results == [None, 1]
    assert rows_of(live_class) == dict.fromkeys(ids[:3], "EXCUSED") | dict.fromkeys(ids[3:], "PRESENT")
    assert read_log(world.cohort.pk)["2025-03-05"]["attendance_ids"] == ids[3:]
    assert LiveClass.objects.get(pk=live_class.pk).ended_at is not None


@pytest.mark.django_db(transaction=True)
def test_everybody_joins_at_once(world, make_class, clock):
    """J8: two clicks of the same person at the same moment are one join, the first, and none fails."""
    live_class = make_class(start=0)
    visits = [joining.attempt_as_member(hash_=live_class.hash, user=world.student) for _ in range(4)]
    moments = [NOW + timedelta(seconds=second) for second in range(4)]
    results = together(*(lambda v=v, m=m: joining.join(v, now=m) for v, m in zip(visits, moments, strict=True)))
    assert [result.meeting_url for result in results] == ["https://zoom.us/j/123456789"] * 4
    assert ClassJoin.objects.get().joined_at in moments
