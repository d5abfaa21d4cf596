"""Moments as the pages write them (rule V4)."""

import datetime
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from breathecode.authenticate.models import User
from breathecode.common.i18n.time_zones import TIME_ZONES

ZONE_COOKIE = "timezone"  # set by times.js: the zone of this browser


def iso_utc(moment: datetime.datetime) -> str:
    """For `<time datetime>`: UTC with `Z`, to the second."""
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def reader_zone(request: HttpRequest, user: User | None) -> str:
    """The user's own zone, else the browser's; empty where neither is known."""
    if user is not None and user.timezone:
        return user.timezone
    name = request.COOKIES.get(ZONE_COOKIE, "")
    return name if name in TIME_ZONES else ""


def spoken(local: datetime.datetime, *, today: datetime.date) -> str:
    """A local time as people say it: "Today 14:00", "Thu 3 Dec 14:00"; with the year where it is another one."""
    return f"{spoken_day(local.date(), today=today)} {local:%H:%M}"


def spoken_day(day: datetime.date, *, today: datetime.date) -> str:
    near = {-1: _("Yesterday"), 0: _("Today"), 1: _("Tomorrow")}
    return near.get((day - today).days) or plain_day(day, today=today)


def plain_day(day: datetime.date, *, today: datetime.date) -> str:
    """The date itself, however near: "Thu 3 Dec"; with the year where it is not this one."""
    # Translators: a date in Django's format characters; Spanish writes months in lower case.
    return date_format(day, _("D j M") if day.year == today.year else _("D j M Y"))


def spoken_wait(left: datetime.timedelta) -> str:
    """How long until a start: "In 12 minutes", "In 3 h 5 min", "Now" from the start on; empty from a day on.

    home.js counts on from the same texts.
    """
    minutes = -(-left // datetime.timedelta(minutes=1))  # rounded up: a start is never said to be nearer than it is
    if minutes <= 0:
        return _("Now")
    if left >= datetime.timedelta(days=1):
        return ""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("In 1 minute") if minutes == 1 else _("In {m} minutes").format(m=minutes)
    return (_("In {h} h {m} min") if rest else _("In {h} h")).format(h=hours, m=rest)


def zone_label(local: datetime.datetime) -> str:
    """The short name of an aware time's zone: "EST", "CET"; "UTC-03:00" where a zone has digits for a name."""
    name = local.tzname() or ""
    return name if name[:1] not in "+-" else f"UTC{local.isoformat()[-6:]}"


def today_in(zone: str) -> datetime.date:
    return timezone.localtime(timezone=ZoneInfo(zone)).date()


def in_zone(moment: datetime.datetime, zone: str) -> datetime.datetime:
    return moment.astimezone(ZoneInfo(zone))


def spoken_with_zone(moment: datetime.datetime, zone: str) -> str:
    """As `spoken`, in this zone and with its short name, for sentences: "Thu 3 Dec 14:00 CET"."""
    local = in_zone(moment, zone)
    today = timezone.localtime(timezone.now(), local.tzinfo).date()
    return f"{spoken(local, today=today)} {zone_label(local)}"
