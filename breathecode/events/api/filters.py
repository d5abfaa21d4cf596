"""The query parameters of the class lists (rules L2 to L6)."""

import functools
import operator
from typing import Any
from zoneinfo import ZoneInfo

import django_filters
from django import forms
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from breathecode.admissions.models import CohortUser
from breathecode.common.api.datetimes import DateOrDateTimeFilter
from breathecode.common.api.filters import (
    BooleanFilter,
    ChoiceListFilter,
    FilterSet,
    IdListFilter,
    IdOrSlugListFilter,
    TimeZoneFilter,
    sort_filter,
)
from breathecode.common.text import normalize_email
from breathecode.events.models import STATUS_LOOKUPS, LiveClass


class UpcomingField(forms.Field):
    def to_python(self, value: Any) -> bool | None:
        if value in (None, ""):
            return None
        try:
            return {"null": True, "true": True, "false": False}[str(value).lower()]
        except KeyError:
            raise forms.ValidationError(_("expected null, true or false.")) from None


class UpcomingFilter(django_filters.Filter):
    """null and true: not ended and not cancelled; false: ended (rule L5)."""

    field_class = UpcomingField
    schema = {"type": "string", "enum": ["null", "true", "false"]}

    def filter(self, qs: QuerySet[Any], value: bool | None) -> QuerySet[Any]:
        if value is None:
            return qs
        if value:
            return qs.filter(ended_at__isnull=True, cancelled_at__isnull=True)
        return qs.filter(ended_at__isnull=False)


class StatusFilter(ChoiceListFilter):
    """The status that rule L1 derives, as the database sees it."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        asked = [Q(**STATUS_LOOKUPS[status]) for status in value or ()]
        return qs.filter(functools.reduce(operator.or_, asked)) if asked else qs


class MeetingUrlFilter(django_filters.CharFilter):
    """The link that the list shows: the class's own, else the cohort's (rules L6, G14)."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if not value:
            return qs
        by_cohort = Q(remote_meeting_url="", cohort__online_meeting_url=value)
        return qs.filter(Q(remote_meeting_url=value) | by_cohort)


_SORTABLE = (
    *("id", "hash", "starting_at", "ending_at", "started_at", "ended_at"),
    *("created_at", "updated_at"),
)


def _own_or(name: str, of_cohort: str) -> Coalesce:
    """As the list shows it: the class's own, else the cohort's."""
    return Coalesce(NullIf(name, Value("")), f"cohort__{of_cohort}")


_EXACT = _("Exactly this moment. A date without a time matches the whole day.")


class LiveClassFilter(FilterSet):
    """What the lists of a person and of an academy share."""

    cohort = IdOrSlugListFilter(field_name="cohort", help_text=_("Comma-separated slugs or ids."))
    cohort__in = IdOrSlugListFilter(field_name="cohort", help_text=_("Alias of cohort."))
    academy = IdOrSlugListFilter(field_name="academy", help_text=_("Comma-separated slugs or ids."))
    syllabus = IdOrSlugListFilter(field_name="cohort__syllabus", help_text=_("Comma-separated slugs or ids."))
    start = DateOrDateTimeFilter(field_name="starting_at", lookup_expr="gte", help_text=_("Alias of starting_at__gte."))
    end = DateOrDateTimeFilter(field_name="ending_at", lookup_expr="lte", help_text=_("Alias of ending_at__lte."))
    timezone = TimeZoneFilter(
        help_text=_("The IANA time zone that dates without a time are interpreted in. Defaults to UTC.")
    )
    upcoming = UpcomingFilter(help_text=_("null or true: neither ended nor cancelled. false: ended."))
    remote_meeting_url = MeetingUrlFilter(help_text=_("Exactly this URL."))
    status = StatusFilter(
        choices=LiveClass.Status.choices, help_text=_("A status, or a comma-separated list of statuses.")
    )
    cohort_time_slot = IdListFilter(field_name="cohort_time_slot", help_text=_("Comma-separated ids."))
    sort = sort_filter(
        *_SORTABLE,
        title=_own_or("title", "name"),
        remote_meeting_url=_own_or("remote_meeting_url", "online_meeting_url"),
        cohort="cohort__slug",
    )

    starting_at = DateOrDateTimeFilter(help_text=_EXACT)
    starting_at__gte = DateOrDateTimeFilter(field_name="starting_at", lookup_expr="gte")
    starting_at__gt = DateOrDateTimeFilter(field_name="starting_at", lookup_expr="gt")
    starting_at__lte = DateOrDateTimeFilter(field_name="starting_at", lookup_expr="lte")
    starting_at__lt = DateOrDateTimeFilter(field_name="starting_at", lookup_expr="lt")
    starting_at__is_null = BooleanFilter(field_name="starting_at", lookup_expr="isnull")
    ending_at = DateOrDateTimeFilter(help_text=_EXACT)
    ending_at__gte = DateOrDateTimeFilter(field_name="ending_at", lookup_expr="gte")
    ending_at__gt = DateOrDateTimeFilter(field_name="ending_at", lookup_expr="gt")
    ending_at__lte = DateOrDateTimeFilter(field_name="ending_at", lookup_expr="lte")
    ending_at__lt = DateOrDateTimeFilter(field_name="ending_at", lookup_expr="lt")
    ending_at__is_null = BooleanFilter(field_name="ending_at", lookup_expr="isnull")
    started_at = DateOrDateTimeFilter(help_text=_EXACT)
    started_at__gte = DateOrDateTimeFilter(field_name="started_at", lookup_expr="gte")
    started_at__gt = DateOrDateTimeFilter(field_name="started_at", lookup_expr="gt")
    started_at__lte = DateOrDateTimeFilter(field_name="started_at", lookup_expr="lte")
    started_at__lt = DateOrDateTimeFilter(field_name="started_at", lookup_expr="lt")
    started_at__is_null = BooleanFilter(field_name="started_at", lookup_expr="isnull")
    ended_at = DateOrDateTimeFilter(help_text=_EXACT)
    ended_at__gte = DateOrDateTimeFilter(field_name="ended_at", lookup_expr="gte")
    ended_at__gt = DateOrDateTimeFilter(field_name="ended_at", lookup_expr="gt")
    ended_at__lte = DateOrDateTimeFilter(field_name="ended_at", lookup_expr="lte")
    ended_at__lt = DateOrDateTimeFilter(field_name="ended_at", lookup_expr="lt")
    ended_at__is_null = BooleanFilter(field_name="ended_at", lookup_expr="isnull")

    class Meta:
        model = LiveClass
        fields: list[str] = []

    @property
    def zone(self) -> ZoneInfo | None:
        """In which bare dates are days (rule L4)."""
        name = self.form.cleaned_data.get("timezone")
        return ZoneInfo(name) if name else None


class AcademyLiveClassFilter(LiveClassFilter):
    """Of an academy, also by person (rule L6)."""

    user = IdListFilter(method="of_person", help_text=_("Classes of the cohorts that the user with this id is in."))
    user_email = django_filters.CharFilter(
        method="of_person", help_text=_("Classes of the cohorts that the user with this e-mail address is in.")
    )

    def of_person(self, queryset: QuerySet[LiveClass], name: str, value: Any) -> QuerySet[LiveClass]:
        person = Q(user__in=value) if name == "user" else Q(user__email=normalize_email(value))
        return queryset.filter(cohort__in=CohortUser.objects.filter(person).values("cohort_id"))
