"""The language of a request, before its user is known (rule V5)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from breathecode.common.i18n.languages import requested_language, supported_language


class LanguageMiddleware:
    """Activates the language of `Accept-Language`, until the user is known (`choose_language`, rule V5)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with translation.override(supported_language(requested_language(request))):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language())
        patch_vary_headers(response, ["Accept-Language"])
        return response
