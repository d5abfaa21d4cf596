"""Turning mails off by the link in one: a page with a button, and the mail program's one click (RFC 8058)."""

from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from breathecode.events.domain import calendar_invitations, reminders
from breathecode.pages import http


@method_decorator(csrf_exempt, name="dispatch")  # mail programs post here; the signed key is all the right there is
class OffView(View):
    """Opening it changes nothing, since mail scanners open links; the button does."""

    http_method_names = ["get", "head", "post"]
    template_name: ClassVar[str]

    def unsubscribe(self, key: str) -> bool:
        """Whether the key was somebody's, who gets no more of these mails now."""
        raise NotImplementedError

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        with http.language(None, request):
            return http.private(render(request, self.template_name))

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        done = self.unsubscribe(key)
        with http.language(None, request):
            context = {"done": done, "failed": not done}
            return http.private(render(request, self.template_name, context, status=200 if done else 404))


class RemindersOffView(OffView):
    template_name = "pages/reminders_off.html"

    def unsubscribe(self, key: str) -> bool:
        return reminders.unsubscribe(key)


class InvitationsOffView(OffView):
    template_name = "pages/invitations_off.html"

    def unsubscribe(self, key: str) -> bool:
        return calendar_invitations.unsubscribe(key)
