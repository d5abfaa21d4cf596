"""Calendar feeds as a calendar client reads them."""

from __future__ import annotations

import datetime
from typing import Any

from icalendar import Calendar

from breathecode.authenticate.domain.tokens import renew_calendar_token
from breathecode.authenticate.models import User

UTC_FORM = "%Y%m%dT%H%M%SZ"


class FeedReader:
    """Polls addresses with somebody's calendar token, and remembers the ETag of each as clients do."""

    def __init__(self, client: Any, person: User) -> None:
        self.client = client
        self.key = renew_calendar_token(user=person)
        self.etags: dict[str, str] = {}

    def get(self, path: str, **headers: str) -> Any:
        """The answer to one unconditional request."""
        return self.client.get(f"/v1/events/{path}?token={self.key}", headers=headers)

    def poll(self, path: str) -> Any:
        """The answer to a request for what is new since the last poll."""
        known = {"If-None-Match": self.etags[path]} if path in self.etags else {}
        answer = self.get(path, **known)
        self.etags[path] = answer.headers.get("ETag", "")
        return answer

    def events(self, path: str) -> list[Any]:
        return events(self.get(path).content)


def events(content: bytes) -> list[Any]:
    calendar: Any = Calendar.from_ical(content)
    return list(calendar.walk("VEVENT"))


def uids(content: bytes) -> list[str]:
    return [str(event["uid"]) for event in events(content)]


def utc(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).strftime(UTC_FORM)
