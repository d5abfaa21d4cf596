"""Every route of the API, as Django would resolve it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver

from breathecode.common.api.views import ApiView
from breathecode.urls import v1

FEEDS = "/v1/events/ical/"


class Route(NamedTuple):
    """`path` has placeholders: `/v1/auth/academy/member/<id:member_id>`."""

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
    """The JSON API that a sign-in opens: every route under /v1 but feeds, schema, pages and the catch-all."""
    routes = [route for route in json_routes() if not route.path.startswith(FEEDS)]
    assert routes
    return routes


def json_routes() -> list[Route]:
    """These, and the calendar feeds, which take a token of their own."""
    return [route for route in all_routes() if issubclass(route.view, ApiView)]


def all_routes() -> list[Route]:
    """Every class-based view under /v1."""
    return list(_walk(list(v1), "/v1/"))
