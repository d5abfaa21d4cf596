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
from tests.support.relay import relay

pytestmark = pytest.mark.timeout(900)  # each starts several programs, on a machine that may be busy
MINUTE = 60 + 30  # seconds; within a minute a worker is back, and half of one is for a busy machine
SOON = 100  # seconds; five minutes are promised, with a sweep a minute; here it comes each second
# What a request may take longer while the broker is down than the same request in the same run with a broker that
# answers. It waits 0.5 s at most where it would queue; the rest is for a machine five times as busy.
MAX_WAIT, MAX_RATIO = 2.5, 5  # seconds, times


@pytest.fixture
def alone(template, databases):
    """A product without a broker."""
    return template.copy(databases(template.database_url), CELERY_BROKER_URL="", SWEEP_INTERVAL_SECONDS="1")


def worker(product, *arguments, **keywords):
    return servers.celery_worker(product.env, "--concurrency=2", *arguments, **keywords)


@contextlib.contextmanager
def black_hole(port):
    """A broker that takes connections and says nothing, as one that is stopped by its machine."""
    with socket.socket() as silent:
        silent.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        silent.bind(("127.0.0.1", port))
        silent.listen(64)
        yield


def post_slots(product, web, count=5):
    """Adds time slots; the seconds of the middle one of these requests."""
    answers = [product.add_slot(web.url) for _ in range(count)]
    assert [status for status, _, _ in answers] == [201] * count
    return sorted(seconds for _, _, seconds in answers)[count // 2]


def put_url(product, web, number):
    """Changes the cohort, so that all its time slots are to be built; the seconds of the request."""
    path = f"/v1/admissions/academy/cohort/{product.cohort}"
    status, _, seconds = product.call(web.url, "PUT", path, {"online_meeting_url": f"https://zoom.us/j/{number}"})
    assert status == 200
    return seconds


def longest(healthy):
    return MAX_RATIO * healthy + MAX_WAIT


def test_a_broker_that_comes_and_goes(product, valkey):
    """G9, C1: with the broker gone or mute a request takes a bounded time longer, and what it queued is built later.

    Compared with the same requests to the broker that answers, since machines differ.
    """
    with worker(product), servers.web_server(product.env) as web:
        assert product.add_slot(web.url)[0] == 201
        until(lambda: product.classes_by_slot() == [CLASSES], seconds=SOON)
        post, put = post_slots(product, web), put_url(product, web, 2)
        until(lambda: product.classes_by_slot() == [CLASSES] * 6, seconds=SOON)
        os.kill(valkey.pid, signal.SIGSTOP)  # good connections that go mute
        assert post_slots(product, web) < longest(post)
        os.kill(valkey.pid, signal.SIGCONT)
        until(lambda: product.classes_by_slot() == [CLASSES] * 11, seconds=SOON)
        valkey.stop()  # connections that are refused
        assert post_slots(product, web) < longest(post)
        with black_hole(valkey.port):  # new connections that are mute
            assert post_slots(product, web) < longest(post)
            # 21 time slots are to be built: their messages must not add up their waiting.
            assert put_url(product, web, 3) < longest(put)
        assert product.classes_by_slot() == [CLASSES] * 21  # each request built its own (P2)
        product.add_unbuilt_slots(1)
        valkey.start()
        until(lambda: product.classes_by_slot() == [CLASSES] * 22, seconds=SOON)  # the worker looks for it with pauses


def test_a_broker_that_vanishes(product, valkey):
    """C1, G9: its machine lost its power, so connections stay open and mute for good; the worker opens others."""
    with relay(valkey.port) as network:
        product.env["CELERY_BROKER_URL"] = f"redis://127.0.0.1:{network.port}/0"
        with worker(product) as working:
            product.add_unbuilt_slots(1)
            until(lambda: product.classes_by_slot() == [CLASSES], seconds=SOON)
            network.vanish()
            product.add_unbuilt_slots(1)  # takes seconds, in which the worker has to ask the broker
            network.come_back()
            until(lambda: product.classes_by_slot() == [CLASSES] * 2, seconds=MINUTE)
            assert working.running


def test_a_worker_that_starts_before_its_broker(product, valkey):
    """C1, O1: it waits for the broker, and then its beat is heard by itself."""
    valkey.stop()
    with worker(product, logged="Trying again"), servers.web_server(product.env) as web:
        assert product.add_slot(web.url)[0] == 201
        readyz = product.call(web.url, "GET", "/readyz")[1]
        assert (readyz["status"], readyz["parts"]["broker"], readyz["parts"]["beat"]) == (
            "degraded", "failing", "never-ran",
        )  # fmt: skip
        valkey.start()
        until(lambda: product.classes_by_slot() == [CLASSES], seconds=SOON)
        until(lambda: product.call(web.url, "GET", "/readyz")[1]["status"] == "ok", seconds=SOON)


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
        until(lambda: product.classes_by_slot() == [CLASSES] * 80, seconds=SOON)


def test_two_workers_with_a_beat_each(product):
    """C1: both sweep, each second; the classes are made once, nothing fails, and no file is left behind."""
    before = set(ROOT.iterdir())
    product.add_unbuilt_slots(20)
    with worker(product, "-n", "one@%h") as one, worker(product, "-n", "two@%h") as two:
        until(lambda: product.classes_by_slot() == [CLASSES] * 20, seconds=SOON)
        # Whichever of the two is free takes the next round: each takes some, and rounds follow each other.
        until(lambda: min(log.count("build_due_live_classes") for log in (one.log(), two.log())) >= 1, seconds=SOON)
        until(lambda: (one.log() + two.log()).count("build_due_live_classes") >= 6, seconds=SOON)
        logs = one.log() + two.log()
        assert [line for line in logs.splitlines() if '"error"' in line or "Traceback" in line] == []
    assert set(ROOT.iterdir()) - before <= {ROOT / "var"}


# --- Without a broker ---


def test_a_web_server_without_a_broker(alone):
    """C1, G9: it builds on a thread of its own, sweeps by itself, and what a kill left undone after its restart."""
    with servers.web_server(alone.env) as web:
        assert alone.add_slot(web.url)[0] == 201
        until(lambda: alone.classes_by_slot() == [CLASSES], seconds=SOON)
        until(lambda: alone.call(web.url, "GET", "/readyz")[1]["parts"]["beat"] == "ok", seconds=SOON)  # O1
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
