"""Pagination: a bare array with headers, or an envelope (rule H8)."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.common.errors import InvalidParameter

MAX_LIMIT = 1000
MAX_OFFSET = 10**15  # more than any table has rows
# For the schema.
PAGE_HEADERS: dict[str, dict[str, Any]] = {
    "X-Total-Count": {
        "schema": {"type": "integer", "minimum": 0}, "required": True, "description": "Number of matching rows."
    },
    "X-Per-Page": {
        "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
        "required": True,
        "description": "Rows per page.",
    },
    "Link": {
        "schema": {"type": "string"}, "required": True, "description": "Page links: first, prev, next, last (RFC 8288)."
    },
}  # fmt: skip


def read_whole_number(request: Request, name: str, default: int, *, minimum: int) -> int:
    """Raises `invalid-parameter` unless the parameter is absent or a whole number of at least `minimum`."""
    raw = request.query_params.get(name)
    if raw is None:
        return default
    number = int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= 15 else -1
    if number < minimum:
        raise InvalidParameter(name=name, reason=_("expected a whole number of at least {0}.").format(minimum))
    return number


def read_boolean(request: Request, name: str) -> bool:
    raw = request.query_params.get(name, "false").lower()
    if raw not in {"true", "false"}:
        raise InvalidParameter(name=name, reason=_("expected true or false."))
    return raw == "true"


class Pagination(BasePagination):
    parameters = ("limit", "offset", "envelope")

    def paginate_queryset(self, queryset: QuerySet[Any], request: Request, view: Any = None) -> list[Any]:
        default = getattr(view, "default_limit", None) or settings.LIST_DEFAULT_LIMIT
        self.request = request
        self.limit = min(read_whole_number(request, "limit", default, minimum=1), MAX_LIMIT)
        self.offset = read_whole_number(request, "offset", 0, minimum=0)
        self.envelope = read_boolean(request, "envelope")
        # One more row than requested shows whether the list ends here, in which case no count is needed.
        rows = list(queryset[self.offset : self.offset + self.limit + 1])
        ends_here = len(rows) <= self.limit and (rows or not self.offset)
        self.count = self.offset + len(rows) if ends_here else queryset.order_by().count()
        return rows[: self.limit]

    def links(self) -> dict[str, str | None]:
        last = max(0, (self.count - 1) // self.limit * self.limit)
        following = self.offset + self.limit
        # The URL of any page, without its offset.
        parameters = [(k, v) for k, values in self.request.query_params.lists() for v in values]
        kept = [(k, v) for k, v in parameters if k not in {"limit", "offset"}]
        query = urlencode([*kept, ("limit", self.limit)])
        page = f"{self.request.build_absolute_uri(self.request.path)}?{query}&offset="
        return {
            "first": f"{page}0",
            # Beyond the end, the last page that has rows.
            "prev": f"{page}{min(max(0, self.offset - self.limit), last)}" if self.offset > 0 and self.count else None,
            "next": f"{page}{following}" if following < self.count else None,
            "last": f"{page}{last}",
        }

    def get_paginated_response(self, data: Sequence[Any]) -> Response:
        links = self.links()
        headers = {
            "X-Total-Count": str(self.count),
            "X-Per-Page": str(self.limit),
            "Link": ", ".join(f'<{url}>; rel="{rel}"' for rel, url in links.items() if url),
        }
        if not self.envelope:
            return Response(data, headers=headers)
        body = {
            "count": self.count,
            "first": links["first"],
            "next": links["next"],
            "previous": links["prev"],
            "last": links["last"],
            "results": data,
        }
        return Response(body, headers=headers)

    def get_paginated_response_schema(self, schema: Any) -> Any:
        if not isinstance(schema, dict):  # drf-spectacular asks for the shape of an example: the bare array
            return schema
        envelope = {
            "type": "object",
            "required": ["count", "first", "next", "previous", "last", "results"],
            "properties": {
                "count": {"type": "integer"},
                **{key: {"type": "string", "nullable": True} for key in ("first", "next", "previous", "last")},
                "results": schema,
            },
        }
        return {"oneOf": [schema, envelope]}

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        def parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
            return {
                "name": name,
                "in": "query",
                "required": False,
                "schema": schema,
                "description": description,
            }

        number = {"type": "integer", "maximum": MAX_OFFSET - 1}
        return [
            parameter(
                "limit",
                {**number, "minimum": 1},
                f"Rows per page. The maximum is {MAX_LIMIT}; larger values are reduced to it.",
            ),
            parameter("offset", {**number, "minimum": 0}, "The number of rows to skip."),
            parameter("envelope", {"type": "boolean"}, "true: return an object with count, page links and results."),
        ]
