"""Live classes as RFC 5545 writes them: published calendars, and the invitations of RFC 5546 (rule I3).

Everything here is a function of its arguments and of PUBLIC_URL: equal classes give equal bytes, which is what
lets a feed be compared, cached and answered with 304.
"""

import dataclasses
import datetime
import re
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet, TextField, Value
from django.db.models.functions import MD5, Cast, Coalesce
from django.utils import translation
from django.utils.translation import gettext as _
from icalendar import Calendar, Conference, Event, vCalAddress, vDuration, vText

from breathecode.common.db.expressions import FlatConcat
from breathecode.common.i18n.languages import supported_language
from breathecode.events.domain.class_times import start_time
from breathecode.events.domain.lists.rows import join_url
from breathecode.events.models import LiveClass

PRODUCT = "-//BreatheCode//Live Classes//EN"
REFRESH_INTERVAL = datetime.timedelta(hours=1)
# Raise it with every change of what the text looks like: caches outlive a release.
TEXT_VERSION = 5

# RFC 5545 forbids control characters in a text; a line break is the only one that it can write.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def _plain(value: str) -> str:
    return _CONTROLS.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))


class Text(vText):
    r"""A TEXT value. The library's own takes the two characters `\N` for a line break: "C:\New" would lose them."""

    def to_ical(self) -> bytes:
        escaped = _plain(self).replace("\\", "\\\\").replace(";", r"\;").replace(",", r"\,").replace("\n", r"\n")
        return escaped.encode()


class CalendarUser(NamedTuple):
    """The organizer or the attendee of an invitation: a calendar user of RFC 5545."""

    name: str
    email: str


def event_uid(live_class_id: int) -> str:
    return f"liveclass-{live_class_id}@{urlsplit(settings.PUBLIC_URL).hostname}"


@dataclasses.dataclass(frozen=True, slots=True)
class CalendarEntry:
    """What a calendar shows of one class; COLUMNS names what each field is read from."""

    id: int
    hash: str
    own_title: str
    starting_at: datetime.datetime
    ending_at: datetime.datetime
    cancelled_at: datetime.datetime | None
    cancel_reason: str
    sequence: int
    updated_at: datetime.datetime
    cohort_name: str
    language: str
    academy_name: str
    # When a name or a language changed that the text takes from these rows; None: never.
    cohort_changed_at: datetime.datetime | None = None
    academy_changed_at: datetime.datetime | None = None
    cohort_id: int = 0
    # The ids of the cancelled class that it replaces, and of the make-up class that replaces it (rule P5).
    replaces: int | None = None
    replaced_by: int | None = None
    # The start before staff moved it, in the IANA zone of its time slot, and why.
    moved_from: datetime.datetime | None = None
    move_reason: str = ""
    zone: str = "UTC"

    @property
    def modified_at(self) -> datetime.datetime:
        """The last change of the class, or of what its text takes from cohort and academy (rule I3)."""
        related = (self.cohort_changed_at, self.academy_changed_at)
        return max([self.updated_at, *(moment for moment in related if moment is not None)])

    @property
    def title(self) -> str:
        return self.own_title or self.cohort_name

    @property
    def uid(self) -> str:
        """The same for the whole life of the class, wherever it is moved."""
        return event_uid(self.id)

    @property
    def description(self) -> str:
        """In the language that is active. Holds the join link, never the meeting's (decision record 0006)."""
        link = join_url(self.hash)
        where = f"{self.cohort_name}, {self.academy_name}"
        if self.cancelled_at is None:
            return "\n\n".join([_("Join: {link}").format(link=link), *self._move(), where])
        reason = _("Cancelled: {reason}").format(reason=self.cancel_reason) if self.cancel_reason else _("Cancelled")
        return "\n\n".join([reason, where, link])

    def _move(self) -> list[str]:
        if self.moved_from is None:
            return []
        moved = _("Moved from {start} ({zone})").format(
            start=start_time(self.moved_from, zone=self.zone), zone=self.zone
        )
        return [f"{moved}. {self.move_reason}" if self.move_reason else moved]


# The columns of the fields of CalendarEntry; a field that is not named here is the class's column of the same name.
_PATHS = {
    "own_title": "title",
    "cohort_name": "cohort__name",
    "language": "cohort__language",
    "academy_name": "academy__name",
    "cohort_changed_at": "cohort__calendar_changed_at",
    "academy_changed_at": "academy__calendar_changed_at",
    "replaces": "replaces_id",
    "replaced_by": "replaced_by__id",
    "zone": "cohort_time_slot__timezone",
}
COLUMNS = tuple(_PATHS.get(field.name, field.name) for field in dataclasses.fields(CalendarEntry))


def _as_text(path: str) -> Coalesce:
    return Coalesce(Cast(path, TextField()), Value("", output_field=TextField()))


_SEPARATOR = Value("\x1f", output_field=TextField())  # in no text of one line (rule H11)


def text_environment() -> str:
    """What every event's text depends on besides its rows: this code, PUBLIC_URL, and the rules of time zones."""
    return f"{TEXT_VERSION}\x1f{settings.PUBLIC_URL}\x1f{settings.TIME_ZONE_DATA_VERSION}"


def _digest() -> MD5:
    """Of all that an event's text depends on, so that classes with one digest have one text.

    Computed by the database: reading the columns of thousands of classes takes longer than anything else in a feed of
    which one class has changed.
    """
    environment = Value(f"{text_environment()}\x1f", output_field=TextField())
    return MD5(FlatConcat(environment, *(part for path in COLUMNS for part in (_as_text(path), _SEPARATOR))))


def read_digests(classes: QuerySet[LiveClass]) -> list[tuple[int, int, str]]:
    """The ids of cohort and class, and the digest, in the order of time; one query."""
    return list(classes.order_by("starting_at", "id").values_list("cohort_id", "id", _digest()))


def read_entries(classes: QuerySet[LiveClass]) -> list[CalendarEntry]:
    """In the order of time; one query."""
    rows = classes.order_by("starting_at", "id").values_list(*COLUMNS)
    return [CalendarEntry(*row) for row in rows]


def read_entries_with_digests(classes: QuerySet[LiveClass]) -> list[tuple[CalendarEntry, str]]:
    """As `read_entries`, each with the digest of the very same row."""
    rows = classes.order_by("starting_at", "id").values_list(*COLUMNS, _digest())
    return [(CalendarEntry(*row), digest) for *row, digest in rows]


def published_calendar(entries: Iterable[CalendarEntry], *, name: str) -> bytes:
    """The text of a feed, or of a file to import. Without a METHOD: it would ask for an ORGANIZER in each event."""
    return calendar_text(map(event_text, entries), name=name)


def calendar_text(events: Iterable[bytes], *, name: str) -> bytes:
    """A published calendar around the texts of its events. The bytes are those that icalendar writes of the whole."""
    head, end, rest = _empty_calendar(name).partition(b"END:VCALENDAR")
    return b"".join([head, *events, end, rest])


def event_text(entry: CalendarEntry) -> bytes:
    """The VEVENT of one class, with the line end after it."""
    return bytes(_event(entry).to_ical())


def _empty_calendar(name: str) -> bytes:
    calendar = _calendar()
    calendar.add("name", Text(name))
    calendar.add("x-wr-calname", Text(name))  # what Google, Apple and Outlook read instead of NAME
    # RFC 7986 wants the type spelt out here; Outlook reads the older name.
    calendar.add("refresh-interval", vDuration(REFRESH_INTERVAL), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH_INTERVAL))
    return bytes(calendar.to_ical())


def invitations(
    entries: Iterable[CalendarEntry],
    *,
    organizer: CalendarUser,
    attendee: CalendarUser,
    at: datetime.datetime,
    uninvited: bool = False,
) -> list[bytes]:
    """One iTIP message per class: METHOD:REQUEST, or CANCEL for a cancelled class or a user who is no longer invited.

    One a class, since RFC 5546 wants all events of a REQUEST to share one UID. `at` is the moment of sending.
    """
    return [_invitation(entry, organizer, attendee, at, uninvited) for entry in entries]


def _invitation(
    entry: CalendarEntry, organizer: CalendarUser, attendee: CalendarUser, at: datetime.datetime, uninvited: bool
) -> bytes:
    calendar, event = _calendar(), _event(entry)
    withdrawn = uninvited or entry.cancelled_at is not None
    calendar.add("method", "CANCEL" if withdrawn else "REQUEST")
    if uninvited:
        del event["status"]  # RFC 5546, 3.2.5: it would call the class off for everybody
    del event["dtstamp"]
    event.add("dtstamp", at)  # with a METHOD it is the message's time, not the class's
    event.add("organizer", _address(organizer))
    guest = _address(attendee)
    # Replies are not processed: attendance is recorded in class.
    guest.params.update({"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "FALSE"})
    event.add("attendee", guest)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _calendar() -> Any:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    return calendar


def _address(person: CalendarUser) -> Any:
    address = vCalAddress(f"mailto:{person.email}")
    address.params["CN"] = _plain(person.name or person.email)
    return address


def _event(entry: CalendarEntry) -> Any:
    link = join_url(entry.hash)
    cancelled = entry.cancelled_at is not None
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstart", entry.starting_at)
    event.add("dtend", entry.ending_at)
    # Without a METHOD, DTSTAMP is the last change: a clock here would give other bytes every second.
    event.add("dtstamp", entry.modified_at)
    event.add("last-modified", entry.modified_at)
    # Only changes of the class itself increment it; a renamed cohort does not change time or place (RFC 5546, 2.1.4).
    event.add("sequence", entry.sequence)
    event.add("summary", Text(entry.title))
    event.add("url", link)
    event.add("location", Text(link))
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if cancelled else "OPAQUE")
    for related in filter(None, (entry.replaces, entry.replaced_by)):
        event.add("related-to", event_uid(related), parameters={"RELTYPE": "SIBLING"})
    with translation.override(supported_language(entry.language)):
        event.add("description", Text(entry.description))
        if not cancelled:
            event.conferences = [Conference(link, feature="VIDEO", label=_("Join the class"))]
    return event
