"""The dates that a schedule may contain, for the API, the admin and imported files."""

import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Years outside this range are taken as typing errors; at the ends of the calendar, zones cannot be applied.
EARLIEST, LATEST = datetime.date(2000, 1, 1), datetime.date(2199, 12, 31)


def validate_plausible_date(value: datetime.date) -> None:
    """Raises Django's ValidationError before 2000-01-01 and after 2199-12-31; checks the date of a datetime."""
    day = value.date() if isinstance(value, datetime.datetime) else value
    if not EARLIEST <= day <= LATEST:
        raise ValidationError(
            _("Expected a date from %(earliest)s to %(latest)s."),
            "implausible-date",
            {"earliest": EARLIEST.isoformat(), "latest": LATEST.isoformat()},
        )
