"""The dates that a schedule can hold: one range for the API, the admin and files."""

import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Beyond lie slips of the pen, and the edges of the calendar that zones cannot be applied to.
EARLIEST, LATEST = datetime.date(2000, 1, 1), datetime.date(2199, 12, 31)


def validate_plausible_date(value: datetime.date) -> None:
    """Raises Django's ValidationError before 2000-01-01 and after 2199-12-31; of a datetime, its own date counts."""
    day = value.date() if isinstance(value, datetime.datetime) else value
    if not EARLIEST <= day <= LATEST:
        raise ValidationError(
            _("Expected a date from %(earliest)s to %(latest)s."),
            "implausible-date",
            {"earliest": EARLIEST.isoformat(), "latest": LATEST.isoformat()},
        )
