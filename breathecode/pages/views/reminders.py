"""Turning reminders off by the link in a mail: a page with a button, and the mail program's one click (RFC 8058)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from breathecode.events.domain.reminders import unsubscribe
from breathecode.pages import http


@method_decorator(csrf_exempt, name="dispatch")  # mail programs post here; the signed key is all the right there is
class RemindersOffView(View):
    """Opening it changes nothing, since mail scanners open links; the button does."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        with http.language(None, request):
            return http.private(render(request, "pages/reminders_off.html"))

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        done = unsubscribe(key)
        with http.language(None, request):
            context = {"done": done, "failed": not done}
            return http.private(render(request, "pages/reminders_off.html", context, status=200 if done else 404))
