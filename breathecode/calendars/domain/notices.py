"""What one user's calendar has to be sent: what it was sent last, compared with what is. No database."""

import dataclasses
import datetime
import enum
from collections.abc import Collection, Iterable, Mapping

from breathecode.admissions.models import Cohort
from breathecode.calendars.domain.objects import CalendarEntry
from breathecode.calendars.models import CalendarInvitation
from breathecode.events.domain.class_notices import ClassTime
from breathecode.events.models import ClassNotice


class NoticeKind(enum.Enum):
    CREATED = "created"
    UPDATED = "updated"
    RESTORED = "restored"
    CANCELLED = "cancelled"


@dataclasses.dataclass(frozen=True, slots=True)
class Notice:
    """One message about one class. `entry.sequence` is the message's, `last_sent` the calendar's last one.

    `before`: what the user knows of the class, by whichever channel. `uninvited`: the message takes the class out of
    this calendar alone. `is_news_of_the_class`: it says what becomes of the class, and not only of the calendar.
    """

    kind: NoticeKind
    entry: CalendarEntry
    last_sent: CalendarInvitation | None = None
    before: ClassTime | None = None
    uninvited: bool = False
    is_news_of_the_class: bool = True


def notices(
    entries: Iterable[CalendarEntry],
    *,
    last_sent: Mapping[int, CalendarInvitation],
    known: Mapping[int, ClassNotice],
    cohort: Cohort,
    invited: Collection[int],
    email: str,
    now: datetime.datetime,
) -> list[Notice]:
    """In the order of time. `entries` are the cohort's classes to be sent, and those sent that are to come.

    `last_sent` and `known` hold the last invitation and the last notice of each class by its id; `invited`
    holds the ids of those that the user is to have.
    """
    existing = {entry.id: entry for entry in entries}
    shown = {pk: entry for pk, entry in existing.items() if pk in invited}
    found = [
        _of_class(entry, last_sent.get(entry.id), known.get(entry.id), email=email, now=now) for entry in shown.values()
    ]
    deleted = cohort.stage == Cohort.Stage.DELETED
    found += [
        _cancellation(row, cohort, is_over=deleted or _is_over(existing.get(row.class_id)), now=now)
        for row in last_sent.values()
        if row.class_id not in shown
    ]
    return sorted((notice for notice in found if notice), key=lambda notice: notice.entry.starting_at)


def _is_over(entry: CalendarEntry | None) -> bool:
    """Whether the class is deleted or cancelled."""
    return entry is None or entry.cancelled_at is not None


def _of_class(
    entry: CalendarEntry,
    last_sent: CalendarInvitation | None,
    known: ClassNotice | None,
    *,
    email: str,
    now: datetime.datetime,
) -> Notice | None:
    following = _with_next_sequence(entry, last_sent)
    if entry.cancelled_at is not None:
        is_due = last_sent is not None and _is_current(last_sent, now)
        return Notice(NoticeKind.CANCELLED, following, last_sent) if is_due else None
    if last_sent is not None and not last_sent.withdrawn and _is_as_sent(entry, last_sent, email):
        return None
    return Notice(
        _kind(last_sent, known),
        following,
        last_sent,
        before=ClassTime.channels_of(known) if known is not None else None,
    )


def _kind(last_sent: CalendarInvitation | None, known: ClassNotice | None) -> NoticeKind:
    if known is not None and known.cancelled:
        return NoticeKind.RESTORED
    return NoticeKind.CREATED if last_sent is None or last_sent.withdrawn else NoticeKind.UPDATED


def _is_as_sent(entry: CalendarEntry, last_sent: CalendarInvitation, email: str) -> bool:
    sent = (last_sent.title, last_sent.starting_at, last_sent.ending_at, last_sent.email)
    return sent == (entry.title, entry.starting_at, entry.ending_at, email)


def _is_current(last_sent: CalendarInvitation, now: datetime.datetime) -> bool:
    """What has begun is left where it is."""
    return not last_sent.withdrawn and last_sent.starting_at > now


def _with_next_sequence(entry: CalendarEntry, last_sent: CalendarInvitation | None) -> CalendarEntry:
    """RFC 5546, 2.1.4: calendars ignore a message whose SEQUENCE is not above the last one's.

    The class's own SEQUENCE does not rise for changes outside the class: a user leaves and returns, or the cohort
    is renamed.
    """
    if last_sent is None:
        return entry
    return dataclasses.replace(entry, sequence=max(entry.sequence, last_sent.sequence + 1))


def _cancellation(
    last_sent: CalendarInvitation, cohort: Cohort, *, is_over: bool, now: datetime.datetime
) -> Notice | None:
    """The class is deleted or is not this user's any more: said with the words of the last message."""
    if not _is_current(last_sent, now):
        return None
    entry = CalendarEntry(
        id=last_sent.class_id,
        hash=last_sent.hash,
        own_title=last_sent.title,
        starting_at=last_sent.starting_at,
        ending_at=last_sent.ending_at,
        cancelled_at=now,
        cancel_reason="",
        sequence=last_sent.sequence + 1,
        updated_at=now,
        cohort_name=cohort.name,
        language=cohort.language,
        academy_name=cohort.academy.name,
    )
    return Notice(NoticeKind.CANCELLED, entry, last_sent, uninvited=True, is_news_of_the_class=is_over)
