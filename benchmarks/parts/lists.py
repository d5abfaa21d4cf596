"""Lists under gunicorn, beside bare WSGI functions that give the same answers with the same statements.

What limits a machine's throughput is the CPU that a request costs it, of the web server and of PostgreSQL for it: the
clock says as much about what else the machine does. Most of the lines are of both; one more is of the web server alone,
for installations whose database is another machine.
"""

import http.client
import itertools
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.filling.people import Reader, make_reader
from benchmarks.lines import Line
from benchmarks.sizes import Size
from benchmarks.timing import computed_seconds, percentiles
from tests.support.servers import web_server

ROWS, COUNTED_ROWS = 100, 501
MINE, ACADEMY = "/v1/events/me/event/liveclass", "/v1/events/academy/event/liveclass"
COUNTED = f"{MINE}?limit=20"
UNCACHED, CACHED = 2.0, 1.25  # at least half of the bare function's throughput, and at least 0.8 of it
SERVER = {
    # No worker inside the process, whose own work would be measured too. Reads never speak to the queue.
    "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
    "CACHE_URL": "",
    "LOG_LEVEL": "INFO",
    "PUBLIC_URL": "http://classes.example.org",  # of both servers, since answers hold links
}


@dataclass
class Target:
    """What is requested of which server, and what a request took: CPU of the web server, and of its connections."""

    url: str
    master: int
    paths: Iterator[str]
    headers: dict[str, str] = field(default_factory=dict)
    cpu_ms: list[float] = field(default_factory=list)
    database_ms: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def turn(self, requests: int) -> None:
        link = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        before, database_before = cpu_seconds(self.master), database_cpu_seconds()
        for path in itertools.islice(self.paths, requests):
            begun = time.perf_counter()
            read(link, path, self.headers)
            self.seconds.append(time.perf_counter() - begun)
        link.close()
        self.cpu_ms.append((cpu_seconds(self.master) - before) / requests * 1000)
        # The others are idle. What a connection that has ended meanwhile had computed is not known.
        self.database_ms.append(max(0, database_cpu_seconds() - database_before) / requests * 1000)

    def forget(self) -> None:
        for measured in (self.cpu_ms, self.database_ms, self.seconds):
            measured.clear()


def read(link: http.client.HTTPConnection, path: str, headers: dict[str, str], *, status: int = 200) -> bytes:
    link.request("GET", path, headers=headers)
    answer = link.getresponse()
    body = answer.read()
    if answer.status != status:
        raise RuntimeError(f"{path} answers {answer.status}: {body[:300]!r}")
    return body


def cpu_seconds(master: int) -> float:
    """Of the web server's workers, by all of their threads."""
    workers = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return sum(computed_seconds(thread) for worker in workers for thread in Path(f"/proc/{worker}/task").iterdir())


def database_cpu_seconds() -> float:
    """Of the processes of PostgreSQL that serve connections of others."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        return sum(computed_seconds(Path(f"/proc/{pid}")) for (pid,) in cursor.fetchall())


def peak_mb(master: int) -> float:
    """The most memory that a worker of the server had, in MB."""
    workers = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    peaks = [Path(f"/proc/{worker}/status").read_text() for worker in workers]
    return max(int(text.partition("VmHWM:")[2].split()[0]) for text in peaks) / 1024


def measure(size: Size) -> Iterator[Line]:
    few, many = make_reader("few", classes=ROWS), make_reader("many", classes=COUNTED_ROWS)
    analyze()
    statements = {
        "own": statements_of(few, MINE),
        "counted": statements_of(many, COUNTED),
        "academy": statements_of(few, ACADEMY),
    }
    with tempfile.TemporaryDirectory(prefix="live-classes-bench-") as folder:
        file = Path(folder) / "statements.json"
        file.write_text(json.dumps(statements))
        env = {**SERVER, "DATABASE_URL": os.environ["DATABASE_URL"], "LISTING_SQL": str(file)}
        # How a process comes to lie in memory makes a fifth of a difference: so several of each.
        found = [_once(env, few, many, size) for _server in range(size.servers)]
    yield from _lines(found, {name: len(sql) for name, sql in statements.items()})


def analyze() -> None:
    """As autovacuum would, which is off here: the planner is to know the rows."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def statements_of(reader: Reader, path: str) -> list[str]:
    """The statements that the product runs for the request."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers=reader.headers)
    client.get(path, HTTP_HOST="127.0.0.1")  # connects
    from django.core.cache import cache

    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path, HTTP_HOST="127.0.0.1")
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answers {answer.status_code}: {answer.content[:300]!r}")
    return [query["sql"] for query in captured if query["sql"].startswith("SELECT")]


def _once(env: dict[str, str], few: Reader, many: Reader, size: Size) -> dict[str, tuple[Target, float]]:
    with ExitStack() as stack:
        bare = stack.enter_context(web_server(env, app="benchmarks.parts.lists_bare"))
        cached = stack.enter_context(web_server(env))
        # A cache that does not answer is left alone, so every list comes from the database and is kept nowhere.
        alone = stack.enter_context(web_server({**env, "CACHE_URL": "redis://127.0.0.1:1/0"}))

        def target(server: Any, path: str, reader: Reader) -> Target:
            return Target(server.url, server.pid, itertools.repeat(path), reader.headers)

        targets = {
            "bare own": target(bare, "/own", few),
            "bare counted": target(bare, "/counted", many),
            "bare academy": target(bare, "/academy", few),
            "own, uncached": target(alone, MINE, few),
            "own, uncached, filtered": target(alone, f"{MINE}?upcoming=true&cohort=web-dev", few),
            "own, cached": target(cached, MINE, few),
            "own, counted": target(alone, COUNTED, many),
            "academy": target(alone, ACADEMY, few),
        }
        _check_same(targets)
        for target_ in targets.values():
            target_.turn(size.requests)  # warms it up
            target_.forget()
        for _round in range(size.rounds):
            for target_ in targets.values():
                target_.turn(size.requests)
        return {name: (target_, peak_mb(target_.master)) for name, target_ in targets.items()}


def _check_same(targets: dict[str, Target]) -> None:
    """A bare function that answers something else measures nothing."""
    for bare, product in (("bare own", "own, uncached"), ("bare counted", "own, counted"), ("bare academy", "academy")):
        answers = set()
        for found in (targets[bare], targets[product]):
            link = http.client.HTTPConnection(urlsplit(found.url).netloc, timeout=30)
            answers.add(read(link, next(found.paths), found.headers))
            link.close()
        if len(answers) > 1:
            raise RuntimeError(f"The bare function does not answer as {product}.")


LIMITS: dict[str, tuple[str, float, str]] = {
    "own, uncached": ("bare own", UNCACHED, "own"),
    "own, uncached, filtered": ("bare own", UNCACHED, "own"),
    "own, cached": ("bare own", CACHED, ""),
    "own, counted": ("bare counted", UNCACHED, "counted"),
    "academy": ("bare academy", UNCACHED, "academy"),
}


def _lines(found: list[dict[str, tuple[Target, float]]], statements: dict[str, int]) -> Iterator[Line]:
    def of(name: str, values: Callable[[Target], list[float]]) -> list[float]:
        return [value for turn in found for value in values(turn[name][0])]

    def cpu_ms(name: str) -> tuple[float, float]:
        """Of the web server, and of both."""
        pairs = list(zip(of(name, lambda turn: turn.cpu_ms), of(name, lambda turn: turn.database_ms), strict=True))
        return statistics.median(web for web, _database in pairs), statistics.median(map(sum, pairs))

    for name, (bare, target, sql) in LIMITS.items():
        (web, both), (bare_web, bare_both) = cpu_ms(name), cpu_ms(bare)
        p50, p99 = percentiles(of(name, lambda turn: turn.seconds))
        memory = max(turn[name][1] for turn in found)
        yield Line(
            f"list: {name}", both / bare_both, target, "bare WSGI, the same answer", cpu_ms=both, p50_ms=p50,
            p99_ms=p99, statements=statements.get(sql, 1), peak_mb=memory,
        )  # fmt: skip
        yield Line(f"list: {name}: web server", web / bare_web, target, "bare WSGI, the same answer", cpu_ms=web)
