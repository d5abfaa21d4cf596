"""Routes with and without a trailing slash (rule H1)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class OptionalTrailingSlashMiddleware:
    """Every API route answers with and without a trailing slash (rule H1), and so do the probes.

    `/v1/` itself keeps its slash: CommonMiddleware would redirect `/v1` to it again and again.
    """

    WITHOUT_SLASH = ("/healthz/", "/readyz/")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if path in self.WITHOUT_SLASH or (path.startswith("/v1/") and path.endswith("/") and path != "/v1/"):
            request.path_info = path[:-1]
        return self.get_response(request)
