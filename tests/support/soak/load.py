"""A mixed load at bounded rates, by clients that come back after a 503 when it says so and report anything else."""

from __future__ import annotations

import collections
import http.client
import itertools
import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg

from tests.support.daily_use import LIVE_CLASSES, ROOM, DailyUse
from tests.support.soak.site import Site

OWN_LIST = "/v1/events/me/event/liveclass"
PATIENCE = 120.0  # seconds for which a client comes back
WARM_UP_LISTS = 4000  # after which the memory of two web processes with four threads each no longer rises


@dataclass
class Seen:
    """What the clients saw and did; written under `lock`."""

    answered: collections.Counter[str] = field(default_factory=collections.Counter)
    retried: collections.Counter[str] = field(default_factory=collections.Counter)
    errors: list[str] = field(default_factory=list)
    slowest: float = 0.0  # seconds from the first try to the answer
    classes: list[dict[str, Any]] = field(default_factory=list)
    joins: set[tuple[int, int]] = field(default_factory=set)  # ids of class and student
    invited: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Load:
    """Threads that each send one kind of request, so many a second; `with` lets them run."""

    def __init__(self, site: Site, used: DailyUse) -> None:
        self.site, self.seen = site, Seen()
        self._host = urlsplit(site.web.url).netloc
        self._over = threading.Event()
        self._admin = {"Authorization": f"Token {site.product.token}", "Academy": str(site.product.academy)}
        self._slot = used.add_slot()[0]
        self._feed, self._cookies = used.feed_path(), used.sign_in()
        self._numbers = itertools.count()
        self._threads = [
            threading.Thread(target=self._repeat, args=(work, 1 / rate), name=work.__name__)
            for work, rate in self._kinds()
        ]

    def _kinds(self) -> list[tuple[Callable[[], None], float]]:
        """What is done, and how often a second."""
        return [
            (self.lists, 4), (self.joins, 3), (self.writes, 0.3), (self.changes_by_sql, 0.3), (self.feeds, 1),
            (self.pages, 1), (self.invitations, 0.5),
        ]  # fmt: skip

    def __enter__(self) -> Load:
        self.writes()  # a class to join
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(timeout=PATIENCE + 30)

    def _repeat(self, work: Callable[[], None], pause: float) -> None:
        while not self._over.wait(pause):
            try:
                work()
            except Exception as error:  # noqa: BLE001  (of any kind: a client would have seen it)
                with self.seen.lock:
                    self.seen.errors.append(f"{work.__name__}: {error!r}")

    def ask(
        self, kind: str, method: str, path: str, headers: dict[str, str], body: Any = None, *, expected: tuple[int, ...]
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Status, headers and body of the answer; comes back after each 503 that says when."""
        begun = time.monotonic()
        while True:
            status, answered, content = self._send(method, path, headers, body)
            pause = answered["Retry-After"]
            if status != 503 or pause is None or time.monotonic() - begun > PATIENCE:
                break
            with self.seen.lock:
                self.seen.retried[kind] += 1
            time.sleep(min(float(pause), 5))
        assert status in expected, (method, path.partition("?")[0], status, content[:300])
        with self.seen.lock:
            self.seen.answered[kind] += 1
            self.seen.slowest = max(self.seen.slowest, time.monotonic() - begun)
        return status, answered, content

    def _send(
        self, method: str, path: str, headers: dict[str, str], body: Any
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = http.client.HTTPConnection(self._host, timeout=60)
        try:
            data = None if body is None else json.dumps(body)
            connection.request(method, path, data, {**headers, "Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def warm_up(self) -> None:
        """Many lists at once: all threads of the web processes fill their caches, and their heaps find their size."""
        with ThreadPoolExecutor(8) as clients:
            for done in [clients.submit(self.lists) for _ in range(WARM_UP_LISTS)]:
                done.result()

    def lists(self) -> None:
        """By turns the academy's list and a student's own, which is cached."""
        number = next(self._numbers)
        headers, path = self._admin, f"{LIVE_CLASSES}?limit=50"
        if number % 2:
            keys = list(self.site.students.values())
            headers, path = {"Authorization": f"Token {keys[number % len(keys)]}"}, OWN_LIST
        self.ask("list", "GET", path, headers, expected=(200,))

    def joins(self) -> None:
        """The next student joins the newest class."""
        newest = self.seen.classes[-1]
        for pk, key in self.site.students.items():
            if (newest["id"], pk) not in self.seen.joins:
                self._join(newest, key)
                self.seen.joins.add((newest["id"], pk))
                return

    def _join(self, live_class: dict[str, Any], key: str) -> None:
        path = f"/v1/events/me/event/liveclass/join/{live_class['hash']}?token={quote(key)}"
        _, headers, _ = self.ask("join", "GET", path, {}, expected=(302,))
        assert headers["Location"] == ROOM

    def writes(self) -> None:
        """A class of now, made by hand and started by its teacher, and its new title."""
        now = time.time()
        body = {
            "cohort_time_slot": self._slot, "remote_meeting_url": ROOM,
            "starting_at": _utc(now - 30), "ending_at": _utc(now + 3600),
        }  # fmt: skip
        status, _, content = self.ask("write", "POST", LIVE_CLASSES, self._admin, body, expected=(201, 409))
        if status == 409:  # the try before it was carried out, although nobody knew; it is in the list
            _, _, content = self.ask("list", "GET", f"{LIVE_CLASSES}?sort=-id&limit=1", self._admin, expected=(200,))
        found = json.loads(content)
        live_class = found if isinstance(found, dict) else found[0]
        title = {"title": f"Class {live_class['id']}"}
        self.ask("write", "PUT", f"{LIVE_CLASSES}/{live_class['id']}", self._admin, title, expected=(200,))
        self._join(live_class, self.site.teacher)
        self.seen.classes.append(live_class)

    def changes_by_sql(self) -> None:
        """Other hours of the time slot, of which no message tells: the next sweep builds them."""
        statement = "UPDATE admissions_cohorttimeslot SET ending_at = %s WHERE id = %s"
        hour = 1500 + next(self._numbers) % 60
        try:
            with psycopg.connect(self.site.product.database_url, connect_timeout=5) as connection:
                connection.execute(statement, [hour, self._slot])
        except psycopg.OperationalError:  # the database restarts
            return

    def feeds(self) -> None:
        _, _, text = self.ask("feed", "GET", self._feed, {}, expected=(200,))
        assert text.rstrip().endswith(b"END:VCALENDAR")

    def pages(self) -> None:
        _, _, page = self.ask(
            "page", "GET", "/academy/miami", {"Cookie": self._cookies, "Accept": "text/html"}, expected=(200,)
        )
        assert b"Miami" in page

    def invitations(self) -> None:
        """A new student, who is sent one mail."""
        email = f"new-{next(self._numbers)}@example.org"
        body = {"email": email, "first_name": "New", "last_name": "Student"}
        self.ask("invitation", "POST", "/v1/auth/academy/student", self._admin, body, expected=(200, 201))
        self.seen.invited.add(email)


def _utc(seconds: float) -> str:
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{int(seconds % 1 * 1e6):06}Z"
