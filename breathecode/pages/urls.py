from django.templatetags.static import static
from django.urls import path
from django.utils.functional import lazy
from django.views.generic import RedirectView

from breathecode.pages.academy.board import BoardView
from breathecode.pages.academy.entry import AcademiesView
from breathecode.pages.views import passwords
from breathecode.pages.views.calendar import CalendarAddressView, CalendarView
from breathecode.pages.views.classes import ClassView, RollView
from breathecode.pages.views.home import HomeView
from breathecode.pages.views.me import MeView, SignOutEverywhereView
from breathecode.pages.views.reminders import InvitationsUnsubscribeView, RemindersUnsubscribeView
from breathecode.pages.views.sign_in import SignInView, SignOutView
from breathecode.pages.views.survey import SurveyView

urlpatterns = [
    path("", HomeView.as_view(), name="home"),
    # Browsers request it for pages without an icon of their own: the admin's.
    path("favicon.ico", RedirectView.as_view(url=lazy(static, str)("pages/icon.svg"))),
    path("calendar", CalendarView.as_view(), name="calendar"),
    path("calendar/address", CalendarAddressView.as_view(), name="calendar-address"),
    path("calendar/invitations/off/<str:key>", InvitationsUnsubscribeView.as_view(), name="invitations-off"),
    path("reminders/off/<str:key>", RemindersUnsubscribeView.as_view(), name="reminders-off"),
    path("survey/<int:survey_id>", SurveyView.as_view(), name="survey"),
    path("classes/<id:live_class_id>", ClassView.as_view(), name="class"),
    path("classes/<id:live_class_id>/roll", RollView.as_view(), name="class-roll"),
    path("me", MeView.as_view(), name="me"),
    path("me/sign-out-everywhere", SignOutEverywhereView.as_view(), name="sign-out-everywhere"),
    path("academy", AcademiesView.as_view(), name="academies"),
    path("academy/<slug:academy_slug>", BoardView.as_view(), name="board"),
    path("sign-in", SignInView.as_view(), name="sign-in"),
    path("sign-out", SignOutView.as_view(), name="sign-out"),
    # `path:` takes what a mail program glued to the address too, so that no key is ever logged as an unknown route.
    path("invite/<path:key>", passwords.LinkView.as_view(), name="invitation"),
    path("password/reset", passwords.ForgottenView.as_view(), name="password-forgotten"),
    path("password/reset/<path:key>", passwords.LinkView.as_view(), name="password-reset"),
    path("password/choose", passwords.ChooseView.as_view(), name="password-choose"),
    path("password/chosen", passwords.ChosenView.as_view(), name="password-chosen"),
]
