"""The time of a class as mails write it, in the language that is active."""

import datetime
from zoneinfo import ZoneInfo

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from breathecode.admissions.models import Cohort
from breathecode.authenticate.models import User
from breathecode.common.i18n.languages import supported_language


def class_time(starting_at: datetime.datetime, ending_at: datetime.datetime, *, zone: str) -> str:
    """ "Wednesday, March 5, 2025, from 3:30 p.m. to 5:30 p.m." in this IANA zone. An end on another day says so."""
    start, end = (timezone.localtime(moment, ZoneInfo(zone)) for moment in (starting_at, ending_at))
    words = {
        "weekday": formats.date_format(start, "l"),
        "date": formats.date_format(start, "DATE_FORMAT"),
        "start": formats.time_format(start, "TIME_FORMAT"),
        "end": formats.time_format(end, "TIME_FORMAT"),
    }
    if start.date() == end.date():
        return _("{weekday}, {date}, from {start} to {end}").format(**words)
    return _("{weekday}, {date}, from {start} to {end} the next day").format(**words)


def start_time(moment: datetime.datetime, *, zone: str) -> str:
    """ "Wednesday, March 5, 2025, 3:30 p.m." in this IANA zone."""
    start = timezone.localtime(moment, ZoneInfo(zone))
    words = (formats.date_format(start, "l"), formats.date_format(start, "DATE_FORMAT"))
    return ", ".join([*words, formats.time_format(start, "TIME_FORMAT")])


def class_times(
    starting_at: datetime.datetime, ending_at: datetime.datetime, *, zones: tuple[str, ...]
) -> list[dict[str, str]]:
    """The time in each of these IANA zones, `when` and `zone`; once where they are the same."""
    return [{"when": class_time(starting_at, ending_at, zone=zone), "zone": zone} for zone in dict.fromkeys(zones)]


def mail_language(user: User, cohort: Cohort) -> str:
    """Rule V5. Reads the cohort's academy."""
    return supported_language(user.language, cohort.language, cohort.academy.language)
