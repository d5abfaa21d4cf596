"""Periodic tasks: in batches, for a limited time, one worker at a time."""

import contextlib
import uuid
from datetime import timedelta
from unittest.mock import Mock

import pytest

from breathecode.common import sweeps
from breathecode.common.models import SweepLease
from breathecode.common.sweeps import LEASE, handle_batch, in_batches, lease, sweep, sweep_all
from breathecode.events.tasks import close_overdue_live_classes as task
from tests.support.classes import NOW
from tests.support.queries import assert_num_queries
from tests.support.threads import together

pytestmark = pytest.mark.django_db


def test_nothing_due_writes_nothing():
    """A1: no lease is taken where there is nothing to do."""
    with assert_num_queries(0):
        assert not sweep(task, [], lambda batch: pytest.fail("called"))


def test_another_worker_is_at_it():
    """A1: what one worker works off, another leaves alone, until the first is done or its lease has expired."""
    done: list[int] = []
    with lease(task.name) as is_ours:
        assert is_ours
        assert not sweep(task, [1], done.append)
        with lease("another task") as of_another:
            assert of_another
    assert done == []
    sweep(task, [1], done.append)
    assert done == [1]
    assert not SweepLease.objects.exists()


def test_a_worker_that_was_killed(clock):
    """A1: its lease expires, and the next sweep goes on."""
    taken = lease(task.name)
    assert taken.__enter__()
    done: list[int] = []
    sweep(task, [1], done.append)
    clock.shift(LEASE)
    sweep(task, [2], done.append)
    assert done == [2]
    taken.__exit__(None, None, None)


def test_the_first_does_not_give_back_what_is_another_workers_by_now(clock):
    """A1: a worker that took longer than its lease leaves the next one's alone."""
    first = lease(task.name)
    assert first.__enter__()
    clock.shift(LEASE + timedelta(seconds=1))
    with lease(task.name) as is_ours:
        assert is_ours
        first.__exit__(None, None, None)
        assert SweepLease.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once():
    """A1: while one works, another one's sweep ends without having done anything."""
    done: list[int] = []
    sweep(task, [1], lambda batch: together(lambda: sweep(task, [2], done.append)))
    assert done == []
    assert not SweepLease.objects.exists()


def test_the_time_is_limited(monkeypatch):
    """A1: after its time a sweep begins no further batch, and says that some are left."""
    monkeypatch.setattr(sweeps, "SECONDS", 0.0)
    done: list[int] = []

    def handle(batch):
        done.append(batch)
        return True

    assert sweep(task, [1, 2], handle)
    assert done == [1]
    assert not sweep(task, [3], handle)
    assert not sweep(task, [4, 5], lambda batch: False)  # what fails again and again is not tried again at once


def test_shares_are_swept_side_by_side():
    """Speed: shares of one task do not exclude each other; the same share runs once at a time."""
    done: list[int] = []
    sweep(task, [1], lambda batch: sweep(task, [2], done.append, share=1), share=0)
    sweep(task, [3], lambda batch: sweep(task, [4], done.append, share=0), share=0)
    assert done == [2]


def test_the_shares_have_the_time_of_one_sweep(monkeypatch):
    """Speed: on a single worker they follow each other, and other tasks wait no longer for all than for one."""
    done: list[int] = []

    def handle(batch):
        clock.monotonic.return_value += sweeps.SECONDS / sweeps.SHARES + 1
        done.append(batch)
        return True

    clock = Mock(**{"monotonic.return_value": 0.0})
    monkeypatch.setattr(sweeps, "time", clock)
    assert sweep(task, [1, 2], handle, share=0)
    assert not sweep(task, [3, 4], handle)
    assert done == [1, 3, 4]


def test_what_is_left_of_a_share(monkeypatch):
    """Speed: the message that goes on names the share."""
    monkeypatch.setattr(sweeps, "SECONDS", 0.0)
    queued: list[object] = []
    monkeypatch.setattr(sweeps, "enqueue", lambda task, **arguments: queued.append((task, arguments)))
    task.push_request(id="1", is_eager=False)
    try:
        sweep_all(task, lambda: [1, 2], lambda batch: True, share=3)
    finally:
        task.pop_request()
    assert queued == [(task, {"share": 3})]


def test_what_is_left_is_done(monkeypatch):
    """A1: at once where there is no queue, and by a message of its own where there is one."""
    monkeypatch.setattr(sweeps, "SECONDS", 0.0)
    left = list(range(5))

    def handle(number):
        left.remove(number)
        return True

    sweep_all(task, lambda: list(left), handle)
    assert left == []

    left[:] = range(5)
    queued: list[object] = []
    monkeypatch.setattr(sweeps, "enqueue", queued.append)
    task.push_request(id="1", is_eager=False)
    try:
        sweep_all(task, lambda: list(left), handle)
    finally:
        task.pop_request()
    assert (left, queued) == ([1, 2, 3, 4], [task])


def test_batches():
    """A1: in order, the last one shorter."""
    assert list(in_batches([1, 2, 3], 2)) == [[1, 2], [3]]


def test_one_that_fails():
    """A1: where a batch fails, each of it is tried alone."""

    def fail(ids):
        raise RuntimeError("broken row")

    assert handle_batch([1, 2, 3], together=len, alone=fail) == 3
    assert handle_batch([1, 2, 3], together=fail, alone=lambda pk: pk != 2) == 2
    assert handle_batch([1], together=fail, alone=bool) == 1


def test_the_lease_is_of_this_moment(clock):
    """A1: it expires half a minute after it was taken."""
    with lease(task.name):
        assert SweepLease.objects.get().expires_at == NOW + timedelta(seconds=30)


@pytest.mark.parametrize(("ahead", "is_taken"), [(timedelta(seconds=29), False), (timedelta(minutes=5), True)])
def test_a_clock_that_runs_ahead(clock, ahead, is_taken):
    """A1: a lease that ends later than any can is taken over; a clock that is ahead by less changes nothing."""
    SweepLease.objects.create(task=task.name, holder=uuid.uuid4(), expires_at=NOW + ahead + LEASE)
    with lease(task.name) as is_ours:
        assert bool(is_ours) is is_taken


def test_a_lease_is_renewed_before_each_batch(clock):
    """A1: a sweep whose batches together take longer than a lease keeps other workers away."""
    done: list[int] = []

    def handle(number):
        clock.shift(LEASE * 0.8)
        done.append(number)
        with lease(task.name) as of_another:
            assert not of_another

    sweep(task, [1, 2, 3], handle)
    assert done == [1, 2, 3]
    assert not SweepLease.objects.exists()


def test_a_lease_that_was_taken_over(clock):
    """A1: a sweep that finds another worker at it after a batch leaves the others to that."""
    done: list[int] = []
    with contextlib.ExitStack() as of_another:

        def handle(number):
            clock.shift(LEASE)
            done.append(number)
            assert of_another.enter_context(lease(task.name))
            return True

        assert not sweep(task, [1, 2, 3], handle)
        assert done == [1]
        assert SweepLease.objects.count() == 1
