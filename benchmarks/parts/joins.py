"""A full house: the students of one class open its join link, over HTTP, from several threads; beside an own list."""

import http.client
import itertools
import os
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from django.utils import timezone

from benchmarks.filling.people import URL, Reader, make_reader, make_students
from benchmarks.lines import Line
from benchmarks.parts.lists import MINE, ROWS, SERVER, Target, cpu_seconds, peak_mb, read
from benchmarks.sizes import Size
from benchmarks.timing import percentiles, statements_of
from breathecode.admissions.models import CohortTimeSlot
from breathecode.events.models import ClassJoin, LiveClass
from tests.support.servers import WebServer, web_server

THREADS = 8
WANTED_A_SECOND = 300  # on two cores
TIMES_AN_OWN_LIST = 1.5


def measure(size: Size) -> Iterator[Line]:
    reader = make_reader("joins", classes=ROWS)
    running = _running_class(reader)
    keys = make_students(reader.cohort, count=size.joins + 1)
    statements = _statements(running, keys.pop())
    env = {**SERVER, "DATABASE_URL": os.environ["DATABASE_URL"], "WEB_CONCURRENCY": "2"}
    with web_server(env) as server:
        own_list = Target(server.url, server.pid, itertools.repeat(MINE), reader.headers)
        own_list.turn(size.requests)  # warms it up; nothing is kept of a list that was asked for with other addresses
        own_list = Target(server.url, server.pid, map(_uncached, itertools.count()), reader.headers)
        own_list.turn(size.requests)
        yield from _storm(server, running, keys, statements=statements, list_ms=own_list.cpu_ms[0])


def _uncached(number: int) -> str:
    """An address that no answer is kept for."""
    return f"{MINE}?limit={100 + number % 900}"


def _running_class(reader: Reader) -> LiveClass:
    slot = CohortTimeSlot.objects.get(cohort=reader.cohort)
    now = timezone.now()
    return LiveClass.objects.create(
        cohort_time_slot=slot,
        starting_at=now - timedelta(minutes=1),
        ending_at=now + timedelta(hours=2),
        remote_meeting_url=URL,
    )


def _statements(live_class: LiveClass, key: str) -> int:
    from django.test import Client

    client = Client(headers={"Authorization": f"Token {key}"})
    return statements_of(lambda: client.get(_address(live_class)))


def _address(live_class: LiveClass) -> str:
    return f"/v1/events/me/event/liveclass/join/{live_class.hash}"


def _storm(
    server: WebServer, live_class: LiveClass, keys: Sequence[str], *, statements: int, list_ms: float
) -> Iterator[Line]:
    seconds: list[float] = []
    failures: list[Exception] = []

    def visit(mine: Sequence[str]) -> None:
        link = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60)
        try:
            for key in mine:
                begun = time.perf_counter()
                read(link, _address(live_class), {"Authorization": f"Token {key}"}, status=302)
                seconds.append(time.perf_counter() - begun)
        except Exception as error:  # noqa: BLE001  (raised again below, on the main thread)
            failures.append(error)
        finally:
            link.close()

    threads = [threading.Thread(target=visit, args=(keys[number::THREADS],)) for number in range(THREADS)]
    begun, cpu = time.perf_counter(), cpu_seconds(server.pid)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = len(keys) / (time.perf_counter() - begun)
    cpu_ms = (cpu_seconds(server.pid) - cpu) / len(keys) * 1000
    if failures:
        raise failures[0]
    if (kept := ClassJoin.objects.filter(live_class=live_class).count()) != len(keys) + 1:
        raise RuntimeError(f"{kept} of {len(keys) + 1} joins were kept.")
    p50, p99 = percentiles(seconds)
    measured = {"p50_ms": p50, "p99_ms": p99, "peak_mb": peak_mb(server.pid), "statements": statements}
    yield Line("join: the whole visit", cpu_ms / list_ms, TIMES_AN_OWN_LIST, f"an own list of {ROWS}", cpu_ms=cpu_ms)
    yield Line(
        f"join storm of {len(keys):,}", WANTED_A_SECOND / rate, 1.0, f"{WANTED_A_SECOND} joins a second",
        cpu_ms=cpu_ms, **measured,
    )  # fmt: skip
