"""Bodies of requests to pages that are too large to be read at all."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from breathecode.common.api.exception_handler import api_error
from breathecode.common.errors import PayloadTooLarge
from breathecode.common.http.bridge import MAX_BYTES
from breathecode.common.http.pages import is_page


class BodyLimitMiddleware:
    """Refuses them before the CSRF check reads them: Django limits bodies but not the files in them.

    The API's views have limits of their own, and read no body before them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if is_page(request) and length.isdigit() and int(length) > MAX_BYTES:
            return api_error(request, PayloadTooLarge(limit=MAX_BYTES))
        return self.get_response(request)
