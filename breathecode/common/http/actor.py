"""Who writes what a request writes (rule P8)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from breathecode.common.actor import Actor, Through, acting
from breathecode.common.http.pages import is_page


class ActorMiddleware:
    """The user of the request is the actor, through the API, a page or the admin."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with acting(Actor(through=through_of(request).value, request=request)):
            return self.get_response(request)


def through_of(request: HttpRequest) -> Through:
    if request.path_info.startswith("/admin/"):
        return Through.ADMIN
    return Through.PAGE if is_page(request) else Through.API
