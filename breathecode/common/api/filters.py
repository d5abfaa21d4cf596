"""Filters for lists; a value that cannot be read is `invalid-parameter` (rule H7)."""

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
from breathecode.common.ids import split_ids_and_slugs


class FilterSet(django_filters.FilterSet):
    """Binds only the filters that a request names: thirty idle form fields would cost more than the query."""

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        given = data or {}
        self.base_filters = OrderedDict((name, f) for name, f in self.base_filters.items() if name in given)
        super().__init__(data, *args, **kwargs)

    def get_form_class(self) -> type[forms.Form]:
        return _form_class(type(self), tuple(self.filters))

    def filter_queryset(self, queryset: Any) -> Any:
        """As the parent's, which insists on a QuerySet; here it may also be a `RowQuery`."""
        for name, value in self.form.cleaned_data.items():
            queryset = self.filters[name].filter(queryset, value)
        return queryset


@lru_cache(maxsize=256)  # creating a form class costs more than validating the values
def _form_class(filters: type[FilterSet], names: tuple[str, ...]) -> type[forms.Form]:
    # Of copies: a filter caches its field, and each request deep-copies the filters with everything that they cache.
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
    """A comma list of ids and slugs; unknown ones match nothing (rule L2).

    `field_name` is the path to the related object, or "" for the object itself.
    """

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value in (None, ""):
            return qs
        path = f"{self.field_name}__" if self.field_name else ""
        ids, slugs = split_ids_and_slugs(name.strip() for name in str(value).split(",") if name.strip())
        return qs.filter(Q(**{f"{path}id__in": ids}) | Q(**{f"{path}slug__in": slugs}))


class BooleanField(forms.Field):
    """`true` or `false`; Django's own form field treats any other text as true."""

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
    """The time zone in which other filters interpret dates; filters nothing itself."""

    field_class = TimeZoneField
    schema = {"type": "string", "format": "timezone", "example": "America/New_York"}

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs


class IdListField(forms.Field):
    def to_python(self, value: Any) -> list[int]:
        ids, others = split_ids_and_slugs(part.strip() for part in str(value or "").split(",") if part.strip())
        if others:
            raise forms.ValidationError(_("expected an id, or a comma-separated list of ids."))
        return ids


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
        # Databases differ in where nulls go; here they are always last.
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
    """Sorts by the given fields of the model, and by names with a path or an expression (rule H8)."""
    return SortFilter(
        {**{name: name for name in fields}, **paths},
        help_text=_("Comma-separated fields; the prefix - sorts in descending order."),
    )


def sorting(model: type[Model], *fields: str, **paths: str | Func) -> type[FilterSet]:
    """A filter set for a list that can only be sorted."""
    listed_model = model

    class Sorting(FilterSet):
        sort = sort_filter(*fields, **paths)

        class Meta:
            model = listed_model
            fields: list[str] = []

    return Sorting
