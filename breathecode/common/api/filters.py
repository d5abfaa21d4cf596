"""Declared filters that answer wrong values with a sentence (rule H7)."""

from collections import OrderedDict
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend

from breathecode.common.errors import InvalidParameter


class FilterSet(django_filters.FilterSet):
    """Binds only the filters that a request names: thirty idle form fields would cost more than the query."""

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        given = data or {}
        self.base_filters = OrderedDict((name, f) for name, f in self.base_filters.items() if name in given)
        super().__init__(data, *args, **kwargs)


class FilterBackend(DjangoFilterBackend):
    def filter_queryset(self, request: Any, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        filterset = self.get_filterset(request, queryset, view)
        if filterset is None or not filterset.filters:
            return queryset
        if not filterset.is_valid():
            name, messages = next(iter(filterset.errors.items()))
            raise InvalidParameter(name=name, reason=" ".join(str(message) for message in messages))
        found: QuerySet[Any] = filterset.qs
        return found


class IdOrSlugListFilter(django_filters.CharFilter):
    """A comma list that mixes ids and slugs; what names nothing matches nothing (rule L2).

    `field_name` is the path to the related object, "" for the object itself.
    """

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value in (None, ""):
            return qs
        path = f"{self.field_name}__" if self.field_name else ""
        names = [name.strip() for name in str(value).split(",") if name.strip()]
        ids = [int(name) for name in names if name.isascii() and name.isdigit() and len(name) < 19]
        return qs.filter(Q(**{f"{path}id__in": ids}) | Q(**{f"{path}slug__in": names}))


class BooleanField(forms.Field):
    """`true` or `false`; Django's own form field takes any other text for true."""

    def to_python(self, value: Any) -> bool | None:
        if value in (None, ""):
            return None
        try:
            return {"true": True, "false": False}[str(value).lower()]
        except KeyError:
            raise forms.ValidationError(_("Expected true or false.")) from None


class BooleanFilter(django_filters.Filter):
    field_class = BooleanField


class ChoiceListField(forms.Field):
    def __init__(self, *args: Any, choices: Any, **kwargs: Any) -> None:
        self.known = [value for value, _label in choices]
        super().__init__(*args, **kwargs)

    def to_python(self, value: Any) -> list[str]:
        given = [part.strip().upper() for part in str(value or "").split(",") if part.strip()]
        if unknown := [part for part in given if part not in self.known]:
            expected = ", ".join(self.known)
            raise forms.ValidationError(
                _("%(value)s is none of %(expected)s.") % {"value": unknown[0][:50], "expected": expected}
            )
        return given


class ChoiceListFilter(django_filters.Filter):
    """One of the choices, or several with commas."""

    field_class = ChoiceListField

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs
