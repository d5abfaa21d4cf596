"""Builds beside each other and beside every write that they depend on (rules G9, G10, G13)."""

import contextlib
import datetime
import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from celery import Task
from django.db import connection, transaction
from django.utils import timezone

from breathecode.admissions.models import Cohort, CohortTimeSlot, Holiday
from breathecode.common.models import lock
from breathecode.events.domain.planning import timetable_of
from breathecode.events.models import LiveClass
from breathecode.events.schedule.recurrence import Closure, expand
from breathecode.schedules.domain.generation import BuildResult, build_time_slot
from breathecode.schedules.tasks import build_due_live_classes
from tests.support.database import database_url
from tests.support.processes import ROOT
from tests.support.threads import together

pytestmark = pytest.mark.django_db(transaction=True)

DAY = datetime.timedelta(days=1)
TODAY = timezone.now().date()


@pytest.fixture(autouse=True)
def _queue_is_down(monkeypatch):
    """Builds happen where a test asks for them, and nowhere else."""

    def refuse(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr(Task, "apply_async", refuse)


@pytest.fixture
def cohort(world):
    """A cohort that has run for two weeks and runs for six more."""
    Cohort.objects.filter(pk=world.cohort.pk).update(kickoff_date=TODAY - 14 * DAY, ending_date=TODAY + 42 * DAY)
    return Cohort.objects.get(pk=world.cohort.pk)


def new_slot(cohort, **fields):
    """A slot that nobody has built: `bulk_create` sends no signal."""
    given = {"starting_at": 1400, "ending_at": 1600, "recurrency_type": "DAILY", "timezone": "America/New_York"}
    return CohortTimeSlot.objects.bulk_create([CohortTimeSlot(cohort=cohort, **{**given, **fields})])[0]


def build(slot):
    return build_time_slot(time_slot_id=slot.pk, now=timezone.now())


def dates(slot):
    rows = LiveClass.objects.filter(cohort_time_slot=slot).order_by("planned_date")
    return list(rows.values_list("planned_date", flat=True))


def test_ten_builds_at_once_in_threads(cohort):
    """G10: one of ten makes the classes, nine find nothing to do; no duplicates, no error."""
    slot = new_slot(cohort)
    results = together(*[partial(build, slot)] * 10)
    assert sorted(results, key=str) == [BuildResult()] * 9 + [BuildResult(created=57)]
    assert dates(slot) == [TODAY + number * DAY for number in range(-14, 43)]


TEN_PROCESSES = """
import os, sys, django
django.setup()
from django.db import connection
from django.utils import timezone
from breathecode.schedules.domain.generation import build_time_slot
ready, tell_ready = os.pipe()
start, tell_start = os.pipe()
for _ in range(10):
    if os.fork() == 0:
        os.close(tell_start)
        connection.ensure_connection()
        os.write(tell_ready, b"x")
        os.read(start, 1)  # returns when the parent closes the other end
        created = build_time_slot(time_slot_id=int(sys.argv[1]), now=timezone.now()).created
        os.write(1, f"{created}\\n".encode())
        os._exit(0)
for _ in range(10):
    os.read(ready, 1)
os.close(tell_start)
sys.exit(max(os.wait()[1] for _ in range(10)))
"""


def test_ten_builds_at_once_in_processes(cohort):
    """G10: the same between processes, as with ten workers."""
    slot = new_slot(cohort)
    env = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "breathecode.settings.base",
        "SECRET_KEY": "only-for-processes-of-this-test-0123456789",
    }
    command = [sys.executable, "-c", TEN_PROCESSES, str(slot.pk)]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=100)
    assert (done.returncode, sorted(done.stdout.split())) == (0, ["0"] * 9 + ["57"]), done.stderr
    assert dates(slot) == [TODAY + number * DAY for number in range(-14, 43)]


# --- Every write beside every other ---

HOURS = [(900, 1000), (1400, 1600), (1900, 2130), (2200, 100)]


@contextlib.contextmanager
def locked_in_order(model, ids):
    """For one statement that updates several rows, which PostgreSQL locks in whatever order it finds them."""
    with transaction.atomic():
        lock(model, *ids)
        yield


def edit_slot(slots, dice):
    slot = CohortTimeSlot.objects.get(pk=dice.choice(slots))
    slot.starting_at, slot.ending_at = dice.choice(HOURS)
    slot.save()


def edit_slots(slots, dice):
    interval = dice.choice([1, 2])
    with locked_in_order(CohortTimeSlot, slots):
        CohortTimeSlot.objects.filter(pk__in=slots).order_by(dice.choice(["pk", "-pk"])).update(interval=interval)


def give_slot_away(slots, dice):
    slot = CohortTimeSlot.objects.get(pk=dice.choice(slots))
    slot.cohort = dice.choice(list(Cohort.objects.filter(slug__in=["web-dev", "sister"])))
    slot.save()


def edit_cohort(slots, dice):
    cohort = dice.choice(list(Cohort.objects.filter(slug__in=["web-dev", "sister"])))
    cohort.ending_date = TODAY + dice.randint(20, 60) * DAY
    cohort.save()


def edit_cohorts(slots, dice):
    kickoff = TODAY - dice.randint(1, 14) * DAY
    cohorts = Cohort.objects.filter(slug__in=["web-dev", "sister"])
    with locked_in_order(Cohort, cohorts.values_list("pk", flat=True)):
        cohorts.update(kickoff_date=kickoff)


def rename_cohorts(slots, dice):
    cohorts = Cohort.objects.filter(slug__in=["web-dev", "sister"])
    with locked_in_order(Cohort, cohorts.values_list("pk", flat=True)):
        cohorts.update(name=f"Name {dice.random()}")


def close(slots, dice):
    cohort = dice.choice([None, *Cohort.objects.filter(slug__in=["web-dev", "sister"])])
    academy = Cohort.objects.get(slug="web-dev").academy
    first = TODAY + dice.randint(1, 30) * DAY
    Holiday.objects.create(academy=academy, cohort=cohort, name="Closed", starts_on=first, ends_on=first + 3 * DAY)


def move_closure(slots, dice):
    if holiday := Holiday.objects.order_by("?").first():
        holiday.cohort = dice.choice([None, *Cohort.objects.filter(slug__in=["web-dev", "sister"])])
        holiday.save(force_update=True)


def reopen(slots, dice):
    Holiday.objects.filter(pk__in=list(Holiday.objects.values_list("pk", flat=True))[:2]).delete()


def touch_classes(slots, dice):
    ids = list(Cohort.objects.filter(slug__in=["web-dev", "sister"]).values_list("pk", flat=True))
    dice.shuffle(ids)
    with transaction.atomic():
        lock(Cohort, *ids)
        LiveClass.objects.filter(cohort_time_slot__in=slots, starting_at__gt=timezone.now()).update(title="A title")


def add_slot(slots, dice):
    cohort = Cohort.objects.get(slug="sister")
    CohortTimeSlot.objects.create(cohort=cohort, starting_at=700, ending_at=800, recurrency_type="DAILY")


def build_one(slots, dice):
    build_time_slot(time_slot_id=dice.choice(slots), now=timezone.now())


WRITES = [
    edit_slot, edit_slots, give_slot_away, edit_cohort, edit_cohorts, rename_cohorts, close, move_closure, reopen,
    touch_classes, add_slot, build_one, build_one,
]  # fmt: skip


def closures_of(slot):
    academy = Holiday.objects.filter(academy_id=slot.cohort.academy_id)
    return tuple(
        Closure(row.starts_on, row.ends_on, row.name) for row in academy if row.cohort_id in (None, slot.cohort_id)
    )


def test_all_writes_beside_each_other(cohort, world):
    """G9, G10: no two of them wait for each other (40P01), and after a sweep the classes are what is asked for."""
    sister = Cohort.objects.create(
        academy=world.miami, slug="sister", name="Sister", stage="STARTED",
        kickoff_date=cohort.kickoff_date, ending_date=cohort.ending_date,
    )  # fmt: skip
    slots = [new_slot(where).pk for where in (cohort, sister, cohort, sister)]
    stop = time.monotonic() + 4
    done = [0] * len(WRITES)

    def keep_writing(number):
        dice = random.Random(number)
        while time.monotonic() < stop:
            try:
                WRITES[number](slots, dice)
            except Holiday.DoesNotExist:
                pass  # deleted by another meanwhile
            except Exception as error:
                if type(error).__name__ in ("DatabaseError", "NotUpdated") and "did not affect any rows" in str(error):
                    continue  # as above: `force_update` met a row that is gone
                raise
            done[number] += 1

    results = together(*[partial(keep_writing, number) for number in range(len(WRITES))])
    assert results == [None] * len(WRITES)
    assert min(done) > 0
    build_due_live_classes()
    assert build_due_live_classes() == 0
    now, soon = timezone.now(), TODAY + DAY
    for slot in CohortTimeSlot.objects.filter(cohort__in=[cohort, sister]).select_related("cohort"):
        wanted = {
            (o.planned_date, o.starting_at, o.ending_at)
            for o in expand(timetable_of(slot, closures=closures_of(slot), now=now))
            if o.closed_by is None and o.planned_date > soon
        }
        # What is planned for these days may have been over by its former hours, and stays where it took place (G7).
        coming = LiveClass.objects.filter(cohort_time_slot=slot, planned_date__gt=soon, cancelled_at__isnull=True)
        assert set(coming.values_list("planned_date", "starting_at", "ending_at")) == wanted


# --- Races that are held still ---


@contextlib.contextmanager
def held_back(job):
    """Runs the job on a thread until it waits for a lock; yields what waits for its result, or raises its error."""

    def run():
        try:
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(run)
        deadline = time.monotonic() + 50
        while not somebody_waits():
            assert time.monotonic() < deadline, "nobody waits"
            assert not future.done(), "it did not wait"
            time.sleep(0.01)
        yield partial(future.result, timeout=60)


def somebody_waits():
    if connection.vendor == "sqlite":  # which does not tell; its one write lock is taken at BEGIN
        time.sleep(0.3)
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_locks WHERE database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database()))"
        )
        return cursor.fetchone()[0] > 0


def recess(cohort, **fields):
    given = {"academy_id": cohort.academy_id, "name": "Recess", "starts_on": TODAY + DAY, "ends_on": TODAY + 3 * DAY}
    return Holiday(**{**given, **fields})


def build_during(write, slot):
    """The result of a build that begins while `write` is done and not committed."""
    with contextlib.ExitStack() as stack:
        with transaction.atomic():
            write()
            result = stack.enter_context(held_back(partial(build, slot)))
        return result()


def test_a_holiday_that_comes_while_a_build_waits(cohort):
    """G13, G9: the build that waited for the holiday's transaction sees the holiday, or is due again."""
    slot = new_slot(cohort)
    build(slot)
    result = build_during(recess(cohort).save, slot)
    assert result == BuildResult(cancelled=3)
    assert LiveClass.objects.filter(cancel_reason="Recess").count() == 3


def test_new_hours_that_come_while_a_build_waits(cohort):
    """G10: slot and cohort are never older than the revision that is marked as built."""
    slot = new_slot(cohort)
    build(slot)
    slot.starting_at = 1300
    assert build_during(slot.save, slot).moved >= 42
    cohort.ending_date += 7 * DAY
    assert build_during(cohort.save, slot) == BuildResult(created=7)
    assert build(slot) == BuildResult()


def test_a_slot_that_is_given_away_while_a_build_waits(cohort, world):
    """G10: it is built in its new cohort, though the row that the build waited for has lost its old one."""
    slot = new_slot(cohort)
    Cohort.objects.filter(pk=world.other_cohort.pk).update(kickoff_date=TODAY, ending_date=TODAY)
    slot.cohort = Cohort.objects.get(pk=world.other_cohort.pk)
    assert build_during(slot.save, slot) == BuildResult(created=1)


def test_a_slot_that_is_deleted_while_a_build_waits(cohort):
    """G10: gone is gone."""
    slot = new_slot(cohort)
    with pytest.raises(CohortTimeSlot.DoesNotExist):
        build_during(CohortTimeSlot.objects.filter(pk=slot.pk).delete, slot)


def test_a_new_slot_beside_a_new_holiday(cohort):
    """G13: neither sees the other before it is committed; still the slot is never left built without the holiday."""
    hours = {"starting_at": 900, "ending_at": 1000, "recurrency_type": "DAILY"}
    with contextlib.ExitStack() as stack:
        with transaction.atomic():
            recess(cohort).save()
            made = stack.enter_context(held_back(partial(CohortTimeSlot.objects.create, cohort=cohort, **hours)))
        slot = made()
    build_due_live_classes()
    assert dates(slot)[14:17] == [TODAY, TODAY + 4 * DAY, TODAY + 5 * DAY]


if connection.vendor == "postgresql":  # SQLite has one writer at a time

    def test_who_refers_to_a_cohort_does_not_wait_for_its_save(cohort, world):
        """G10: a save of the cohort leaves its key alone, so a holiday for it may be moved there at the same time."""
        holiday = recess(cohort)
        holiday.save()
        with transaction.atomic():
            cohort.name = "Another name"
            cohort.save()
            moved = partial(Holiday.objects.filter(pk=holiday.pk).update, cohort=cohort)
            assert together(moved) == [1]
