"""Where closed dates come from: public holidays of a country, and calendar files (rule P9)."""

import dataclasses
import datetime
import functools
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from breathecode.common.dates import validate_plausible_date
from breathecode.common.errors import PayloadTooLarge, ValidationFailed
from breathecode.common.text import one_line
from breathecode.schedules.errors import UnknownCountry, UnknownSubdivision

MAX_BYTES = 256 * 1024  # of a calendar file; reading takes a millisecond an event
MAX_HOLIDAYS = 500
MAX_NAME = 150
MAX_RECURRING = 30  # events of a file; one that recurs daily takes 50 ms
# Dates of a calendar file that are read, counted from today; recurring events have no end of their own.
BEFORE, AFTER = datetime.timedelta(days=366), datetime.timedelta(days=3 * 366)
_DAY, _TICK = datetime.timedelta(days=1), datetime.timedelta(microseconds=1)
_RARE_ENOUGH = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})

_WITHIN_A_DAY = frozenset({"BYHOUR", "BYMINUTE", "BYSECOND"})


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class ClosedDates:
    """Both dates included."""

    starts_on: datetime.date
    ends_on: datetime.date
    name: str


# The library takes half a second to import, which only an import of holidays should pay.
@functools.cache
def countries() -> dict[str, list[str]]:
    """ISO 3166 codes of countries, each with the codes of its subdivisions that have holidays of their own."""
    import holidays

    return {code: list(subdivisions) for code, subdivisions in holidays.list_supported_countries().items()}


def public_holidays(country: str, *, subdivision: str = "", year: int, language: str) -> list[ClosedDates]:
    """In order of time; consecutive days of one name are one holiday. Names are in `language` where the source has it.

    Raises `unknown-country`, `unknown-subdivision`.
    """
    import holidays

    known = countries()
    if country not in known:
        raise UnknownCountry(value=country[:50], known=", ".join(sorted(known)))
    # Most codes are capitals, some are names of towns.
    subdivision = {code.casefold(): code for code in known[country]}.get(subdivision.casefold(), subdivision)
    if subdivision and subdivision not in known[country]:
        raise UnknownSubdivision(value=subdivision[:50], known=", ".join(known[country]) or "-")
    spoken = holidays.list_localized_countries().get(country, [])
    chosen = next((code for code in spoken if code.partition("_")[0] == language), None)
    found = holidays.country_holidays(country, subdiv=subdivision or None, years=year, language=chosen)
    return _merged((day, _name(name)) for day, name in sorted(found.items()) if day.year == year)


def _name(text: str) -> str:
    name: str = one_line(text)[:MAX_NAME].strip()
    return name or _("Holiday")


def _merged(days: Iterable[tuple[datetime.date, str]]) -> list[ClosedDates]:
    merged: list[ClosedDates] = []
    for day, name in days:
        if merged and merged[-1].name == name and day - merged[-1].ends_on == datetime.timedelta(days=1):
            merged[-1] = dataclasses.replace(merged[-1], ends_on=day)
        else:
            merged.append(ClosedDates(day, day, name))
    return merged


def read_calendar_file(raw: bytes, *, zone: str, today: datetime.date) -> list[ClosedDates]:
    """The dates of all events, in order of time, from a year ago to three years from now.

    A timed event closes the dates that it touches in `zone`; cancelled events close none. Raises `payload-too-large`
    (over 256 KiB) and `validation-error` on `file`.
    """
    if len(raw) > MAX_BYTES:
        raise PayloadTooLarge(limit=MAX_BYTES)
    try:
        found = _occurrences(raw, first=today - BEFORE, last=today + AFTER)
        closed = sorted({_closed_dates(event, ZoneInfo(zone)) for event in found})
    except ValidationFailed:
        raise
    # The readers raise whatever a field that they did not expect leads to.
    except Exception as error:
        raise _refused(_("The file is not a calendar file (.ics) that can be read.")) from error
    if not closed:
        raise _refused(_("The file contains no events from the last year to the next three years."))
    if len(closed) > MAX_HOLIDAYS:
        raise _refused(_("The file has more than {maximum} dates. Split it.").format(maximum=MAX_HOLIDAYS))
    return closed


def _refused(sentence: str) -> ValidationFailed:
    return ValidationFailed({"file": [sentence]})


def _occurrences(raw: bytes, *, first: datetime.date, last: datetime.date) -> list[Any]:
    import recurring_ical_events
    from icalendar import Calendar

    calendar: Any = Calendar.from_ical(raw)
    rules = [event["RRULE"] for event in calendar.walk("VEVENT") if "RRULE" in event]
    if len(rules) > MAX_RECURRING:
        raise _refused(_("The file has more than {maximum} recurring events.").format(maximum=MAX_RECURRING))
    for rule in rules:
        # An event each second is not a holiday, and expanding it would never end.
        if isinstance(rule, list) or set(rule["FREQ"]) - _RARE_ENOUGH or rule.keys() & _WITHIN_A_DAY:
            raise _refused(_("Events that recur more than once a day cannot be holidays."))
    found = recurring_ical_events.of(calendar).between(first, last)
    return [event for event in found if str(event.get("STATUS", "")).upper() != "CANCELLED"]


def _closed_dates(event: Any, zone: ZoneInfo) -> ClosedDates:
    """DTEND is not part of the event; without one, an event on a date lasts that day, and one at a time no time."""
    start = event["DTSTART"].dt
    end = event["DTEND"].dt if "DTEND" in event else start
    last = end - (_TICK if isinstance(end, datetime.datetime) else _DAY)
    starts_on = _day(start, zone)
    ends_on = max(starts_on, _day(last, zone))
    validate_plausible_date(starts_on)
    validate_plausible_date(ends_on)
    return ClosedDates(starts_on, ends_on, _name(str(event.get("SUMMARY", ""))))


def _day(moment: datetime.date, zone: ZoneInfo) -> datetime.date:
    """A date as it is; the date of an instant in the zone; a time without zone is local, so its own date."""
    if not isinstance(moment, datetime.datetime):
        return moment
    return moment.date() if moment.tzinfo is None else moment.astimezone(zone).date()
