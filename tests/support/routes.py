"""Every route of the API, as Django would resolve it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver

from breathecode.urls import v1


class Route(NamedTuple):
    """`path` has placeholders: `/v1/auth/academy/member/<int:member_id>`."""

    path: str
    view: Any

    @property
    def methods(self) -> set[str]:
        return {name.upper() for name in self.view.http_method_names if name != "head" and hasattr(self.view, name)}


def _walk(patterns: list[Any], prefix: str) -> Iterator[Route]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and hasattr(pattern.callback, "view_class"):
            yield Route(path, pattern.callback.view_class)


def api_routes() -> list[Route]:
    """All but the schema, its page, and what catches unknown addresses."""
    routes = [route for route in _walk(list(v1), "/v1/") if route.path not in ("/v1/schema", "/v1/docs")]
    assert routes
    return routes
