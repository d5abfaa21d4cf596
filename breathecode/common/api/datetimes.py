"""Datetimes as query parameters (rules H6, L4)."""

import datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

_BARE_DATE = len("YYYY-MM-DD")


class DateOrDateTimeField(forms.Field):
    """A datetime with an offset or Z (without one: UTC), or a date, which a filter takes as a whole day."""

    def to_python(self, value: Any) -> datetime.date | datetime.datetime | None:
        if value in (None, ""):
            return None
        try:
            return self._read(str(value).strip())
        except (ValueError, OverflowError):
            raise forms.ValidationError(
                _("expected a date like 2025-10-28 or a datetime like 2025-10-28T18:00:00Z.")
            ) from None

    def _read(self, text: str) -> datetime.date | datetime.datetime:
        if len(text) == _BARE_DATE:
            found: datetime.date | None = parse_date(text)
        else:
            # In a URL, a "+" that is not percent-encoded arrives as a space.
            moment = parse_datetime(text.replace(" ", "+") if "T" in text else text)
            aware = moment and (moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC))
            found = aware and aware.astimezone(datetime.UTC)
        if found is None:
            raise ValueError(text)
        return found


class DateOrDateTimeFilter(django_filters.Filter):
    """A datetime or a bound. A date is a whole day in the filter set's `zone`, or in UTC (rules L3, L4)."""

    field_class = DateOrDateTimeField

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value is None:
            return qs
        lookup = self.lookup_expr
        if not isinstance(value, datetime.datetime):
            zone = getattr(getattr(self, "parent", None), "zone", None) or datetime.UTC
            if lookup == "exact":
                return self._within(qs, value, zone)
            lookup, value = day_bound(lookup, value, zone)
        return qs.filter(**{f"{self.field_name}__{lookup}": value})

    def _within(self, qs: QuerySet[Any], day: datetime.date, zone: datetime.tzinfo) -> QuerySet[Any]:
        """For `exact`: any time of that day."""
        bounds = (day_bound(lookup, day, zone) for lookup in ("gte", "lte"))
        return qs.filter(**{f"{self.field_name}__{lookup}": instant for lookup, instant in bounds})


# `__gte` and `__lt` compare with the first instant of the day; `__lte` and `__gt` with its last, written as "before the
# first instant of the next day".
_FIRST_INSTANT_OF = {"gte": ("gte", 0), "lt": ("lt", 0), "lte": ("lt", 1), "gt": ("gte", 1)}


def day_bound(lookup: str, day: datetime.date, zone: datetime.tzinfo) -> tuple[str, datetime.datetime]:
    """The lookup and the datetime (UTC) that a date means."""
    lookup, days = _FIRST_INSTANT_OF[lookup]
    try:
        first = datetime.datetime.combine(day + datetime.timedelta(days=days), datetime.time(), tzinfo=zone)
        return lookup, first.astimezone(datetime.UTC)
    except OverflowError:  # at the ends of the calendar
        clock = datetime.time.max if day.year > 1 else datetime.time.min
        return lookup, datetime.datetime.combine(day, clock, tzinfo=datetime.UTC)
