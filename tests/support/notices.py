"""What people believe by the mails about their classes."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from dateutil import parser
from icalendar import Calendar

if TYPE_CHECKING:
    from breathecode.notify.models import OutgoingMail

CORRECTIONS = {"class_moved", "class_cancelled", "class_restored"}
_TIME = re.compile(r"^\w+, (\w+ \d+, \d+), from (.+?) to (.+?)(?: the next day)? \((\S+)\)$", re.MULTILINE)
_CLOCK = {"noon": "12 p.m.", "midnight": "12 a.m."}


class Belief(NamedTuple):
    """When a reader thinks that a class begins; None: it does not take place."""

    starting_at: datetime.datetime | None


class Said(NamedTuple):
    """What one mail says of one class, which its title names."""

    template: str
    to: str
    title: str
    belief: Belief | None  # None: it is out of the reader's calendar, and that is all


def told_in(mail: OutgoingMail) -> list[Said]:
    """In the words that a reader sees; of an invitation, what its calendar parts say."""
    if mail.template == "calendar_invitations":
        parts = {part["content"]: part for part in mail.attachments}
        return [_told_in_calendar(mail, content) for content in parts]
    title = mail.subject.partition(": ")[2]
    starting_at = None if mail.template == "class_cancelled" else _first_time(mail.text)
    return [Said(mail.template, mail.to, title, Belief(starting_at))]


def _first_time(text: str) -> datetime.datetime:
    found = _TIME.search(text)
    assert found, text
    day, start, _end, zone = found.groups()
    return parser.parse(f"{day} {_CLOCK.get(start, start)}").replace(tzinfo=ZoneInfo(zone)).astimezone(datetime.UTC)


def _told_in_calendar(mail: OutgoingMail, content: str) -> Said:
    calendar = Calendar.from_ical(content)
    (event,) = calendar.walk("VEVENT")
    title, starting_at = str(event["summary"]), event["dtstart"].dt
    if calendar["method"] == "REQUEST":
        return Said(mail.template, mail.to, title, Belief(starting_at))
    # The event of a deleted class has no STATUS; the text says what became of it.
    sections = re.findall(r"Cancelled:\n((?:\n\* .*)+)", mail.text)
    off = any(f"* {title}: " in section for section in sections)
    return Said(mail.template, mail.to, title, Belief(None) if off else None)
