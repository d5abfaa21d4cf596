"""The invitation mail: a readable list, and one iTIP message per class for the calendar program."""

import dataclasses
import datetime
import hashlib
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.utils import translation

from breathecode.admissions.models import Cohort
from breathecode.authenticate.domain.unsubscribe_links import UnsubscribeLink
from breathecode.authenticate.models import User
from breathecode.calendars.domain.notices import Notice, NoticeKind
from breathecode.calendars.domain.objects import CalendarEntry, CalendarUser, invitations
from breathecode.common.text import one_line
from breathecode.events.domain.class_times import class_time, mail_language
from breathecode.events.domain.lists.rows import join_url
from breathecode.notify.domain.outbox import Mail

LINK = UnsubscribeLink("/calendar/invitations/off", salt="breathecode.calendar-invitations")

# Cancelled in this calendar only; the class itself takes place.
REMOVED = "removed"
SECTIONS = (*(kind.value for kind in NoticeKind), REMOVED)


def invitation_mail(found: list[Notice], *, user: User, cohort: Cohort, now: datetime.datetime) -> Mail:
    """`now` is the moment of sending, in the messages' DTSTAMP."""
    language = mail_language(user, cohort)
    zone = user.timezone or cohort.effective_timezone
    with translation.override(language):
        lines = {
            section: [_line(notice, zone) for notice in found if _section(notice) == section] for section in SECTIONS
        }
    return Mail(
        purpose=_purpose(found, user, cohort),
        to=user.email,
        user_id=user.pk,
        template="calendar_invitations",
        language=language,
        context={
            "name": one_line(user.first_name),
            "about": one_line(found[0].entry.title if len(found) == 1 else cohort.name),
            "cohort": one_line(cohort.name),
            "academy": one_line(cohort.academy.name),
            "zone": zone,
            "several": len(found) > 1,
            "unsubscribe_url": LINK.url(user),
            **lines,
        },
        from_name=cohort.academy.name,
        reply_to=cohort.academy.feedback_email,
        headers=LINK.headers(user),
        attachments=_calendar_parts(found, user, cohort, now),
    )


def _section(notice: Notice) -> str:
    """The part of the mail's text that lists it."""
    return notice.kind.value if notice.is_news_of_the_class else REMOVED


def _purpose(found: list[Notice], user: User, cohort: Cohort) -> str:
    # The sequence of a class rises with each message to this user, so no two mails have the same.
    sent = sorted((notice.entry.id, notice.entry.sequence) for notice in found)
    return f"calendar_invitations:{cohort.pk}:{user.pk}:{hashlib.sha256(repr(sent).encode()).hexdigest()[:32]}"


def _line(notice: Notice, zone: str) -> dict[str, Any]:
    entry, before = notice.entry, notice.before
    moved = before is not None and before[:2] != (entry.starting_at, entry.ending_at)
    return {
        "title": one_line(entry.title),
        "when": class_time(entry.starting_at, entry.ending_at, zone=zone),
        "before": class_time(before.starting_at, before.ending_at, zone=zone) if moved and before else "",
        "reason": one_line(entry.cancel_reason),
        "link": join_url(entry.hash),
    }


def _calendar_parts(found: list[Notice], user: User, cohort: Cohort, now: datetime.datetime) -> list[dict[str, str]]:
    """A part for each class, since the events of one REQUEST share a UID (RFC 5546, 3.2.2).

    The only one is also another form of the mail's text: that is what Outlook and Gmail show as an invitation.
    """
    parts = [
        {"name": f"class-{notice.entry.id}.ics", "type": f"text/calendar; method={method}", "content": content}
        for notice in found
        for method, content in [_message(notice, user, cohort, now)]
    ]
    return [{**parts[0], "name": ""}, *parts] if len(parts) == 1 else parts


def _on_one_line(entry: CalendarEntry) -> CalendarEntry:
    """Names and titles without line breaks, which some calendar programs take for new lines of the file (rule N3)."""
    names = ("own_title", "cohort_name", "academy_name", "cancel_reason", "move_reason")
    changes: Any = {name: one_line(getattr(entry, name)) for name in names}
    return dataclasses.replace(entry, **changes)


def _message(notice: Notice, user: User, cohort: Cohort, now: datetime.datetime) -> tuple[str, str]:
    # The address that mails come from, since programs compare the two, and since it stays: an update by another
    # organizer is refused.
    organizer = CalendarUser(one_line(cohort.academy.name), parseaddr(settings.DEFAULT_FROM_EMAIL)[1])
    attendee = CalendarUser(one_line(user.get_full_name()), user.email)
    (content,) = invitations(
        [_on_one_line(notice.entry)], organizer=organizer, attendee=attendee, at=now, uninvited=notice.uninvited
    )
    return ("CANCEL" if notice.kind is NoticeKind.CANCELLED else "REQUEST"), content.decode()
