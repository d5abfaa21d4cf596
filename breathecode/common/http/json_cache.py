"""How JSON responses may be cached (rule H12)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers


class JsonCacheMiddleware:
    """Marks JSON responses as private and not to be stored (rule H12). Feeds are not JSON and keep their ETags."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.headers.get("Content-Type", "").startswith("application/json"):
            if response.headers.get("Cache-Control", "no-store") == "no-store":
                response.headers["Cache-Control"] = "private, no-store"
            patch_vary_headers(response, ["Authorization", "Academy"])
        return response
