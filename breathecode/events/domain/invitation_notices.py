"""What one person's calendar has to be told: what it was told last, compared with what is. No database."""

import dataclasses
import datetime
import enum
from collections.abc import Iterable, Mapping

from breathecode.admissions.models import Cohort
from breathecode.events.domain.calendar_objects import CalendarEntry
from breathecode.events.models import CalendarInvitation


class Word(enum.Enum):
    NEW = "new"
    CHANGED = "changed"
    GONE = "gone"


@dataclasses.dataclass(frozen=True, slots=True)
class Notice:
    """One message about one class. `entry.sequence` is the message's.

    `uninvited`: the class may well take place, without this person. `told`: what was said before.
    """

    word: Word
    entry: CalendarEntry
    told: CalendarInvitation | None = None
    uninvited: bool = False


def notices(
    entries: Iterable[CalendarEntry],
    *,
    told: Mapping[int, CalendarInvitation],
    cohort: Cohort,
    welcome: bool,
    email: str,
    now: datetime.datetime,
) -> list[Notice]:
    """In the order of time. `entries` are the cohort's classes to be told of, and those told of that are to come.

    `told` has the last word on each class by its id; `welcome` says whether the person is to have the classes.
    """
    shown = {entry.id: entry for entry in entries} if welcome else {}
    found = [_of_class(entry, told.get(entry.id), email=email, now=now) for entry in shown.values()]
    found += [_taken_out(row, cohort, now=now) for row in told.values() if row.class_id not in shown]
    return sorted((notice for notice in found if notice), key=lambda notice: notice.entry.starting_at)


def _of_class(
    entry: CalendarEntry, told: CalendarInvitation | None, *, email: str, now: datetime.datetime
) -> Notice | None:
    if entry.cancelled_at is not None:
        return Notice(Word.GONE, _raised(entry, told), told) if told and _stands(told, now) else None
    if told is None or told.withdrawn:
        return Notice(Word.NEW, _raised(entry, told), told)
    before = (told.title, told.starting_at, told.ending_at, told.email)
    if before == (entry.title, entry.starting_at, entry.ending_at, email):
        return None
    return Notice(Word.CHANGED, _raised(entry, told), told)


def _stands(told: CalendarInvitation, now: datetime.datetime) -> bool:
    """What has begun is left where it is."""
    return not told.withdrawn and told.starting_at > now


def _raised(entry: CalendarEntry, told: CalendarInvitation | None) -> CalendarEntry:
    """RFC 5546, 2.1.4: calendars ignore a message whose SEQUENCE is not above the last one's.

    The class's own does not rise where the change is not the class's: somebody leaves and returns, or the cohort
    is renamed.
    """
    return entry if told is None else dataclasses.replace(entry, sequence=max(entry.sequence, told.sequence + 1))


def _taken_out(told: CalendarInvitation, cohort: Cohort, *, now: datetime.datetime) -> Notice | None:
    """The class is deleted or is not this person's any more: said with the words that were told."""
    if not _stands(told, now):
        return None
    entry = CalendarEntry(
        id=told.class_id,
        hash=told.hash,
        own_title=told.title,
        starting_at=told.starting_at,
        ending_at=told.ending_at,
        cancelled_at=now,
        cancel_reason="",
        sequence=told.sequence + 1,
        updated_at=now,
        cohort_name=cohort.name,
        language=cohort.language,
        academy_name=cohort.academy.name,
    )
    return Notice(Word.GONE, entry, told, uninvited=True)
