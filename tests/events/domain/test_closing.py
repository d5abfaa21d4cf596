"""The end of classes that nobody ends (rule A1)."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import TestCase

from breathecode.attendance import receivers
from breathecode.attendance.models import Attendance
from breathecode.events.domain import closing, lifecycle, writing
from breathecode.events.domain.closing import close_class
from breathecode.events.domain.queries import classes_of_academy
from breathecode.events.errors import EndedAtAlreadySet
from breathecode.events.models import ClassJoin, LiveClass
from breathecode.events.signals import liveclass_ended
from breathecode.events.tasks import close_overdue_live_classes, start_joined_live_classes
from tests.support.classes import NOW
from tests.support.queries import assert_num_queries, captured_queries
from tests.support.threads import together

HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def ended():
    """The ids of the classes that the signal was sent for."""
    told: list[int] = []

    def listen(instance, **kwargs):
        told.append(instance.pk)

    liveclass_ended.connect(listen)
    yield told
    liveclass_ended.disconnect(listen)


def run_task() -> int:
    with TestCase.captureOnCommitCallbacks(execute=True):
        return close_overdue_live_classes()


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(("seconds_late", "closed"), [(-1, 0), (0, 1), (1, 1)])
@pytest.mark.parametrize("started", [True, False])
def test_half_an_hour_after_its_end(make_class, ended, seconds_late, closed, started):
    """A1: closed 30 minutes past its end to the second, started or not; `held` tells which."""
    ending_at = NOW - HALF_AN_HOUR - timedelta(seconds=seconds_late)
    starting_at = ending_at - timedelta(hours=2)
    live_class = make_class(starting_at=starting_at, ending_at=ending_at, started_at=starting_at if started else None)
    assert run_task() == closed
    live_class.refresh_from_db()
    assert live_class.ended_at == (ending_at + HALF_AN_HOUR if closed else None)
    assert live_class.held is (started if closed else None)
    assert ended == [live_class.pk] * closed
    assert run_task() == 0
    assert ended == [live_class.pk] * closed


@pytest.mark.usefixtures("clock")
def test_what_is_never_closed(make_class, ended):
    """A1: neither a cancelled class nor one that has ended already."""
    cancelled = make_class(start=-9, cancelled_at=NOW)
    done = make_class(start=-8, started_at=NOW - timedelta(hours=8), ended_at=NOW - timedelta(hours=7))
    assert run_task() == 0
    assert [row.ended_at for row in LiveClass.objects.filter(pk__in=[cancelled.pk, done.pk]).order_by("pk")] == [
        None,
        NOW - timedelta(hours=7),
    ]
    assert ended == []


@pytest.mark.usefixtures("clock")
def test_a_class_started_after_all(make_class):
    """A1: started later than 30 minutes past its end, a class does not end before it started."""
    live_class = make_class(start=-9, started_at=NOW - timedelta(minutes=1))
    run_task()
    live_class.refresh_from_db()
    assert live_class.ended_at == live_class.started_at


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("first", [close_overdue_live_classes, start_joined_live_classes])
def test_a_start_whose_message_got_lost(world, make_class, first):
    """J6, A1: a class that the teacher joined was held, whichever periodic task comes first after an outage."""
    live_class = make_class(start=-9)
    joined_at = NOW - timedelta(hours=9)
    ClassJoin.objects.create(live_class=live_class, user=world.teacher, joined_at=joined_at, starts_class=True)
    first()
    close_overdue_live_classes()
    live_class.refresh_from_db()
    assert (live_class.started_at, live_class.held) == (joined_at, True)


@pytest.mark.usefixtures("clock")
def test_one_class_that_fails_does_not_stop_the_others(make_class, ended, monkeypatch, capsys, caplog):
    """A1, C2: the job closes the others and logs the id; the command too, and it exits non-zero."""
    broken, sound = make_class(start=-9), make_class(start=-5)
    real = lifecycle.end_classes

    def end_classes(classes, **arguments):
        real(classes, **arguments)
        if broken in classes:
            raise RuntimeError("broken row")

    monkeypatch.setattr(closing, "end_classes", end_classes)
    assert run_task() == 1
    assert list(LiveClass.objects.filter(ended_at=None)) == [broken]
    assert ended == [sound.pk]
    assert [record.live_class_id for record in caplog.records if record.levelname == "ERROR"] == [broken.pk]
    with pytest.raises(CommandError, match="1 of 1 classes failed"):
        call_command("close_live_classes")
    assert f"class {broken.pk}" in capsys.readouterr().err
    monkeypatch.undo()
    call_command("close_live_classes")
    out = capsys.readouterr().out
    assert out.endswith("1 classes: 1 closed, 0 closed by another, 0 failed.\n")
    assert not LiveClass.objects.filter(ended_at=None).exists()


@pytest.mark.usefixtures("clock")
def test_a_dry_run_and_one_cohort(world, make_class, capsys):
    """C2: says what it would do and changes nothing; --cohort leaves the others alone; an unknown one is a failure."""
    make_class(start=-9)
    call_command("close_live_classes", "--dry-run")
    assert capsys.readouterr().out.endswith("Dry run, nothing was written. 1 classes overdue.\n")
    call_command("close_live_classes", "--cohort", world.other_cohort.slug)
    assert capsys.readouterr().out == "0 classes: 0 closed, 0 closed by another, 0 failed.\n"
    assert LiveClass.objects.filter(ended_at=None).count() == 1
    with pytest.raises(CommandError, match="Cohort nope does not exist"):
        call_command("close_live_classes", "--cohort", "nope")


def test_it_runs_every_five_minutes():
    """A1: the schedule of the periodic tasks has it."""
    from breathecode.celery import app

    entries = [entry for entry in app.conf.beat_schedule.values() if entry["task"] == close_overdue_live_classes.name]
    assert [entry["schedule"] for entry in entries] == [300.0]


@pytest.mark.django_db(transaction=True)
def test_two_runners_at_once(world, make_class, ended, clock):
    """A1: of two jobs at the same moment one closes each class; the signal is sent once, and each mark made once."""
    classes = [make_class(start=-9 - n, started_at=NOW - timedelta(hours=9 + n)) for n in range(3)]
    for live_class in classes:
        ClassJoin.objects.create(live_class=live_class, user=world.student, joined_at=live_class.starting_at)
    assert sum(together(close_overdue_live_classes, close_overdue_live_classes)) == 3
    assert sorted(ended) == sorted(live_class.pk for live_class in classes)
    assert list(Attendance.objects.values_list("user_id", "status")) == [(world.student.pk, "PRESENT")] * 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(4))
def test_a_put_at_the_same_moment(world, make_class, ended, clock, attempt):
    """A1, W5: the job and staff end a class at once: one wins, the other's try changes nothing."""
    live_class = make_class(start=-3, started_at=NOW - timedelta(hours=3))
    LiveClass.objects.filter(pk=live_class.pk).update(ending_at=NOW - HALF_AN_HOUR)

    def put():
        try:
            return writing.change_class(
                live_class.pk,
                fields={"ended_at": NOW - timedelta(hours=1)},
                now=NOW,
                within=classes_of_academy(world.miami.pk),
            )
        except EndedAtAlreadySet as refused:
            return refused

    by_job, by_staff = together(lambda: close_class(live_class_id=live_class.pk, now=NOW), put)
    live_class.refresh_from_db()
    if by_job:
        assert isinstance(by_staff, EndedAtAlreadySet)
        assert live_class.ended_at == NOW
    else:
        assert isinstance(by_staff, LiveClass)
        assert live_class.ended_at == NOW - timedelta(hours=1)
    assert ended == [live_class.pk]


@pytest.mark.django_db(transaction=True)
def test_killed_before_the_commit(make_class, ended, clock, monkeypatch):
    """A1: what is cut off before its commit leaves nothing behind, tells nobody, and is done by the next run."""
    live_class = make_class(start=-9)

    class Killed(BaseException):
        pass

    def die(*args, **kwargs):
        raise Killed

    monkeypatch.setattr(receivers, "mark_joined", die)
    with pytest.raises(Killed):
        close_class(live_class_id=live_class.pk, now=NOW)
    live_class.refresh_from_db()
    assert (live_class.ended_at, ended) == (None, [])
    monkeypatch.undo()
    assert close_overdue_live_classes() == 1
    assert ended == [live_class.pk]


@pytest.mark.usefixtures("clock")
def test_the_number_of_statements(world, make_class):
    """A1, A3: closing many classes, with the marks of those who joined, takes as many statements as closing one."""

    def close(number, *, days):
        for hours in range(number):
            row = make_class(start=hours - 24 * days, started_at=NOW - timedelta(hours=24 * days - hours))
            for user in (world.student, world.assistant):
                ClassJoin.objects.create(live_class=row, user=user, joined_at=row.starting_at)
        with captured_queries() as statements:
            assert close_overdue_live_classes() == number
        return len(statements)

    assert close(1, days=20) == close(40, days=10)
    assert Attendance.objects.count() == 41
    assert set(Attendance.objects.values_list("user_id", flat=True)) == {world.student.pk}
    world.cohort.refresh_from_db()
    assert world.cohort.current_day == len(set(LiveClass.objects.values_list("day", flat=True)))


@pytest.mark.usefixtures("clock")
def test_the_version_is_raised_once(world, make_class):
    """O2: however many classes of a cohort are closed, its lists become old once, and once more for a new day."""
    for hours in (9, 10, 11):
        make_class(start=-hours)
    world.cohort.refresh_from_db()
    before = world.cohort.classes_version
    assert close_overdue_live_classes() == 3
    world.cohort.refresh_from_db()
    raised = world.cohort.classes_version - before
    assert raised == (1 if connection.vendor == "postgresql" else 3)


@pytest.mark.usefixtures("clock")
def test_looking_costs_one_statement(make_class):
    """A1: where nothing is overdue, the job asks once and writes nothing."""
    make_class(start=1)
    with assert_num_queries(1):
        assert close_overdue_live_classes() == 0
