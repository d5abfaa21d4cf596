"""What people do with a running product every day, over HTTP as they do it: `DailyUse(product, url)`."""

from __future__ import annotations

import datetime
import http.client
import re
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from tests.support.product import Product

LIVE_CLASSES = "/v1/events/academy/event/liveclass"
ROOM = "https://zoom.us/j/1"
PASSWORD = "pass-word-9"  # of the admin of `Product`
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class DailyUse:
    """The admin of a product, at one of its web servers."""

    def __init__(self, product: Product, url: str) -> None:
        self.product, self.url = product, url

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The answer to a request that succeeds."""
        status, answer, _ = self.product.call(self.url, method, path, body)
        assert status in (200, 201, 204), (method, path, status, answer)
        return answer

    def open(self, path: str, **headers: str) -> tuple[int, http.client.HTTPMessage, str]:
        """Status, headers and text of a GET that follows no redirect."""
        return self._send("GET", path, None, headers)

    def _send(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[int, http.client.HTTPMessage, str]:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def add_slot(self) -> tuple[int, int]:
        """A new daily time slot, built: its id, and how many classes its plan made."""
        status, slot, _ = self.product.add_slot(self.url)
        assert status == 201, slot
        return slot["id"], len(slot["plan"]["created"])

    def class_now(self, slot: int) -> Any:
        """A class made by hand that goes on for an hour: its JSON."""
        begin = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=1)
        times = {"starting_at": begin, "ending_at": begin + datetime.timedelta(hours=1)}
        body = {name: at.isoformat() for name, at in times.items()}
        return self.call("POST", LIVE_CLASSES, {"cohort_time_slot": slot, "remote_meeting_url": ROOM, **body})

    def classes(self) -> list[dict[str, Any]]:
        """All classes of the academy."""
        found: list[dict[str, Any]] = []
        while rows := self.call("GET", f"{LIVE_CLASSES}?sort=id&limit=100&offset={len(found)}"):
            found += rows
        return found

    def join(self, hash_: str) -> None:
        path = f"/v1/events/academy/event/liveclass/join/{hash_}?token={quote(self.product.token)}"
        status, headers, text = self.open(path)
        assert (status, headers["Location"]) == (302, ROOM), text

    def feed_path(self) -> str:
        """The address of the cohort's feed with a new token; the former one ends."""
        token = self.call("POST", "/v1/auth/me/calendar-token")["token"]
        return f"/v1/events/ical/cohorts/{self.product.cohort}?token={quote(token)}"

    def events_of(self, feed_path: str) -> int:
        """How many classes a feed holds."""
        status, _, text = self.open(feed_path)
        assert status == 200, text
        return text.count("BEGIN:VEVENT")

    def sign_in(self) -> str:
        """Signs in by the page; the value of the cookie header of this session."""
        status, headers, page = self.open("/sign-in")
        (key,) = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        form = urlencode({"csrfmiddlewaretoken": key, "email": "admin@example.org", "password": PASSWORD, "next": "/"})
        status, headers, page = self._send("POST", "/sign-in", form, {**FORM, "Cookie": _cookies(headers)})
        assert status == 302, page
        return _cookies(headers)

    def page(self, cookies: str, path: str = "/academy/miami") -> str:
        """A page as a signed-in user sees it."""
        status, _, text = self.open(path, Cookie=cookies, Accept="text/html")
        assert status == 200, text[:500]
        return text


def _cookies(headers: http.client.HTTPMessage) -> str:
    return "; ".join(cookie.partition(";")[0] for cookie in headers.get_all("Set-Cookie", []))
