"""Declared filters that answer wrong values with a sentence (rule H7)."""

import types
from collections import OrderedDict
from copy import copy
from functools import lru_cache
from typing import Any

import django_filters
from django import forms
from django.db.models import F, Func, Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend

from breathecode.common.errors import InvalidParameter
from breathecode.common.i18n.time_zones import validate_timezone


class FilterSet(django_filters.FilterSet):
    """Binds only the filters that a request names: thirty idle form fields would cost more than the query."""

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        given = data or {}
        self.base_filters = OrderedDict((name, f) for name, f in self.base_filters.items() if name in given)
        super().__init__(data, *args, **kwargs)

    def get_form_class(self) -> type[forms.Form]:
        return _form_class(type(self), tuple(self.filters))

    def filter_queryset(self, queryset: Any) -> Any:
        """The parent insists on a queryset; here it may be a `RowQuery`."""
        for name, value in self.form.cleaned_data.items():
            queryset = self.filters[name].filter(queryset, value)
        return queryset


@lru_cache(maxsize=256)  # making a class costs more than reading the values
def _form_class(filters: type[FilterSet], names: tuple[str, ...]) -> type[forms.Form]:
    # Of copies: a filter keeps the field that it made, and each request copies the filters with all that they keep.
    fields = {name: copy(filters.base_filters[name]).field for name in names}
    return type(f"{filters.__name__}Form", (forms.Form,), fields)


class FilterBackend(DjangoFilterBackend):
    def filter_queryset(self, request: Any, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        filterset = self.get_filterset(request, queryset, view)
        if filterset is None or not filterset.filters:
            return queryset
        for name in filterset.filters:
            if not str(
                (filterset.data or {})[name]
            ).strip():  # a filter that silently does nothing answers the wrong rows
                raise InvalidParameter(name=name, reason=str(_("it must not be empty.")))
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
            raise forms.ValidationError(_("expected true or false.")) from None


class BooleanFilter(django_filters.Filter):
    field_class = BooleanField


class ChoiceListField(forms.Field):
    def __init__(self, *args: Any, choices: Any, **kwargs: Any) -> None:
        self.known = {str(value).upper(): value for value, _label in choices}
        super().__init__(*args, **kwargs)

    def to_python(self, value: Any) -> list[str]:
        given = [part.strip().upper() for part in str(value or "").split(",") if part.strip()]
        if unknown := [part for part in given if part not in self.known]:
            expected = ", ".join(self.known.values())
            raise forms.ValidationError(
                _("%(value)s is not one of %(expected)s.") % {"value": unknown[0][:50], "expected": expected}
            )
        return [self.known[part] for part in given]


def _comma_list(parts: str) -> dict[str, str]:
    return {"type": "string", "pattern": rf"^\s*({parts})(\s*,\s*({parts}))*\s*$"}


class ChoiceListFilter(django_filters.Filter):
    """One of the choices, or several with commas."""

    field_class = ChoiceListField

    @property
    def schema(self) -> dict[str, str]:
        return _comma_list("|".join(str(value) for value, _label in self.extra["choices"]))

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs


class TimeZoneField(forms.CharField):
    default_validators = [validate_timezone]


class TimeZoneFilter(django_filters.Filter):
    """Names a zone for other filters to count days in; filters nothing itself."""

    field_class = TimeZoneField
    schema = {"type": "string", "format": "timezone", "example": "America/New_York"}

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs


class IdListField(forms.Field):
    def to_python(self, value: Any) -> list[int]:
        parts = [part.strip() for part in str(value or "").split(",") if part.strip()]
        if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
            raise forms.ValidationError(_("expected an id, or a comma-separated list of ids."))
        return [int(part) for part in parts]


class IdListFilter(django_filters.Filter):
    field_class = IdListField

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if self.method is not None:
            return super().filter(qs, value)
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs


class SortField(forms.Field):
    def __init__(self, *args: Any, paths: dict[str, str | Func], **kwargs: Any) -> None:
        self.paths = paths
        super().__init__(*args, **kwargs)

    def to_python(self, value: Any) -> list[str]:
        names = [name.strip() for name in str(value or "").split(",") if name.strip()]
        for name in names:
            if name.removeprefix("-") not in self.paths:
                known = ", ".join(self.paths)
                raise forms.ValidationError(
                    _("%(name)s is not one of %(known)s.") % {"name": name[:50], "known": known}
                )
        return names


class SortFilter(django_filters.Filter):
    """A comma list of fields, `-` for descending; ties are broken by id, so that pages never overlap (rule H8)."""

    field_class = SortField

    def __init__(self, paths: dict[str, str | Func], **kwargs: Any) -> None:
        self.paths = paths
        super().__init__(paths=paths, **kwargs)

    @property
    def schema(self) -> dict[str, str]:
        return _comma_list("-?(" + "|".join(self.paths) + ")")

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        # Databases disagree on where nulls go; here they come last either way.
        orders = [
            self.expression(name.removeprefix("-")).desc(nulls_last=True)
            if name.startswith("-")
            else self.expression(name).asc(nulls_last=True)
            for name in value or ()
        ]
        return qs.order_by(*orders, "id") if orders else qs

    def expression(self, name: str) -> F | Func:
        path = self.paths[name]
        return F(path) if isinstance(path, str) else path


def sort_filter(*fields: str, **paths: str | Func) -> SortFilter:
    """Sorts by documented fields: the model's own that are named, and those whose path or expression is given (H8)."""
    return SortFilter(
        {**{name: name for name in fields}, **paths},
        help_text=_("Comma-separated fields; the prefix - sorts in descending order."),
    )


def sorting(model: type[Model], *fields: str, **paths: str | Func) -> type[FilterSet]:
    """A filter set for a list that can be sorted and has nothing to filter by."""
    meta = type("Meta", (), {"model": model, "fields": []})
    members = {"sort": sort_filter(*fields, **paths), "Meta": meta}
    return types.new_class(f"{model.__name__}Sorting", (FilterSet,), exec_body=lambda room: room.update(members))
