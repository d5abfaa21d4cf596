"""The queue and the sweep as real processes: broker, worker and web server, killed and stopped (rules G9, C1)."""

import contextlib
import http.client
import os
import signal
import socket
import threading
import time

import pytest

from tests.support import servers
from tests.support.processes import ROOT
from tests.support.product import CLASSES, until

pytestmark = pytest.mark.timeout(300)  # each starts several programs, on a machine that may be busy
SOON = 20  # seconds; five minutes are promised, with a sweep a minute; here it comes each second
DEADLINE = 5  # seconds of a request while the broker is down: one on an idle machine


@pytest.fixture
def alone(template, databases):
    """A product without a broker."""
    return template.copy(databases(template.database_url), CELERY_BROKER_URL="", SWEEP_INTERVAL_SECONDS="1")


def worker(product, *arguments):
    return servers.celery_worker(product.env, "--concurrency=2", *arguments)


@contextlib.contextmanager
def black_hole(port):
    """A broker that takes connections and says nothing, as one that is stopped by its machine."""
    with socket.socket() as silent:
        silent.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        silent.bind(("127.0.0.1", port))
        silent.listen(64)
        yield


def post_slots(product, web, count=5):
    """Adds time slots and returns how long the middle one of these requests took; none takes very long."""
    answers = [product.add_slot(web.url) for _ in range(count)]
    assert [status for status, _, _ in answers] == [201] * count
    durations = sorted(seconds for _, _, seconds in answers)
    assert durations[-1] < 25  # this machine may be busy with other tests
    return durations[count // 2]


def test_a_broker_that_comes_and_goes(product, valkey):
    """G9, C1: a POST builds at once; with the broker gone or mute it answers in a second, and what it asked comes."""
    with worker(product), servers.web_server(product.env) as web:
        assert product.add_slot(web.url)[0] == 201
        until(lambda: product.classes_by_slot() == [CLASSES], seconds=SOON)
        os.kill(valkey.pid, signal.SIGSTOP)  # good connections that go mute
        assert post_slots(product, web) < DEADLINE
        os.kill(valkey.pid, signal.SIGCONT)
        until(lambda: product.classes_by_slot() == [CLASSES] * 6, seconds=60)
        valkey.stop()  # connections that are refused
        assert post_slots(product, web) < DEADLINE
        with black_hole(valkey.port):  # new connections that are mute
            assert post_slots(product, web) < DEADLINE
            path = f"/v1/admissions/academy/cohort/{product.cohort}"
            # All sixteen time slots are to be built: their messages must not add up their waiting.
            status, _, seconds = product.call(web.url, "PUT", path, {"online_meeting_url": "https://zoom.us/j/2"})
            assert (status, seconds < 15) == (200, True), seconds
        assert sum(product.classes_by_slot()) == 6 * CLASSES
        valkey.start()
        until(lambda: product.classes_by_slot() == [CLASSES] * 16, seconds=60)  # the worker looks for it with pauses


SAVE_AND_DIE = """
import os, signal
from django.db import transaction
from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.common import queue
with transaction.atomic():
    CohortTimeSlot.objects.create(
        cohort=Cohort.objects.get(), starting_at=1400, ending_at=1600, recurrency_type="DAILY"
    )
    hooks = transaction.get_connection().run_on_commit
    # What stands behind the commit is killed before it can queue anything.
    hooks.insert(0, (set(), lambda: os.kill(os.getpid(), signal.SIGKILL), False))
"""


def test_a_process_that_dies_between_the_commit_and_the_queue(product):
    """G9: the slot is saved, nobody was told; the worker's sweep finds it."""
    product.python(SAVE_AND_DIE, code=-signal.SIGKILL)
    assert product.classes_by_slot() == [0]
    with worker(product):
        until(lambda: product.classes_by_slot() == [CLASSES], seconds=SOON)


def test_workers_that_are_killed_at_any_moment(product):
    """G9, G10: five workers die while they build; what is there is whole slots, and the last one finishes all."""
    product.add_unbuilt_slots(80)
    for number in range(5):
        with worker(product) as doomed:
            time.sleep(number * 0.15)
            doomed.kill()
        assert set(product.classes_by_slot()) <= {0, CLASSES}
    with worker(product):
        until(lambda: product.classes_by_slot() == [CLASSES] * 80, seconds=60)


def test_two_workers_with_a_beat_each(product):
    """C1: both sweep, each second; the classes are made once, nothing fails, and no file is left behind."""
    before = set(ROOT.iterdir())
    product.add_unbuilt_slots(20)
    with worker(product, "-n", "one@%h") as one, worker(product, "-n", "two@%h") as two:
        until(lambda: product.classes_by_slot() == [CLASSES] * 20, seconds=60)
        # Whichever of the two is free takes the next round: each takes some, and rounds follow each other.
        until(lambda: min(log.count("build_due_live_classes") for log in (one.log(), two.log())) >= 1, seconds=60)
        until(lambda: (one.log() + two.log()).count("build_due_live_classes") >= 6, seconds=60)
        logs = one.log() + two.log()
        assert [line for line in logs.splitlines() if '"error"' in line or "Traceback" in line] == []
    assert set(ROOT.iterdir()) - before <= {ROOT / "var"}


# --- Without a broker ---


def test_a_web_server_without_a_broker(alone):
    """C1, G9: it builds on a thread of its own, sweeps by itself, and what a kill left undone after its restart."""
    with servers.web_server(alone.env) as web:
        assert alone.add_slot(web.url)[0] == 201
        until(lambda: alone.classes_by_slot() == [CLASSES], seconds=SOON)
        alone.add_unbuilt_slots(10)  # from another process, which tells nobody
        until(lambda: alone.classes_by_slot() == [CLASSES] * 11, seconds=SOON)
        stop = threading.Event()

        def keep_posting():
            while not stop.is_set():
                with contextlib.suppress(OSError, http.client.HTTPException):
                    alone.add_slot(web.url)

        poster = threading.Thread(target=keep_posting)
        poster.start()
        time.sleep(1)
        web.kill()
        stop.set()
        poster.join()
    slots = len(alone.classes_by_slot())
    assert slots > 11
    assert set(alone.classes_by_slot()) <= {0, CLASSES}
    with servers.web_server(alone.env):
        until(lambda: alone.classes_by_slot() == [CLASSES] * slots, seconds=SOON)
