"""Choices and values of the fields that several forms have."""

import datetime
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS as WEEKDAY_NAMES

from breathecode.common.i18n.time_zones import TIME_ZONES
from breathecode.events.schedule.recurrence import WEEKDAYS

ZONES = [(name, name.replace("_", " ")) for name in sorted(TIME_ZONES) if "/" in name or name == "UTC"]
DAYS = [(name, WEEKDAY_NAMES[number]) for number, name in enumerate(WEEKDAYS)]


def day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def clock_input() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


def with_stored(choices: list[tuple[str, Any]], stored: str) -> list[tuple[str, Any]]:
    """What was saved stays a choice, whatever is offered today."""
    return choices if stored in dict(choices) else [*choices, (stored, stored)]


def written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date) else value


def clock(value: int) -> datetime.time:
    """Of HHMM."""
    return datetime.time(value // 100, value % 100)
