"""Jobs: claimed, carried out a unit at a time, continued after a crash (rule P10)."""

import datetime
import threading

import pytest
import time_machine
from django.db import transaction

from breathecode.admissions.models import Syllabus
from breathecode.common.actor import Actor, Through, acting
from breathecode.common.errors import NotFound
from breathecode.history.models import Change
from breathecode.jobs.domain import kinds, running
from breathecode.jobs.domain.starting import set_result, start_job
from breathecode.jobs.models import Job
from breathecode.jobs.tasks import run_due_jobs, run_job
from tests.support.queries import captured_queries
from tests.support.threads import together

NOW = datetime.datetime(2025, 3, 3, 12, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


class Units:
    """A kind of job: each unit writes a row; a number in `errors` raises instead, as often as the list is long."""

    def __init__(self):
        self.errors: dict[int, list[BaseException]] = {}

    def __call__(self, job, number):
        Syllabus.objects.create(academy=job.academy, slug=f"unit-{number}-{Syllabus.objects.count()}", name="Unit")
        if self.errors.get(number):
            raise self.errors[number].pop()
        return {"units": 1, "even": number % 2}

    @property
    def done(self):
        return sorted(int(slug.split("-")[1]) for slug in Syllabus.objects.values_list("slug", flat=True))


@pytest.fixture
def units(monkeypatch):
    units = Units()
    monkeypatch.setitem(kinds._kinds, "units", units)
    return units


@pytest.fixture
def job(world, units):
    return start_job("units", academy_id=world.miami.pk, by=world.admin, arguments={"secret": 1}, total=4)


class Killed(BaseException):
    """The end of the process in the midst of its work: nothing of ours handles it."""


def state(job):
    job.refresh_from_db()
    return job.state, job.done


def test_from_start_to_end(job, units):
    """P10: queued, then done: each unit once, its numbers added up, and the arguments forgotten."""
    assert state(job) == ("QUEUED", 0)
    set_result(job, holiday=7, units=0)
    assert running.continue_job(job_id=job.pk) is False
    assert state(job) == ("DONE", 4)
    assert units.done == [0, 1, 2, 3]
    assert (job.result, job.error, job.arguments, job.finished_at) == (
        {"holiday": 7, "units": 4, "even": 2},
        "",
        {},
        NOW,
    )


def test_done_twice_does_nothing_twice(job, units):
    """P10: neither the message that comes again nor the sweep."""
    for _ in range(3):
        run_job(job_id=job.pk)
        run_due_jobs()
    assert (units.done, state(job)) == ([0, 1, 2, 3], ("DONE", 4))


def test_a_job_of_a_change_that_was_rolled_back(world, units):
    """P10: is not started."""
    with transaction.atomic():
        start_job("units", academy_id=world.miami.pk, by=world.admin, arguments={}, total=1)
        transaction.set_rollback(True)
    assert Job.objects.count() == 0


def test_an_unknown_kind(world):
    """P10: a typing error is found where the job is started, and not by the worker."""
    with pytest.raises(KeyError):
        start_job("unheard-of", academy_id=world.miami.pk, by=world.admin, arguments={}, total=1)


def test_a_worker_that_is_killed_within_a_unit(job, units, clock):
    """P10: the unit is undone; another worker goes on with it once the claim has expired, and not before."""
    units.errors[2] = [Killed()]
    with pytest.raises(Killed):
        running.continue_job(job_id=job.pk)
    assert (state(job), units.done) == (("RUNNING", 2), [0, 1])
    clock.shift(running.CLAIM_TIMEOUT - datetime.timedelta(seconds=1))
    run_due_jobs()
    assert (state(job), units.done) == (("RUNNING", 2), [0, 1])
    clock.shift(datetime.timedelta(seconds=2))
    run_due_jobs()
    assert (state(job), units.done) == (("DONE", 4), [0, 1, 2, 3])


def test_a_worker_that_is_killed_before_its_first_unit(job, units, clock):
    """P10: its claim holds until it expires."""
    assert running._claim(job.pk, now=NOW)
    run_due_jobs()
    assert (state(job), units.done) == (("RUNNING", 0), [])
    clock.shift(running.CLAIM_TIMEOUT)
    run_due_jobs()
    assert (state(job), units.done) == (("DONE", 4), [0, 1, 2, 3])


def test_a_worker_that_was_paused_between_two_units(job, units, clock):
    """P10: another one has the job by now, so it stops."""
    paused = running._claim(job.pk, now=NOW)
    clock.shift(running.CLAIM_TIMEOUT)
    other = running._claim(job.pk, now=NOW + running.CLAIM_TIMEOUT)
    assert paused
    assert other
    assert running._do_units(paused) is False
    assert (state(job), units.done) == (("RUNNING", 0), [])
    running._fail(paused, "It was not this worker's.", reason="")
    running._pause(paused, "")
    assert state(job) == ("RUNNING", 0)
    assert running._do_units(other) is False
    assert (state(job), units.done) == (("DONE", 4), [0, 1, 2, 3])


def test_a_unit_that_kills_each_worker(job, units, clock):
    """P10: is not tried endlessly; what was done stays."""
    units.errors[1] = [Killed()] * 100
    for _ in range(running.MAX_TRIES):
        with pytest.raises(Killed):
            running.continue_job(job_id=job.pk)
        assert state(job) == ("RUNNING", 1)
        clock.shift(running.CLAIM_TIMEOUT * 2)
    run_due_jobs()
    assert (state(job), units.done, job.arguments) == (("FAILED", 1), [0], {})
    assert job.error.startswith("An unexpected error occurred.")


def test_an_error_that_passes(job, units, clock):
    """P10: the unit is tried again after a pause; its first try left nothing."""
    units.errors[1] = [RuntimeError("a cable")]
    run_job(job_id=job.pk)
    assert (state(job), job.last_error, units.done) == (("QUEUED", 1), "RuntimeError: a cable", [0])
    run_due_jobs()
    assert state(job) == ("QUEUED", 1)
    clock.shift(datetime.timedelta(minutes=1))
    run_due_jobs()
    assert (state(job), job.last_error, units.done) == (("DONE", 4), "", [0, 1, 2, 3])


def test_an_error_that_stays(job, units, clock, world):
    """P10, V5: after some tries the job has failed, with a sentence in the language of its user."""
    world.admin.language = "es"
    world.admin.save()
    units.errors[3] = [RuntimeError("broken")] * 100
    for tries in range(1, running.MAX_TRIES + 1):
        assert state(job)[0] == "QUEUED"
        run_due_jobs()
        clock.shift(running.PAUSE * tries + datetime.timedelta(seconds=1))
    assert (state(job), job.last_error) == (("FAILED", 3), "RuntimeError: broken")
    assert job.error.startswith("Se produjo un error inesperado.")
    assert len(units.errors[3]) == 100 - running.MAX_TRIES


def test_an_error_of_the_user(job, units):
    """P10: it ends the job at once, with its own sentence."""
    units.errors[1] = [NotFound()]
    run_job(job_id=job.pk)
    assert (state(job), job.error) == (("FAILED", 1), "Nothing was found at this URL.")
    run_due_jobs()
    assert units.done == [0]


def test_a_turn_ends(job, units, monkeypatch):
    """P10: other work has its turn between two; the job can be taken up at once."""
    monkeypatch.setattr(running, "SECONDS_PER_TURN", -1)
    assert running.continue_job(job_id=job.pk) is True
    assert state(job) == ("RUNNING", 1)
    run_job(job_id=job.pk)  # without a queue it goes on by itself
    assert (state(job), units.done) == (("DONE", 4), [0, 1, 2, 3])


def test_without_units(world, units):
    """P10: done at once."""
    job = start_job("units", academy_id=world.miami.pk, by=None, arguments={}, total=0)
    run_job(job_id=job.pk)
    assert state(job) == ("DONE", 0)


def test_one_failing_job_does_not_stop_the_others(world, job, units, monkeypatch):
    """P10: of the due jobs."""
    other = start_job("units", academy_id=world.madrid.pk, by=None, arguments={}, total=1)
    do, broken = running._claim, job.pk

    def claim(job_id, **arguments):
        if job_id == broken:
            raise RuntimeError("the database was away")
        return do(job_id, **arguments)

    monkeypatch.setattr(running, "_claim", claim)
    run_due_jobs()
    assert (state(job), state(other)) == (("QUEUED", 0), ("DONE", 1))


@pytest.mark.parametrize("total", [1, 4])
def test_statements(world, units, total):
    """P10: one to claim, one to read, and for each unit a lock, a count and the unit's own."""
    job = start_job("units", academy_id=world.miami.pk, by=world.admin, arguments={}, total=total)
    with captured_queries() as statements:
        running.continue_job(job_id=job.pk)
    own = [statement for statement in statements if "jobs_job" in statement]
    assert len(own) == 2 + 2 * total


def test_who_did_it(world, job, monkeypatch):
    """P8, P10: the user who started the job, through what they started it, whichever process carries it out."""

    def rename(job, number):
        world.cohort.name = f"Name {number}"
        world.cohort.save()

    monkeypatch.setitem(kinds._kinds, "rename", rename)
    with acting(Actor(through=Through.API, known_id=world.admin.pk)):
        start_job("rename", academy_id=world.miami.pk, by=world.admin, arguments={}, total=1)
    Change.objects.all().delete()
    run_due_jobs()
    assert list(Change.objects.values_list("by", "through")) == [(world.admin.pk, "api")]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once(world, units):
    """P10: only one of them has the job."""
    job = Job.objects.create(kind="units", academy=world.miami, total=4, next_try_at=NOW)
    together(*[lambda: running.continue_job(job_id=job.pk)] * 4)
    assert (state(job), units.done) == (("DONE", 4), [0, 1, 2, 3])


@pytest.mark.django_db(transaction=True)
def test_a_unit_that_takes_longer_than_its_claim(world, units, monkeypatch, clock):
    """P10: another worker waits for the unit to be counted, and does not take the job over."""
    entered, runs = threading.Event(), []

    def slow(job, number):
        runs.append(number)
        if number == 1:
            clock.shift(running.CLAIM_TIMEOUT * 2)
            entered.set()
            threading.Event().wait(1)  # the other one claims meanwhile

    monkeypatch.setitem(kinds._kinds, "slow", slow)
    job = Job.objects.create(kind="slow", academy=world.miami, total=3, next_try_at=NOW)

    def second():
        assert entered.wait(30)
        return running.continue_job(job_id=job.pk)

    together(lambda: running.continue_job(job_id=job.pk), second)
    assert (state(job), job.claim, runs) == (("DONE", 3), 1, [0, 1, 2])
