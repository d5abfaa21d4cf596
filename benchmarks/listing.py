"""CPU of one request for 100 classes, beside a bare WSGI function with the same statements, under gunicorn.

Goal: twice the bare function where the answer is not cached. The first ratio is to a bare function with the same
answer, the second to one that dumps the rows as they are.
"""

import datetime
import http.client
import itertools
import json
import os
import statistics
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.support.postgres import postgres
from tests.support.servers import web_server

ROWS, STARTS, ROUNDS, REQUESTS = 100, 3, 5, 200
MINE, ACADEMY = "/v1/events/me/event/liveclass", "/v1/events/academy/event/liveclass"
FILTERED = f"{MINE}?upcoming=true&cohort=web-dev"
SERVER = {
    # No worker inside the process, whose own work would be measured too. Reads never speak to the queue.
    "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
    "CACHE_URL": "",
    "LOG_LEVEL": "INFO",
    "PUBLIC_URL": "http://classes.example.org",  # of both servers, since answers hold links
}
ROWS_ALONE, SAME = "bare, the rows alone", "bare, the same answer"
Target = tuple[str, int, Iterator[str], dict[str, str]]


def prepare() -> tuple[str, int, list[str]]:
    """A student and teacher on the staff of an academy with 100 classes. Their key, the academy, and the statements."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser
    from breathecode.authenticate.domain.tokens import sign_in
    from breathecode.authenticate.models import Academy, AcademyMember, User
    from breathecode.events.models import LiveClass

    academy = Academy.objects.create(slug="downtown-miami", name="Downtown Miami")
    cohort = Cohort.objects.create(academy=academy, slug="web-dev", name="Web Development", stage="STARTED")
    person = User.objects.create_user("ana@example.org")
    CohortUser.objects.create(cohort=cohort, user=person)
    AcademyMember.objects.create(academy=academy, user=person, role="teacher")
    slot = CohortTimeSlot.objects.create(cohort=cohort, starting_at=1400, ending_at=1600)
    first, hour = datetime.datetime(2031, 1, 1, tzinfo=datetime.UTC), datetime.timedelta(hours=1)
    times = [first + hour * 24 * day for day in range(ROWS)]
    url = "https://zoom.us/j/123456789"
    classes = [
        LiveClass(cohort_time_slot=slot, starting_at=at, ending_at=at + hour, remote_meeting_url=url) for at in times
    ]
    LiveClass.objects.bulk_create(classes)
    key, _token = sign_in(user=person)
    with CaptureQueriesContext(connection) as captured:
        answer = Client(headers={"Authorization": f"Token {key}"}).get(MINE, HTTP_HOST="127.0.0.1")
    if len(answer.json()) != ROWS:
        raise RuntimeError(f"The list holds {len(answer.json())} classes.")
    return key, academy.pk, [query["sql"] for query in captured if query["sql"].startswith("SELECT")]


def read(target: Target) -> bytes:
    url, _master, paths, headers = target
    with urllib.request.urlopen(urllib.request.Request(url + next(paths), headers=headers)) as answer:
        body: bytes = answer.read()
    return body


def cpu_seconds(master: int) -> float:
    """Of the web server's workers: user and system time."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:  # it has ended meanwhile
            continue
        if int(fields[1]) == master:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def milliseconds_per_request(target: Target) -> float:
    url, master, paths, headers = target
    link = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    begun = cpu_seconds(master)
    for path in itertools.islice(paths, REQUESTS):
        link.request("GET", path, headers=headers)
        answer = link.getresponse()
        if answer.status != 200 or len(answer.read()) < ROWS:
            raise RuntimeError(f"{path} answers {answer.status}.")
    link.close()
    return (cpu_seconds(master) - begun) / REQUESTS * 1000


def measure(targets: dict[str, Target]) -> list[dict[str, float]]:
    """All targets take turns, so that a busy machine slows them alike."""
    for target in targets.values():
        milliseconds_per_request(target)
    return [{name: milliseconds_per_request(target) for name, target in targets.items()} for _ in range(ROUNDS)]


def addresses(make: Callable[[int], str]) -> Iterator[str]:
    return map(make, itertools.cycle(range(900)))


def run(database: str, folder: Path) -> None:
    key, academy_id, statements = prepare()
    sql = folder / "statements.json"
    sql.write_text(json.dumps(statements))
    env = {**SERVER, "DATABASE_URL": database, "LISTING_SQL": str(sql)}
    # How a process comes to lie in memory makes a fifth of a difference: so several of each.
    turns = [turn for _ in range(STARTS) for turn in measure_once(env, key=key, academy_id=academy_id)]
    found = {name: statistics.median(turn[name] for turn in turns) for name in turns[0]}
    print(f"A list of {ROWS} classes: CPU of one request under gunicorn,")
    print(f"medians of {STARTS} servers x {ROUNDS} rounds x {REQUESTS} requests")
    for name, cost in found.items():
        print(f"{name:>28} {cost:7.2f} ms {cost / found[SAME]:6.2f} x {cost / found[ROWS_ALONE]:6.2f} x")


def measure_once(env: dict[str, str], *, key: str, academy_id: int) -> list[dict[str, float]]:
    mine = {"Authorization": f"Token {key}"}
    staff = {**mine, "Academy": str(academy_id)}
    with ExitStack() as stack:
        bare = stack.enter_context(web_server(env, app="benchmarks.listing_bare"))
        product = stack.enter_context(web_server(env))
        # A cache that does not answer is left alone, so every list comes from the database and is kept nowhere.
        alone = stack.enter_context(web_server({**env, "CACHE_URL": "redis://127.0.0.1:1/0"}))
        targets: dict[str, Target] = {
            ROWS_ALONE: (bare.url, bare.pid, addresses(lambda _number: "/rows"), {}),
            SAME: (bare.url, bare.pid, addresses(lambda _number: "/same"), {}),
            "own list": (alone.url, alone.pid, addresses(lambda _number: MINE), mine),
            "own list, filtered": (alone.url, alone.pid, addresses(lambda _number: FILTERED), mine),
            # An address of its own for each request finds nothing in the cache, and fills it.
            "own list, put into the cache": (
                product.url, product.pid, addresses(lambda number: f"{MINE}?limit={100 + number}"), mine,
            ),
            "own list, from the cache": (product.url, product.pid, addresses(lambda _number: MINE), mine),
            "academy's list": (product.url, product.pid, addresses(lambda _number: ACADEMY), staff),
        }  # fmt: skip
        if read(targets[SAME]) != read(targets["own list"]):
            raise RuntimeError("The bare function answers something else.")
        return measure(targets)


def main() -> None:
    with postgres() as database, tempfile.TemporaryDirectory(prefix="breathecode-bench-") as folder:
        settings: dict[str, Any] = {
            "DATABASE_URL": database,
            "DJANGO_SETTINGS_MODULE": "breathecode.settings.base",
            "SECRET_KEY": "only-for-benchmarks-on-a-database-that-is-thrown-away",
            "ALLOWED_HOSTS": "127.0.0.1",
        }
        os.environ.update(settings)
        os.environ.pop("CELERY_BROKER_URL", None)
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        run(database, Path(folder))
        from django.db import connection

        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # of the PostgreSQL backend alone


if __name__ == "__main__":
    main()
