"""How the API's schema is read off the views (rule O1).

A view declares: `lists` (its GET answers pages), `errors` (by method, what it may answer beside the errors that
every route of its kind has), `access_errors`, `security` and `request_headers` (by its base class: who may call it,
and with which headers). A PUT is a partial update (rule H1), and a strict serializer takes no unknown field (rule H5).
"""

import copy
import inspect
import re
from collections.abc import Iterable
from typing import Any

import django_filters
from django.conf import settings
from django.utils.functional import Promise
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from breathecode.common.api import filters
from breathecode.common.api.datetimes import DateOrDateTimeFilter
from breathecode.common.api.error_examples import (
    DESCRIPTIONS,
    EVERYWHERE,
    WITH_BODY,
    WITH_PARAMETERS,
    WITH_PATH,
    ErrorClass,
    by_status,
    example_of,
    slug_of,
)
from breathecode.common.api.pagination import PAGE_HEADERS
from breathecode.common.api.serializers import StrictMixin
from breathecode.common.errors import MalformedJson

JsonSchema = dict[str, Any]

ERROR_SCHEMA: JsonSchema = {
    "type": "object",
    "description": "The format of every error.",
    "required": ["detail", "slug"],
    "properties": {
        "detail": {"type": "string", "description": "A human-readable message."},
        "slug": {"type": "string", "description": "A stable error code.", "pattern": "^[a-z]+(-[a-z]+)*$"},
        "errors": {
            "type": "object",
            "description": "Only with the slug validation-error: the messages by field.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
    "additionalProperties": False,
}
_DESCRIPTIONS = {
    "200": "OK.",
    "201": "Created.",
    "204": "No content.",
    "304": "Not modified.",
}
_ERROR_HEADERS = {
    401: {"WWW-Authenticate": {"schema": {"type": "string", "enum": ["Token"]}, "required": True}},
    429: {
        "Retry-After": {
            "schema": {"type": "integer", "minimum": 1},
            "description": "Seconds to wait.",
            "required": True,
        }
    },
}
_RULES = re.compile(r"\s*\(rules? [^)]*\)")
_IDS = r"^\s*[0-9]{1,18}(\s*,\s*[0-9]{1,18})*\s*$"
_FILTER_SCHEMAS: tuple[tuple[type[django_filters.Filter], JsonSchema], ...] = (
    (DateOrDateTimeFilter, {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]}),
    (filters.BooleanFilter, {"type": "boolean"}),
    (filters.IdListFilter, {"type": "string", "pattern": _IDS}),
    (django_filters.BooleanFilter, {"type": "boolean"}),
    (django_filters.NumberFilter, {"type": "number"}),
    (django_filters.DateFilter, {"type": "string", "format": "date"}),
)


def filter_schema(found: Any) -> JsonSchema:
    """What a query parameter takes: as the filter says (`schema`), as its kind has it, else any text."""
    if declared := getattr(found, "schema", None):
        return dict(declared)
    known = (schema for kind, schema in _FILTER_SCHEMAS if isinstance(found, kind))
    return copy.deepcopy(next(known, {"type": "string", "pattern": r"\S"}))


class Schema(AutoSchema):
    _only_rows = False

    def declared(self, name: str) -> tuple[Any, ...]:
        """What the view says about itself; nothing, where it is none of ours."""
        return tuple(getattr(self.view, name, None) or ())

    def _is_list_view(self, serializer: Any = None) -> bool:
        if getattr(self.view, "lists", False):
            return bool(self.method == "GET")
        return bool(super()._is_list_view(serializer))

    def _get_paginator(self) -> Any:
        if self._only_rows or not getattr(self.view, "lists", False):
            return None
        return super()._get_paginator()  # type: ignore[no-untyped-call]

    def _get_examples(self, *args: Any, **kwargs: Any) -> Any:
        """Examples of lists are bare arrays, which is what a client gets that asks for nothing else."""
        self._only_rows = True
        try:
            return super()._get_examples(*args, **kwargs)  # type: ignore[no-untyped-call]
        finally:
            self._only_rows = False

    def _get_filter_parameters(self) -> list[JsonSchema]:
        filterset = getattr(self.view, "filterset_class", None)
        if filterset is None or not (self._is_list_view() or self.declared("query_parameters")):
            return []
        return [
            {
                "name": name,
                "in": "query",
                "schema": filter_schema(found),
                **({"description": str(text)} if (text := found.extra.get("help_text")) else {}),
            }
            for name, found in filterset.base_filters.items()
        ]

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

    def _get_request_for_media_type(self, serializer: Any, direction: Any = "request") -> Any:
        if self.method == "PUT" and hasattr(serializer, "partial"):
            serializer = copy.copy(serializer)  # the given one may be shared between operations
            serializer.partial = True
        return super()._get_request_for_media_type(serializer, direction)  # type: ignore[no-untyped-call]

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> JsonSchema:
        schema: JsonSchema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        schema.pop("description", None)  # a docstring, which is for those who read the code
        if direction == "response":  # answers have all their keys, always
            schema["required"] = sorted(schema.get("properties", ()))
        elif isinstance(serializer, StrictMixin) and settings.UNKNOWN_INPUT == "refuse":
            schema["additionalProperties"] = False
        return schema

    def _get_response_bodies(self, direction: Any = "response") -> JsonSchema:
        responses: JsonSchema = super()._get_response_bodies(direction)
        if self._get_paginator() and self._is_list_view() and "200" in responses:
            responses["200"]["headers"] = {**PAGE_HEADERS, **responses["200"].get("headers", {})}
        for code, response in responses.items():
            response["description"] = _DESCRIPTIONS.get(code, response["description"])
        for status, found in by_status(self.error_classes()).items():
            responses.setdefault(str(status), self.error_response(status, found))
        return responses

    def error_classes(self) -> Iterable[ErrorClass]:
        """All that this operation may answer instead of what was asked for."""
        yield from EVERYWHERE
        yield from self.declared("access_errors")
        if "{" in self.path:
            yield from WITH_PATH
        if self._is_list_view() or self.declared("query_parameters"):
            yield from WITH_PARAMETERS
        if self.method in {"POST", "PUT"}:
            yield from WITH_BODY
            if "application/json" in self.map_parsers():
                yield MalformedJson
        declared: dict[str, tuple[ErrorClass, ...]] = getattr(self.view, "errors", {})
        yield from declared.get(self.method, ())

    def error_response(self, status: int, found: list[ErrorClass]) -> JsonSchema:
        examples = {slug_of(error): self._example_component(error) for error in found}
        schema = self._component("Error", ResolvedComponent.SCHEMA, ERROR_SCHEMA)
        headers = {"headers": _ERROR_HEADERS[status]} if status in _ERROR_HEADERS else {}
        return {
            "description": DESCRIPTIONS[status],
            **headers,
            "content": {"application/json": {"schema": schema, "examples": examples}},
        }

    def _example_component(self, error: ErrorClass) -> JsonSchema:
        example = {"value": example_of(error)}
        return self._component(error.__name__, ResolvedComponent.EXAMPLE, example)

    def _component(self, name: str, kind: str, content: JsonSchema) -> JsonSchema:
        component = ResolvedComponent(name=name, type=kind, schema=content, object=name)  # type: ignore[no-untyped-call]
        self.registry.register_on_missing(component)
        reference: JsonSchema = component.ref
        return reference
