"""Turning mails off by the link in one: a page with a button, and the mail program's one click (RFC 8058)."""

from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt

from breathecode.calendars.domain import invitations as calendar_invitations
from breathecode.calendars.domain import mails as invitation_mails
from breathecode.pages import http
from breathecode.reminders.domain import mails as notice_mails
from breathecode.reminders.domain import reminders


@method_decorator(csrf_exempt, name="dispatch")  # mail programs post here; the signed key is all the right there is
class UnsubscribeView(http.Page):
    """Opening it changes nothing, since mail scanners open links; the button does."""

    template_name: ClassVar[str]

    def account_exists(self, key: str) -> bool:
        """Whether the key belongs to an existing account. Changes nothing."""
        raise NotImplementedError

    def unsubscribe(self, key: str) -> bool:
        """Turns these mails off; False if the key belongs to no account."""
        raise NotImplementedError

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        return self._page(failed=not self.account_exists(key))

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        done = self.unsubscribe(key)
        return self._page(done=done, failed=not done)

    def _page(self, *, failed: bool, done: bool = False) -> HttpResponse:
        context = {"done": done, "failed": failed}
        return http.no_store(
            self.request, render(self.request, self.template_name, context, status=404 if failed else 200)
        )


class RemindersUnsubscribeView(UnsubscribeView):
    template_name = "pages/reminders_off.html"

    def account_exists(self, key: str) -> bool:
        return notice_mails.LINK.user_id(key) is not None

    def unsubscribe(self, key: str) -> bool:
        return reminders.unsubscribe(key)


class InvitationsUnsubscribeView(UnsubscribeView):
    template_name = "pages/invitations_off.html"

    def account_exists(self, key: str) -> bool:
        return invitation_mails.LINK.user_id(key) is not None

    def unsubscribe(self, key: str) -> bool:
        return calendar_invitations.unsubscribe(key)
