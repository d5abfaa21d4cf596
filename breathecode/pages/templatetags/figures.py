"""Filters for the figures of reports; a dash where there is none."""

import datetime

from django import template
from django.template.defaultfilters import floatformat
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

register = template.Library()
NONE = "\N{EN DASH}"


@register.filter
def percent(share: float | None) -> str:
    """A share from 0 to 1 in whole percent."""
    if share is None:
        return NONE
    # Translators: a share, as in "87%"; Spanish puts a space before the sign.
    return _("{number}%").format(number=round(share * 100))


@register.filter
def score(value: float | None) -> str:
    """An average score from 0 to 10 with one decimal."""
    return NONE if value is None else str(floatformat(value, 1))


@register.filter
def week_day(monday: datetime.date) -> str:
    """The Monday that a week is known by, with its year where that is another one."""
    return date_format(monday, _("j M") if monday.year == timezone.now().year else _("j M Y"))
