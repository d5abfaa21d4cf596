"""Forms with a file, whose size is looked at before the body is read (rule U4).

Django reads the whole body to find the CSRF token, and limits no file in it. So a view with an upload is exempt from
that check, refuses what is too large, and then checks the token itself.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_protect

# Above what a form accepts: a somewhat too large file is read, so that the browser can show the answer.
MAX_BODY_BYTES = 16 * 1024 * 1024


def is_too_large(request: HttpRequest) -> bool:
    """Whether the body is not to be read at all."""
    return int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY_BYTES


def with_csrf_token(request: HttpRequest, view: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    """The answer of `view`, or the page that refuses a form without a valid token."""
    return csrf_protect(view)(request)
