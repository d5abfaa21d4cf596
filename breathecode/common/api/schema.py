"""The API's schema, generated from the views (rule O1).

A view declares: `lists` (its GET answers pages), `errors` (by method, its errors other than those that every route of
its kind has), `access_errors`, `security` and `request_headers` (in its base class: who may call it, with which
headers). A PUT is a partial update (rule H1), and a strict serializer takes no unknown field (rule H5).
"""

import copy
import inspect
import re
from collections.abc import Iterable
from typing import Any

import django_filters
from django.conf import settings
from django.utils.functional import Promise
from drf_spectacular.extensions import OpenApiFilterExtension, OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework.serializers import ListSerializer

from breathecode.common.api import filters
from breathecode.common.api.datetimes import DateOrDateTimeFilter
from breathecode.common.api.error_examples import (
    EVERYWHERE,
    WITH_BODY,
    WITH_PARAMETERS,
    WITH_PATH,
    ErrorClass,
    error_responses,
)
from breathecode.common.api.pagination import PAGE_HEADERS
from breathecode.common.api.serializers import StrictMixin
from breathecode.common.errors import MalformedJson
from breathecode.common.ids import ID_PATTERN

JsonSchema = dict[str, Any]

_DESCRIPTIONS = {
    "200": "OK.",
    "201": "Created.",
    "204": "No content.",
    "304": "Not modified.",
}
_RULES = re.compile(r"\s*\(rules? [^)]*\)")
_IDS = rf"^\s*{ID_PATTERN}(\s*,\s*{ID_PATTERN})*\s*$"
_FILTER_SCHEMAS: tuple[tuple[type[django_filters.Filter], JsonSchema], ...] = (
    (DateOrDateTimeFilter, {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]}),
    (filters.BooleanFilter, {"type": "boolean"}),
    (filters.IdListFilter, {"type": "string", "pattern": _IDS}),
    (django_filters.BooleanFilter, {"type": "boolean"}),
    (django_filters.NumberFilter, {"type": "number"}),
    (django_filters.DateFilter, {"type": "string", "format": "date"}),
)


def filter_schema(found: Any) -> JsonSchema:
    """The values of a query parameter: the filter's `schema`, else that of its class, else any text."""
    if declared := getattr(found, "schema", None):
        return dict(declared)
    known = (schema for kind, schema in _FILTER_SCHEMAS if isinstance(found, kind))
    return copy.deepcopy(next(known, {"type": "string", "pattern": r"\S"}))


class FilterExtension(OpenApiFilterExtension):  # type: ignore[no-untyped-call]
    """The query parameters of a filter set, read from its filters alone."""

    target_class = "breathecode.common.api.filters.FilterBackend"
    priority = 1  # before drf-spectacular's own, which matches the subclasses of its backend too

    def get_schema_operation_parameters(self, auto_schema: Any, *args: Any, **kwargs: Any) -> list[JsonSchema]:
        declared = auto_schema.view.filterset_class.base_filters.items()
        return [_query_parameter(name, found) for name, found in declared]


def _query_parameter(name: str, found: Any) -> JsonSchema:
    text = found.extra.get("help_text")
    return {
        "name": name,
        "in": "query",
        "schema": filter_schema(found),
        **({"description": str(text)} if text else {}),
    }


class SerializerExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Responses have all their keys, or those `always_answered`; a strict serializer takes no unknown field (H5)."""

    target_class = "rest_framework.serializers.Serializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> JsonSchema:
        schema: JsonSchema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        schema.pop("description", None)  # the docstring, which is for developers
        if direction == "response":
            always = getattr(self.target, "always_answered", None)
            schema["required"] = sorted(always or schema.get("properties", ()))
        elif isinstance(self.target, StrictMixin) and settings.UNKNOWN_INPUT == "refuse":
            schema["additionalProperties"] = False
        return schema


class Schema(AutoSchema):
    def declared(self, name: str) -> tuple[Any, ...]:
        """What the view declares under this name; empty for views that are not an `ApiView`."""
        return tuple(getattr(self.view, name, None) or ())

    def is_list(self) -> bool:
        return self.method == "GET" and getattr(self.view, "lists", False)

    def has_parameters(self) -> bool:
        return bool(self._is_list_view() or self.declared("query_parameters"))

    def get_operation(self, *args: Any, **kwargs: Any) -> JsonSchema | None:
        operation: JsonSchema | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        responses = operation["responses"]
        if self.is_list():
            responses["200"]["headers"] = {**PAGE_HEADERS, **responses["200"].get("headers", {})}
        for code, response in responses.items():
            response["description"] = _DESCRIPTIONS.get(code, response["description"])
        for status, response in error_responses(self.error_classes(), self.registry).items():
            responses.setdefault(status, response)
        return operation

    def get_response_serializers(self) -> Any:
        serializer: Any = super().get_response_serializers()
        return ListSerializer(child=serializer) if self.is_list() else serializer

    def get_request_serializer(self) -> Any:
        serializer: Any = super().get_request_serializer()
        if self.method == "PUT" and serializer is not None:
            serializer.partial = True  # rule H1
        return serializer

    def get_filter_backends(self) -> list[Any]:
        filtered = getattr(self.view, "filterset_class", None) and self.has_parameters()
        return list(self.declared("filter_backends")) if filtered else []

    def get_override_parameters(self) -> list[Any]:
        return [*super().get_override_parameters(), *self.declared("request_headers")]

    def get_auth(self) -> list[JsonSchema]:
        return [{name: []} for name in self.declared("security")]

    def get_tags(self) -> list[str]:
        return list(self.declared("tags")) or super().get_tags()

    def get_description(self) -> str:  # type: ignore[override]  # drf-spectacular's own, without arguments
        """The docstring of the method, else of the view, without the names of rules, which clients do not know."""
        method = getattr(self.view, self.method.lower(), None)
        return _RULES.sub("", inspect.cleandoc(method.__doc__ or type(self.view).__doc__ or ""))

    def get_summary(self) -> str | None:
        summaries: dict[str, str | Promise] = getattr(self.view, "summaries", {})
        summary = summaries.get(self.method)
        return super().get_summary() if summary is None else str(summary)

    def error_classes(self) -> Iterable[ErrorClass]:
        """All errors that this operation may answer."""
        yield from EVERYWHERE
        yield from self.declared("access_errors")
        if "{" in self.path:
            yield from WITH_PATH
        if self.has_parameters():
            yield from WITH_PARAMETERS
        if self.method in {"POST", "PUT"}:
            yield from WITH_BODY
            if "application/json" in self.map_parsers():
                yield MalformedJson
        declared: dict[str, tuple[ErrorClass, ...]] = getattr(self.view, "errors", {})
        yield from declared.get(self.method, ())
