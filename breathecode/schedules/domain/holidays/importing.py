"""Importing holidays of a whole academy: what is closed already is left alone (rule P9)."""

import dataclasses
import datetime
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from breathecode.admissions.domain.holidays import save_holidays
from breathecode.admissions.models import Holiday
from breathecode.authenticate.models import Academy
from breathecode.common.i18n.languages import supported_language
from breathecode.schedules.domain.holidays.sources import ClosedDates, public_holidays, read_calendar_file


@dataclasses.dataclass(frozen=True, slots=True)
class HolidayImport:
    """`created`: the new holidays, without ids where nothing was saved; `skipped`: dates that were closed before."""

    created: list[Holiday]
    skipped: list[ClosedDates]


def add_holidays(found: Sequence[ClosedDates], *, academy_id: int) -> HolidayImport:
    """Closes these dates for the whole academy, whose lock the caller holds.

    Dates that lie within one holiday of the whole academy are closed already, whatever it is called.
    """
    closed = [(known.starts_on, known.ends_on) for known in Holiday.objects.filter(academy=academy_id, cohort=None)]
    created: list[Holiday] = []
    skipped: list[ClosedDates] = []
    for dates in found:
        if any(first <= dates.starts_on and dates.ends_on <= last for first, last in closed):
            skipped.append(dates)
            continue
        closed.append((dates.starts_on, dates.ends_on))
        created.append(Holiday(academy_id=academy_id, **dataclasses.asdict(dates)))
    return HolidayImport(save_holidays(created), skipped)


def dates_of_country(country: str, *, subdivision: str, year: int, academy: Academy) -> list[ClosedDates]:
    """The public holidays of a year, named in the academy's language where the source has it.

    Raises `unknown-country`, `unknown-subdivision`.
    """
    language = supported_language(academy.language)
    return public_holidays(country.upper(), subdivision=subdivision, year=year, language=language)


def dates_of_file(raw: bytes, *, academy: Academy, now: datetime.datetime) -> list[ClosedDates]:
    """The dates of a calendar file, as days at the academy. Raises what `read_calendar_file` raises."""
    today = now.astimezone(ZoneInfo(academy.timezone)).date()
    return read_calendar_file(raw, zone=academy.timezone, today=today)
