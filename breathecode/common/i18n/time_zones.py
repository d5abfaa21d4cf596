"""IANA time zone names, as this installation knows them."""

from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

TIME_ZONES = frozenset(available_timezones()) - {"localtime", "posixrules", "Factory"}


def validate_timezone(value: str) -> None:
    if value not in TIME_ZONES:
        raise ValidationError(
            _("%(value)s is not a valid IANA time zone (example: Europe/Madrid)."), "invalid", {"value": value[:100]}
        )
