"""The query parameters of the class lists (rules L2 to L6)."""

import datetime
from typing import Any
from zoneinfo import ZoneInfo

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field

from breathecode.common.api.filters import FilterSet, IdOrSlugListFilter
from breathecode.events.models import LiveClass

_DAY = datetime.timedelta(days=1)
_BARE_DATE = len("YYYY-MM-DD")


class InstantField(forms.Field):
    """A datetime with offset or Z (without one: UTC), or a bare date, which a filter takes as a whole day."""

    def to_python(self, value: Any) -> datetime.date | datetime.datetime | None:
        if value in (None, ""):
            return None
        # In an address, a "+" that nobody encoded arrives as a space.
        text = str(value).strip().replace(" ", "+") if "T" in str(value) else str(value).strip()
        try:
            if len(text) == _BARE_DATE:
                day = parse_date(text)
                if day is not None:
                    return day
            elif moment := parse_datetime(text):
                return (moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)).astimezone(datetime.UTC)
        except (ValueError, OverflowError):
            pass
        raise forms.ValidationError(_("expected a date like 2025-10-28 or a datetime like 2025-10-28T18:00:00Z."))


class InstantFilter(django_filters.Filter):
    """A bound in time. A bare date is a whole day in the zone of `timezone=` (rule L4)."""

    field_class = InstantField

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value is None:
            return qs
        lookup = self.lookup_expr
        if not isinstance(value, datetime.datetime):
            lookup, value = self._bound(value)
        return qs.filter(**{f"{self.field_name}__{lookup}": value})

    def _bound(self, day: datetime.date) -> tuple[str, datetime.datetime]:
        # `__gte` and `__lt` mean the day's first instant, `__lte` and `__gt` its last: all that lies before the next
        # day's first.
        first_or_next = {"gte": ("gte", 0), "lt": ("lt", 0), "lte": ("lt", 1), "gt": ("gte", 1)}
        lookup, days = first_or_next[self.lookup_expr]
        zone = getattr(getattr(self, "parent", None), "zone", None) or datetime.UTC
        try:
            midnight = datetime.datetime.combine(day + days * _DAY, datetime.time(), tzinfo=zone)
            return lookup, midnight.astimezone(datetime.UTC)
        except OverflowError:  # the edges of the calendar bound nothing
            clock = datetime.time.max if day.year > 1 else datetime.time.min
            return lookup, datetime.datetime.combine(day, clock, tzinfo=datetime.UTC)


class UpcomingField(forms.Field):
    def to_python(self, value: Any) -> bool | None:
        if value in (None, ""):
            return None
        try:
            return {"null": True, "true": True, "false": False}[str(value).lower()]
        except KeyError:
            raise forms.ValidationError(_("expected null, true or false.")) from None


@extend_schema_field({"type": "string", "enum": ["null", "true", "false"]})
class UpcomingFilter(django_filters.Filter):
    """null and true: not ended and not cancelled; false: ended (rule L5)."""

    field_class = UpcomingField

    def filter(self, qs: QuerySet[Any], value: bool | None) -> QuerySet[Any]:
        if value is None:
            return qs
        return (
            qs.filter(ended_at__isnull=True, cancelled_at__isnull=True) if value else qs.filter(ended_at__isnull=False)
        )


class LiveClassFilter(FilterSet):
    """What the lists of a person and of an academy share."""

    cohort = IdOrSlugListFilter(field_name="cohort_time_slot__cohort", help_text=_("Slugs or ids, with commas."))
    academy = IdOrSlugListFilter(
        field_name="cohort_time_slot__cohort__academy", help_text=_("Slugs or ids, with commas.")
    )
    upcoming = UpcomingFilter(help_text=_("null or true: neither ended nor cancelled; false: ended."))
    starting_at__gte = InstantFilter(field_name="starting_at", lookup_expr="gte")
    starting_at__lte = InstantFilter(field_name="starting_at", lookup_expr="lte")

    zone: ZoneInfo | None = None

    class Meta:
        model = LiveClass
        fields: list[str] = []
