"""The mail that brings classes to a calendar: a list for people, and an iTIP message a class for their program."""

import datetime
import hashlib
from email.utils import parseaddr
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import formats, timezone, translation

from breathecode.admissions.models import Cohort
from breathecode.authenticate.models import User
from breathecode.common.languages import supported_language
from breathecode.events.domain.calendar_objects import Person, invitations
from breathecode.events.domain.invitation_notices import Notice, Word
from breathecode.events.domain.rows import join_url
from breathecode.events.domain.unsubscribing import UnsubscribeLink
from breathecode.notify.domain.outbox import Mail

LINK = UnsubscribeLink("/calendar/invitations/off", salt="breathecode.calendar-invitations")


def invitation_mail(found: list[Notice], *, person: User, cohort: Cohort, now: datetime.datetime) -> Mail:
    """`now` is the moment of sending, in the messages' DTSTAMP."""
    language = supported_language(person.language, cohort.language)
    zone = person.timezone or cohort.effective_timezone
    with translation.override(language):
        lines = {word.value: [_line(n, zone) for n in found if n.word is word] for word in Word}
    return Mail(
        purpose=_purpose(found, person, cohort),
        to=person.email,
        template="calendar_invitations",
        language=language,
        context={
            "name": person.first_name,
            "about": found[0].entry.title if len(found) == 1 else cohort.name,
            "cohort": cohort.name,
            "academy": cohort.academy.name,
            "zone": zone,
            "several": len(found) > 1,
            "unsubscribe_url": LINK.url(person),
            **lines,
        },
        from_name=cohort.academy.name,
        reply_to=cohort.academy.feedback_email,
        headers=LINK.headers(person),
        attachments=_calendar_parts(found, person, cohort, now),
    )


def _purpose(found: list[Notice], person: User, cohort: Cohort) -> str:
    # The sequence of a class rises with each message to this person, so no two mails have the same.
    told = sorted((notice.entry.id, notice.entry.sequence) for notice in found)
    return f"calendar_invitations:{cohort.pk}:{person.pk}:{hashlib.sha256(repr(told).encode()).hexdigest()[:32]}"


def _line(notice: Notice, zone: str) -> dict[str, Any]:
    entry, told = notice.entry, notice.told
    moved = notice.word is Word.CHANGED and told is not None and told.starting_at != entry.starting_at
    return {
        "title": entry.title,
        "when": _when(entry.starting_at, zone),
        "until": formats.time_format(timezone.localtime(entry.ending_at, ZoneInfo(zone)), "TIME_FORMAT"),
        "before": _when(told.starting_at, zone) if moved and told else "",
        "reason": entry.cancel_reason,
        "link": join_url(entry.hash),
    }


def _when(at: datetime.datetime, zone: str) -> str:
    return formats.date_format(timezone.localtime(at, ZoneInfo(zone)), "DATETIME_FORMAT")


def _calendar_parts(found: list[Notice], person: User, cohort: Cohort, now: datetime.datetime) -> list[dict[str, str]]:
    """A part for each class, since the events of one REQUEST share a UID (RFC 5546, 3.2.2).

    The only one is also another form of the mail's text: that is what Outlook and Gmail show as an invitation.
    """
    parts = [
        {"name": f"class-{notice.entry.id}.ics", "type": f"text/calendar; method={method}", "content": content}
        for notice in found
        for method, content in [_message(notice, person, cohort, now)]
    ]
    return [{**parts[0], "name": ""}, *parts] if len(parts) == 1 else parts


def _message(notice: Notice, person: User, cohort: Cohort, now: datetime.datetime) -> tuple[str, str]:
    # The address that mails come from, since programs compare the two, and since it stays: an update by another
    # organizer is refused.
    organizer = Person(cohort.academy.name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])
    attendee = Person(person.get_full_name(), person.email)
    (content,) = invitations([notice.entry], organizer=organizer, attendee=attendee, at=now, uninvited=notice.uninvited)
    return ("CANCEL" if notice.word is Word.GONE else "REQUEST"), content.decode()
