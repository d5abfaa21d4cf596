"""`build_live_classes` and `fix_live_class_dates` (rules C1, C2)."""

import datetime
import os
import subprocess
import sys

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.events.models import LiveClass
from breathecode.schedules.management.commands.build_live_classes import across_cohorts
from tests.support.database import database_url
from tests.support.processes import ROOT, free_port

NOW = datetime.datetime(2025, 1, 10, 12, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def unbuilt(cohort, **fields):
    given = {"starting_at": 1400, "ending_at": 1600, "timezone": "America/New_York", **fields}
    return CohortTimeSlot.objects.bulk_create([CohortTimeSlot(cohort=cohort, **given)])[0]


@pytest.fixture
def slots(world):
    """One slot of the cohort, two of its sister, one of a cohort in prework, one of a deleted one."""
    dates = {"kickoff_date": "2025-01-15", "ending_date": "2025-06-30"}

    def cohort(slug, stage="STARTED"):
        return Cohort.objects.create(academy=world.miami, slug=slug, name=slug, stage=stage, **dates)

    sister = cohort("sister")
    return {
        "web-dev": [unbuilt(world.cohort)],
        "sister": [unbuilt(sister), unbuilt(sister, starting_at=900, ending_at=1000)],
        "prework": [unbuilt(cohort("prework", "PREWORK"))],
        "deleted": [unbuilt(cohort("deleted", "DELETED"))],
    }


def run(capsys, *arguments):
    call_command(*arguments)
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("arguments", [[], ["--sync"]])
def test_every_active_cohort(slots, capsys, arguments):
    """C1, C2: all slots of cohorts neither DELETED nor PREWORK, a line for each, and a line of counts."""
    (first,), (second, third) = slots["web-dev"], slots["sister"]
    assert run(capsys, "build_live_classes", *arguments) == [
        f"[1/3] web-dev time slot {first.pk}: 24 created",
        f"[2/3] sister time slot {second.pk}: 24 created",
        f"[3/3] sister time slot {third.pk}: 24 created",
        "3 time slots: 72 created, 0 moved, 0 deleted, 0 cancelled, 0 restored, 0 failed.",
    ]
    assert LiveClass.objects.count() == 72
    assert run(capsys, "build_live_classes", *arguments)[-1] == (
        "3 time slots: 0 created, 0 moved, 0 deleted, 0 cancelled, 0 restored, 0 failed."
    )


@pytest.mark.parametrize("by", ["id", "slug"])
def test_one_cohort(slots, capsys, by):
    """C2: `--cohort` takes an id or a slug."""
    cohort = slots["sister"][0].cohort
    lines = run(capsys, "build_live_classes", "--cohort", str(cohort.pk) if by == "id" else cohort.slug)
    assert lines[-1] == "2 time slots: 48 created, 0 moved, 0 deleted, 0 cancelled, 0 restored, 0 failed."


def test_the_order_of_the_messages(slots, world):
    """Speed: workers that take neighbours find them in different cohorts, whose builds do not wait for each other."""
    (first,), (second, third) = slots["web-dev"], slots["sister"]
    fourth, fifth = unbuilt(world.cohort, starting_at=900), unbuilt(world.cohort, starting_at=600, ending_at=700)
    assert across_cohorts([first, fourth, fifth, second, third]) == [first, second, fourth, third, fifth]


@pytest.mark.parametrize("command", ["build_live_classes", "fix_live_class_dates", "diagnose_live_classes"])
@pytest.mark.parametrize("name", ["nobody", "99999999999", "9" * 30, "²", "-1"])
def test_a_cohort_that_does_not_exist(world, command, name):
    """C2: exits with a sentence that names it."""
    arguments = ["--", name] if command.startswith("diagnose") else [f"--cohort={name}"]
    with pytest.raises(CommandError, match=f"Cohort {name} does not exist"):
        call_command(command, *arguments)


def test_a_cohort_without_classes_says_why(world, capsys):
    """C2, T4: the line of a slot that gives none holds the reason."""
    slot = unbuilt(world.other_cohort)
    assert run(capsys, "build_live_classes", "--cohort", "data")[0] == (
        f"[1/1] data time slot {slot.pk}: nothing to change (cohort-without-ending-date)"
    )


@pytest.mark.parametrize("command", ["build_live_classes", "fix_live_class_dates"])
def test_a_dry_run_writes_nothing(slots, capsys, command):
    """C2: it tells what would change and changes nothing, not even what is due."""
    run(capsys, "build_live_classes", "--cohort", "sister")
    LiveClass.objects.filter(planned_date="2025-02-05").delete()
    CohortTimeSlot.objects.filter(pk=slots["sister"][0].pk).update(starting_at=1500, ending_at=1700)
    before = list(CohortTimeSlot.objects.values()), list(LiveClass.objects.values())
    counts = {
        "build_live_classes": "26 created, 23 moved, 0 deleted, 0 cancelled, 0 restored, 0 failed.",
        "fix_live_class_dates": "23 moved, 0 failed.",
    }
    last = run(capsys, command, "--dry-run")[-1]
    assert last == f"Dry run, nothing was written. 3 time slots: {counts[command]}"
    assert (list(CohortTimeSlot.objects.values()), list(LiveClass.objects.values())) == before


@pytest.mark.parametrize("command", ["build_live_classes", "fix_live_class_dates"])
def test_a_dry_run_prints_the_plan(slots, capsys, command):
    """P1, C2: each class with its times, or with the reason why it stays."""
    slot = slots["sister"][0]
    run(capsys, "build_live_classes", "--cohort", "sister")
    CohortTimeSlot.objects.filter(pk=slot.pk).update(starting_at=1500, ending_at=1700)
    ids = list(slot.live_classes.order_by("starting_at").values_list("pk", flat=True))
    LiveClass.objects.filter(pk=ids[1]).update(moved_by_hand=True)
    lines = run(capsys, command, "--cohort", "sister", "--dry-run")
    assert lines[1] == f"    moved: class {ids[0]}, 2025-01-15 19:00 to 21:00, 2025-01-15 20:00 to 22:00"
    assert lines[24] == f"    kept: class {ids[1]}, moved-by-hand"
    assert lines[25].startswith("[2/2] sister time slot")


def test_fixing_moves_alone(slots, capsys):
    """C1, C2: wrong hours are put right in place; what is missing stays missing."""
    run(capsys, "build_live_classes")
    wrong = {"starting_at": "2025-02-05T10:00:00Z", "ending_at": "2025-02-05T12:00:00Z"}
    LiveClass.objects.filter(planned_date="2025-02-05").update(**wrong)
    LiveClass.objects.filter(planned_date="2025-02-12").delete()
    assert run(capsys, "fix_live_class_dates")[-1] == "3 time slots: 3 moved, 0 failed."
    assert LiveClass.objects.count() == 69
    hours = LiveClass.objects.filter(planned_date="2025-02-05").values_list("starting_at__hour", flat=True)
    assert sorted(hours) == [14, 19, 19]


@pytest.mark.parametrize("arguments", [["--sync"], ["--dry-run"]])
def test_a_slot_that_fails(slots, capsys, arguments):
    """C2: it is named with its reason, the others are built, and the exit code tells."""
    broken = slots["sister"][0]
    CohortTimeSlot.objects.filter(pk=broken.pk).update(timezone="Mars/Olympus")
    with pytest.raises(CommandError, match=r"1 of 3 time slots failed\."):
        call_command("build_live_classes", *arguments)
    captured = capsys.readouterr()
    assert captured.out.splitlines()[-1].endswith(
        "3 time slots: 48 created, 0 moved, 0 deleted, 0 cancelled, 0 restored, 1 failed."
    )
    assert captured.err.startswith(f"[2/3] sister time slot {broken.pk}: failed: ZoneInfoNotFoundError")


def as_program(*arguments, **env):
    """The command as somebody types it: exit code, output and errors."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "breathecode.settings.base",
        "SECRET_KEY": "only-for-processes-of-this-test-0123456789",
        "DATABASE_URL": database_url(),
        **env,
    }
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100)
    return done.returncode, done.stdout.splitlines(), done.stderr.splitlines()


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down(slots):
    """C2: the real command against a broker that is not there says so, exits with 1, and stops asking."""
    code, out, err = as_program("build_live_classes", CELERY_BROKER_URL=f"redis://127.0.0.1:{free_port()}/0")
    assert (code, out) == (1, [])
    assert err[-1] == "CommandError: The queue is not available: 0 of 3 time slots queued."
    assert LiveClass.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_answers(slots, valkey):
    """C1: one message for each slot is left with the queue; nothing is built here."""
    import redis

    code, out, _ = as_program("build_live_classes", CELERY_BROKER_URL=valkey.url)
    assert code == 0
    assert [line.rpartition(": ")[2] for line in out] == ["queued"] * 3 + ["3 queued, 0 failed."]
    with redis.Redis.from_url(valkey.url) as broker:
        assert broker.llen("celery") == 3
    connection.close()
    assert LiveClass.objects.count() == 0


@pytest.mark.parametrize("command", ["build_live_classes", "fix_live_class_dates", "diagnose_live_classes"])
def test_help(command, capsys):
    """C2: each tells what it does and what it takes."""
    with pytest.raises(SystemExit) as ended:
        call_command(command, "--help")
    assert ended.value.code == 0
    text = capsys.readouterr().out
    wanted = ["cohort"] if command.startswith("diagnose") else ["--cohort", "--dry-run", "--sync"]
    assert [word for word in wanted if word not in text] == []
