"""Tags for what every page writes alike: moments, days and the states of classes (rule V4)."""

import datetime
from collections.abc import Mapping
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from breathecode.events.models import LiveClass
from breathecode.pages.states import State, state_of
from breathecode.pages.times import in_zone, iso_utc, plain_day, spoken, spoken_day, today_in, zone_label

register = template.Library()


@register.simple_tag(takes_context=True)
def moment(context: dict[str, Any], value: datetime.datetime, zone: str = "") -> SafeString:
    """`<time>` in the reader's zone, with the hour in `zone` (a class's own) beside it where that is another one.

    Where the reader's zone is not known it is `zone`, or UTC, with its short name, until times.js writes the browser's.
    """
    reader: str = context.get("zone") or ""
    here = in_zone(value, reader or zone or "UTC")
    today = timezone.localtime(timezone.now(), here.tzinfo).date()
    known = '<time datetime="{}">{}</time>' if reader else '<time datetime="{}" data-local>{}</time>'
    text = spoken(here, today=today)
    if not reader:
        text = f"{text} {zone_label(here)}"
    return format_html(known + "{}", iso_utc(value), text, _beside(here, value, zone))


def _beside(here: datetime.datetime, value: datetime.datetime, zone: str) -> SafeString | str:
    there = in_zone(value, zone) if zone else here
    if there.utcoffset() == here.utcoffset():
        return ""
    text = f"{there:%H:%M} {zone_label(there)}"
    if there.date() != here.date():
        text = f"{date_format(there, 'D')} {text}"
    return format_html(' <span class="quiet">({})</span>', text)


@register.simple_tag(takes_context=True)
def clock_time(context: dict[str, Any], value: datetime.datetime, zone: str = "") -> SafeString:
    """`<time>` with the hour alone, in the reader's zone, else in `zone` until times.js writes the browser's."""
    reader = context.get("zone") or ""
    here = in_zone(value, reader or zone or "UTC")
    known = '<time datetime="{}">{}</time>' if reader else '<time datetime="{}" data-local="hour">{}</time>'
    return format_html(known, iso_utc(value), f"{here:%H:%M}")


@register.simple_tag(takes_context=True)
def spoken_date(context: Mapping[str, Any], day: datetime.date) -> str:
    """A date as people say it, counted from today in the reader's zone, else in the academy's, else in UTC."""
    return spoken_day(day, today=_today(context))


@register.simple_tag(takes_context=True)
def plain_date(context: Mapping[str, Any], day: datetime.date) -> str:
    """The date itself, for headings: "Today" is a word for days that are listed, not for a week that begins."""
    return plain_day(day, today=_today(context))


def _today(context: Mapping[str, Any]) -> datetime.date:
    academy = getattr(context.get("academy"), "timezone", "")
    return today_in(context.get("zone") or academy or "UTC")


@register.filter
def zone_name(zone: str) -> str:
    """An IANA name as people read it: "America/New York"."""
    return zone.replace("_", " ")


@register.simple_tag(takes_context=True)
def holiday_dates(context: Mapping[str, Any], holiday: Any) -> str:
    """The first and the last date of a holiday; one of a single day once."""
    first, last = spoken_date(context, holiday.starts_on), spoken_date(context, holiday.ends_on)
    return first if first == last else f"{first} \u2013 {last}"


@register.inclusion_tag("pages/parts/state.html")
def state(live_class: LiveClass) -> dict[str, State]:
    """The state's word in its shape; nothing for a class that is simply planned."""
    return {"state": state_of(live_class, now=timezone.now())}
