"""Calendar invitations as a mail program reads them, from a real mail server."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

import pytest
from icalendar import Calendar

if TYPE_CHECKING:
    from breathecode.authenticate.models import User
    from tests.support.servers import SmtpSink

REST = timedelta(minutes=2, seconds=1)  # in which nothing changes


@dataclasses.dataclass
class Told:
    """One message to a calendar; the properties of its event are attributes, None where it has none."""

    method: str
    event: Any

    def __getattr__(self, name: str) -> Any:
        return self.event.get(name)

    @property
    def starts(self) -> Any:
        return self.event["dtstart"].dt


def calendar_parts(message: EmailMessage) -> list[Any]:
    return [part for part in message.walk() if part.get_content_type() == "text/calendar"]


def channels_of(message: EmailMessage) -> list[Told]:
    """What a mail says to a calendar program: a message a class, whether as a form of the text, a file, or both."""
    found: dict[str, Told] = {}
    for part in calendar_parts(message):
        calendar: Any = Calendar.from_ical(part.get_content())
        (event,) = calendar.walk("VEVENT")
        assert calendar["method"] == part.get_param("method")
        found[str(event["uid"])] = Told(str(calendar["method"]), event)
    return list(found.values())


def ask_for_invitations(*people: User, wanted: bool = True) -> None:
    from breathecode.calendars.models import CalendarPreference

    for person in people:
        CalendarPreference.objects.update_or_create(user=person, defaults={"calendar_invitations": wanted})


class Post:
    """The mail server, and a clock that lets a cohort come to rest before each sweep."""

    def __init__(self, server: SmtpSink, clock: Any) -> None:
        self.server, self.clock = server, clock

    def sweep(self, after: timedelta = REST) -> list[EmailMessage]:
        """The mails that one sweep sends."""
        from breathecode.calendars.tasks import send_due_invitations
        from breathecode.notify.tasks import send_due_mails

        self.clock.shift(after)
        self.server.messages.clear()
        send_due_invitations()
        send_due_mails()
        return list(self.server.messages)

    def one(self) -> Told:
        """What the only mail of a sweep, with one class in it, says."""
        (message,) = self.sweep()
        (told,) = channels_of(message)
        return told


@pytest.fixture
def post(mail_server, clock):
    return Post(mail_server, clock)


@pytest.fixture
def asked(world):
    """The student wants invitations."""
    ask_for_invitations(world.student)
    return world.student
