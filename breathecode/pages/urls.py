from django.templatetags.static import static
from django.urls import path
from django.utils.functional import lazy
from django.views.generic import RedirectView

from breathecode.pages.academy.board import BoardView
from breathecode.pages.academy.cohorts import history, listing, overview, people, slots
from breathecode.pages.academy.entry import AcademiesView
from breathecode.pages.views import passwords
from breathecode.pages.views.calendar import CalendarAddressView, CalendarView
from breathecode.pages.views.classes import ClassFileView, ClassView, RollView
from breathecode.pages.views.demo import DemoView
from breathecode.pages.views.ending import EndClassView
from breathecode.pages.views.first_steps import FirstStepsView
from breathecode.pages.views.home import HomeView
from breathecode.pages.views.me import MeView, SignOutEverywhereView
from breathecode.pages.views.reminders import InvitationsUnsubscribeView, RemindersUnsubscribeView
from breathecode.pages.views.sign_in import SignInView, SignOutView
from breathecode.pages.views.survey import OwnSurveyView, SurveyView

_COHORT = "academy/<slug:academy_slug>/cohorts/<slug:cohort_slug>"

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
    path("classes/<id:live_class_id>/calendar.ics", ClassFileView.as_view(), name="class-calendar-file"),
    path("classes/<id:live_class_id>/end", EndClassView.as_view(), name="class-end"),
    path("first-steps", FirstStepsView.as_view(), name="first-steps"),
    path("demo", DemoView.as_view(), name="demo"),
    path("me", MeView.as_view(), name="me"),
    path("me/surveys/<id:survey_id>", OwnSurveyView.as_view(), name="own-survey"),
    path("me/sign-out-everywhere", SignOutEverywhereView.as_view(), name="sign-out-everywhere"),
    path("academy", AcademiesView.as_view(), name="academies"),
    path("academy/<slug:academy_slug>", BoardView.as_view(), name="board"),
    path("academy/<slug:academy_slug>/cohorts", listing.CohortListView.as_view(), name="cohorts"),
    path("academy/<slug:academy_slug>/new-cohort", listing.NewCohortView.as_view(), name="cohort-new"),
    path(_COHORT, overview.CohortView.as_view(), name="cohort"),
    path(f"{_COHORT}/edit", overview.EditCohortView.as_view(), name="cohort-edit"),
    path(f"{_COHORT}/slots", slots.SlotListView.as_view(), name="cohort-slots"),
    path(f"{_COHORT}/slots/new", slots.NewSlotView.as_view(), name="cohort-slot-new"),
    path(f"{_COHORT}/slots/<id:time_slot_id>", slots.EditSlotView.as_view(), name="cohort-slot"),
    path(f"{_COHORT}/slots/<id:time_slot_id>/remove", slots.RemoveSlotView.as_view(), name="cohort-slot-remove"),
    path(f"{_COHORT}/people", people.CohortPeopleView.as_view(), name="cohort-people"),
    path(f"{_COHORT}/people/<id:membership_id>", people.MembershipView.as_view(), name="cohort-person"),
    path(f"{_COHORT}/history", history.CohortHistoryView.as_view(), name="cohort-history"),
    path(f"{_COHORT}/history/<id:change_id>/undo", history.UndoView.as_view(), name="cohort-undo"),
    path("sign-in", SignInView.as_view(), name="sign-in"),
    path("sign-out", SignOutView.as_view(), name="sign-out"),
    # `path:` takes what a mail program glued to the address too, so that no key is ever logged as an unknown route.
    path("invite/<path:key>", passwords.LinkView.as_view(), name="invitation"),
    path("password/reset", passwords.ForgottenView.as_view(), name="password-forgotten"),
    path("password/reset/<path:key>", passwords.LinkView.as_view(), name="password-reset"),
    path("password/choose", passwords.ChooseView.as_view(), name="password-choose"),
    path("password/chosen", passwords.ChosenView.as_view(), name="password-chosen"),
]
