"""Asks again where the connection to the database broke in the middle of a request that only reads (rule O6)."""

from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest, HttpResponse

from breathecode.common.db.postgresql.answering import was_cut


def note_if_cut(request: HttpRequest, error: BaseException | None) -> None:
    """Called by the handlers of errors, which answer 503 then."""
    request.database_was_cut = was_cut(error)  # type: ignore[attr-defined]


class DatabaseRetryMiddleware:
    """A GET changes nothing, or the same again: it is repeated once, on another connection.

    After a write, nobody knows whether the database carried it out: it stays 503, for the client to decide.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method in {"GET", "HEAD"} and getattr(request, "database_was_cut", False):
            connection.close()
            return self.get_response(request)
        return response
