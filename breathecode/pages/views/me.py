"""`/me`: the person's name, language, time zone, reminders, calendar mails, and signing out everywhere (V1 to V6)."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from breathecode.authenticate.domain.people import save_profile
from breathecode.authenticate.domain.tokens import sign_out_everywhere
from breathecode.calendars.domain import invitations
from breathecode.calendars.models import CalendarPreference
from breathecode.common.errors import ValidationFailed
from breathecode.common.i18n.languages import choose_language
from breathecode.pages import http
from breathecode.pages.fields import ZONES
from breathecode.pages.forms import PageForm
from breathecode.reminders.domain import reminders
from breathecode.reminders.models import ReminderPreference

_AS_ACADEMY, _ON, _OFF = "", "on", "off"
_CHOICES = [
    (_AS_ACADEMY, gettext_lazy("As my academy does")),
    (_ON, gettext_lazy("Yes")),
    (_OFF, gettext_lazy("No")),
]
_CHOICE_OF = {None: _AS_ACADEMY, True: _ON, False: _OFF}
_VALUE_OF = {choice: value for value, choice in _CHOICE_OF.items()}


class ProfileForm(PageForm):
    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=150, required=False)
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)
    timezone = forms.ChoiceField(label=gettext_lazy("Time zone"), required=False)
    day_before = forms.ChoiceField(
        label=gettext_lazy("Reminder a day before each class"), choices=_CHOICES, required=False
    )
    quarter_hour_before = forms.ChoiceField(
        label=gettext_lazy("Reminder 15 minutes before each class"), choices=_CHOICES, required=False
    )
    calendar_invitations = forms.BooleanField(
        label=gettext_lazy("Send my classes as calendar invitations by mail"), required=False
    )

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["language"].choices = [("", _("My browser's")), *settings.LANGUAGES]
        # A zone that was saved stays a choice, whatever this installation calls it now.
        known = ZONES if not zone or zone in dict(ZONES) else [(zone, zone), *ZONES]
        fields["timezone"].choices = [("", _("My browser's")), *known]


class MeView(http.SignedInPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(ProfileForm(initial=self._current(), zone=self.user.timezone))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ProfileForm(request.POST, zone=self.user.timezone)
        if not form.is_valid():
            form.focus()
            return self._show(form, status=400)
        try:
            self._save(form.cleaned_data)
        except ValidationFailed as problem:
            form.refuse(problem)
            form.focus()
            return self._show(form, status=400)
        choose_language(request, user=self.user)  # the message is in the language that was chosen
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("me"), status=303)

    def _current(self) -> dict[str, Any]:
        reminder = ReminderPreference.objects.filter(user=self.user).first() or ReminderPreference()
        calendar = CalendarPreference.objects.filter(user=self.user).first() or CalendarPreference()
        return {
            "first_name": self.user.first_name,
            "last_name": self.user.last_name,
            "language": self.user.language,
            "timezone": self.user.timezone,
            "day_before": _CHOICE_OF[reminder.day_before],
            "quarter_hour_before": _CHOICE_OF[reminder.quarter_hour_before],
            "calendar_invitations": calendar.calendar_invitations,
        }

    def _save(self, found: dict[str, Any]) -> None:
        profile = {name: found[name] for name in ("first_name", "last_name", "language", "timezone")}
        self.user = save_profile(self.user, fields=profile)
        kinds = {name: _VALUE_OF[found[name]] for name in ("day_before", "quarter_hour_before")}
        reminders.save_preference(user_id=self.user.pk, fields=kinds)
        invitations.save_preference(
            user_id=self.user.pk, fields={"calendar_invitations": found["calendar_invitations"]}
        )

    def _show(self, form: ProfileForm, *, status: int = 200) -> HttpResponse:
        return self.page("pages/me.html", {"form": form, "here": "me"}, status=status)


class SignOutEverywhereView(http.SignedInPage):
    """Ends every session and every sign-in by the API; calendar feeds go on."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        sign_out_everywhere(self.user)
        logout(request)
        return HttpResponseRedirect(settings.LOGIN_URL, status=303)
