"""What people believe by the mails about their classes."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from dateutil import parser
from icalendar import Calendar

if TYPE_CHECKING:
    from email.message import EmailMessage

    from breathecode.notify.models import OutgoingMail

CORRECTIONS = {"class_moved", "class_cancelled", "class_restored"}
_TIME = re.compile(r"^\w+, (\w+\.? \d+, \d+), from (.+?) to (.+?)(?: the next day)? \((\S+)\)$", re.MULTILINE)
_TEMPLATES = {
    "Moved": "class_moved",
    "Cancelled": "class_cancelled",
    "Takes place after all": "class_restored",
}
_CLOCK = {"noon": "12 p.m.", "midnight": "12 a.m."}


class Belief(NamedTuple):
    """When a reader thinks that a class begins; None: it does not take place."""

    starting_at: datetime.datetime | None


class ReadMail(NamedTuple):
    """What one mail says of one class, which its title names."""

    template: str
    to: str
    title: str
    belief: Belief | None  # None: it is out of the reader's calendar, and that is all


def told_in(mail: OutgoingMail) -> list[ReadMail]:
    """In the words that a reader sees; of an invitation, what its calendar parts say."""
    calendars = {part["content"]: None for part in mail.attachments}
    return _told(mail.template, mail.to, mail.subject, mail.text, list(calendars))


def channels_of(message: EmailMessage) -> list[ReadMail]:
    """The same of a message that a mail server was sent."""
    subject, text = str(message["Subject"]), message.get_body(("plain",))
    assert text is not None
    calendars = {part.get_content(): None for part in message.walk() if part.get_content_type() == "text/calendar"}
    template = "calendar_invitations" if calendars else _TEMPLATES.get(subject.partition(": ")[0], "class_reminder")
    return _told(template, str(message["To"]), subject, text.get_content().replace("\r\n", "\n"), list(calendars))


def _told(template: str, to: str, subject: str, text: str, calendars: list[str]) -> list[ReadMail]:
    if template == "calendar_invitations":
        return [_told_in_calendar(to, text, content) for content in calendars]
    starting_at = None if template == "class_cancelled" else _first_time(text)
    return [ReadMail(template, to, subject.partition(": ")[2], Belief(starting_at))]


def _first_time(text: str) -> datetime.datetime:
    found = _TIME.search(text)
    assert found, text
    day, start, _end, zone = found.groups()
    return parser.parse(f"{day} {_CLOCK.get(start, start)}").replace(tzinfo=ZoneInfo(zone)).astimezone(datetime.UTC)


def _told_in_calendar(to: str, text: str, content: str) -> ReadMail:
    calendar: Any = Calendar.from_ical(content)
    (event,) = calendar.walk("VEVENT")
    title, starting_at = str(event["summary"]), event.decoded("dtstart")
    if calendar["method"] == "REQUEST":
        return ReadMail("calendar_invitations", to, title, Belief(starting_at.astimezone(datetime.UTC)))
    # The event of a deleted class has no STATUS; the text says what became of it.
    sections = re.findall(r"Cancelled:\n((?:\n\* .*)+)", text)
    off = any(f"* {title}: " in section for section in sections)
    return ReadMail("calendar_invitations", to, title, Belief(None) if off else None)
