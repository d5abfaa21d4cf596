from django.templatetags.static import static
from django.urls import path
from django.utils.functional import lazy
from django.views.generic import RedirectView

from breathecode.pages.academy.board import BoardView
from breathecode.pages.academy.calendar import AcademyCalendarView
from breathecode.pages.academy.classes import changes
from breathecode.pages.academy.classes.makeups import MakeUpView
from breathecode.pages.academy.classes.new import NewClassView
from breathecode.pages.academy.classes.substitutes import SubstituteView
from breathecode.pages.academy.cohorts import history, listing, overview, people, slot_imports, slots
from breathecode.pages.academy.conflicts import ConflictsView
from breathecode.pages.academy.entry import AcademiesView
from breathecode.pages.academy.holidays import importing as holiday_imports
from breathecode.pages.academy.holidays import listing as holidays
from breathecode.pages.academy.holidays import makeups
from breathecode.pages.academy.jobs.views import JobListView, JobView
from breathecode.pages.academy.people import person
from breathecode.pages.academy.people.importing import ImportView
from breathecode.pages.academy.people.inviting import InviteView
from breathecode.pages.academy.people.listing import PeopleView
from breathecode.pages.academy.reports import attendance, surveys
from breathecode.pages.academy.reports import overview as reports
from breathecode.pages.academy.settings import laying, panels, templates
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

_SETTINGS = "academy/<slug:academy_slug>/settings"
_CLASS = "classes/<id:live_class_id>"
_COHORT = "academy/<slug:academy_slug>/cohorts/<slug:cohort_slug>"
_PERSON = "academy/<slug:academy_slug>/people/<id:user_id>"

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
    path(f"{_CLASS}/move", changes.MoveView.as_view(), name="class-move"),
    path(f"{_CLASS}/cancel", changes.CancelView.as_view(), name="class-cancel"),
    path(f"{_CLASS}/restore", changes.RestoreView.as_view(), name="class-restore"),
    path(f"{_CLASS}/substitute", SubstituteView.as_view(), name="class-substitute"),
    path(f"{_CLASS}/make-up", MakeUpView.as_view(), name="class-make-up"),
    path(f"{_CLASS}/edit", changes.EditView.as_view(), name="class-edit"),
    path(f"{_CLASS}/start", changes.StartView.as_view(), name="class-start"),
    path("classes/<id:live_class_id>/calendar.ics", ClassFileView.as_view(), name="class-calendar-file"),
    path("classes/<id:live_class_id>/end", EndClassView.as_view(), name="class-end"),
    path("first-steps", FirstStepsView.as_view(), name="first-steps"),
    path("demo", DemoView.as_view(), name="demo"),
    path("me", MeView.as_view(), name="me"),
    path("me/surveys/<id:survey_id>", OwnSurveyView.as_view(), name="own-survey"),
    path("me/sign-out-everywhere", SignOutEverywhereView.as_view(), name="sign-out-everywhere"),
    path("academy", AcademiesView.as_view(), name="academies"),
    path("academy/<slug:academy_slug>", BoardView.as_view(), name="board"),
    path("academy/<slug:academy_slug>/people", PeopleView.as_view(), name="people"),
    path("academy/<slug:academy_slug>/people/invite", InviteView.as_view(), name="person-invite"),
    path("academy/<slug:academy_slug>/people/import", ImportView.as_view(), name="people-import"),
    path(_PERSON, person.PersonView.as_view(), name="person"),
    path(f"{_PERSON}/invite", person.InviteAgainView.as_view(), name="person-invite-again"),
    path(f"{_PERSON}/role", person.RoleView.as_view(), name="person-role"),
    path(f"{_PERSON}/remove", person.RemoveView.as_view(), name="person-remove"),
    path("academy/<slug:academy_slug>/jobs", JobListView.as_view(), name="jobs"),
    path("academy/<slug:academy_slug>/jobs/<id:job_id>", JobView.as_view(), name="job"),
    path("academy/<slug:academy_slug>/calendar", AcademyCalendarView.as_view(), name="academy-calendar"),
    path("academy/<slug:academy_slug>/conflicts", ConflictsView.as_view(), name="academy-conflicts"),
    path("academy/<slug:academy_slug>/cohorts", listing.CohortListView.as_view(), name="cohorts"),
    path("academy/<slug:academy_slug>/new-cohort", listing.NewCohortView.as_view(), name="cohort-new"),
    path(_COHORT, overview.CohortView.as_view(), name="cohort"),
    path(f"{_COHORT}/edit", overview.EditCohortView.as_view(), name="cohort-edit"),
    path(f"{_COHORT}/new-class", NewClassView.as_view(), name="class-new"),
    path(f"{_COHORT}/slots", slots.SlotListView.as_view(), name="cohort-slots"),
    path(f"{_COHORT}/slots/new", slots.NewSlotView.as_view(), name="cohort-slot-new"),
    path(f"{_COHORT}/slots/<id:time_slot_id>", slots.EditSlotView.as_view(), name="cohort-slot"),
    path(f"{_COHORT}/slots/<id:time_slot_id>/remove", slots.RemoveSlotView.as_view(), name="cohort-slot-remove"),
    path(f"{_COHORT}/people", people.CohortPeopleView.as_view(), name="cohort-people"),
    path(f"{_COHORT}/people/<id:membership_id>", people.MembershipView.as_view(), name="cohort-person"),
    path(
        f"{_COHORT}/people/<id:membership_id>/remove",
        people.RemovePersonView.as_view(),
        name="cohort-person-remove",
    ),
    path(f"{_COHORT}/history", history.CohortHistoryView.as_view(), name="cohort-history"),
    path(f"{_COHORT}/history/<id:change_id>/undo", history.UndoView.as_view(), name="cohort-undo"),
    path(f"{_COHORT}/holidays", holidays.CohortHolidayListView.as_view(), name="cohort-holidays"),
    path(f"{_COHORT}/holidays/new", holidays.CohortHolidayFormView.as_view(), name="cohort-holiday-new"),
    path(f"{_COHORT}/holidays/<id:holiday_id>", holidays.CohortHolidayFormView.as_view(), name="cohort-holiday"),
    path(
        f"{_COHORT}/holidays/<id:holiday_id>/remove",
        holidays.CohortHolidayRemoveView.as_view(),
        name="cohort-holiday-remove",
    ),
    path(
        f"{_COHORT}/holidays/<id:holiday_id>/makeups",
        makeups.CohortHolidayMakeupsView.as_view(),
        name="cohort-holiday-makeups",
    ),
    path(f"{_COHORT}/slots/template", laying.CohortTemplateView.as_view(), name="cohort-slot-template"),
    path(f"{_COHORT}/slots/import", slot_imports.SlotImportView.as_view(), name="cohort-slot-import"),
    path(f"{_SETTINGS}/templates", templates.TemplateListView.as_view(), name="templates"),
    path(f"{_SETTINGS}/templates/new", templates.TemplateFormView.as_view(), name="template-new"),
    path(f"{_SETTINGS}/templates/<id:template_id>", templates.TemplateFormView.as_view(), name="template"),
    path(
        f"{_SETTINGS}/templates/<id:template_id>/remove", templates.TemplateRemoveView.as_view(), name="template-remove"
    ),
    path(f"{_SETTINGS}/templates/<id:template_id>/apply", laying.TemplateApplyView.as_view(), name="template-apply"),
    path(_SETTINGS, panels.SettingsView.as_view(), name="settings"),
    path(f"{_SETTINGS}/holidays", holidays.HolidayListView.as_view(), name="holidays"),
    path(f"{_SETTINGS}/holidays/new", holidays.HolidayFormView.as_view(), name="holiday-new"),
    path(f"{_SETTINGS}/holidays/import", holiday_imports.HolidayImportView.as_view(), name="holiday-import"),
    path(f"{_SETTINGS}/holidays/<id:holiday_id>", holidays.HolidayFormView.as_view(), name="holiday"),
    path(f"{_SETTINGS}/holidays/<id:holiday_id>/remove", holidays.HolidayRemoveView.as_view(), name="holiday-remove"),
    path(f"{_SETTINGS}/holidays/<id:holiday_id>/makeups", makeups.HolidayMakeupsView.as_view(), name="holiday-makeups"),
    path(f"{_COHORT}/attendance", attendance.CohortAttendanceView.as_view(), name="cohort-attendance"),
    path(
        f"{_COHORT}/attendance.<slug:suffix>",
        attendance.CohortAttendanceFileView.as_view(),
        name="cohort-attendance-file",
    ),
    path(f"{_COHORT}/surveys", surveys.CohortSurveysView.as_view(), name="cohort-surveys"),
    path(f"{_COHORT}/history", history.CohortHistoryView.as_view(), name="cohort-history"),
    path(f"{_COHORT}/history/<id:change_id>/undo", history.UndoView.as_view(), name="cohort-undo"),
    path("academy/<slug:academy_slug>/reports", reports.ReportsView.as_view(), name="reports"),
    path("academy/<slug:academy_slug>/reports.<slug:suffix>", reports.ReportsFileView.as_view(), name="reports-file"),
    path("sign-in", SignInView.as_view(), name="sign-in"),
    path("sign-out", SignOutView.as_view(), name="sign-out"),
    # `path:` takes what a mail program glued to the address too, so that no key is ever logged as an unknown route.
    path("invite/<path:key>", passwords.LinkView.as_view(), name="invitation"),
    path("password/reset", passwords.ForgottenView.as_view(), name="password-forgotten"),
    path("password/reset/<path:key>", passwords.LinkView.as_view(), name="password-reset"),
    path("password/choose", passwords.ChooseView.as_view(), name="password-choose"),
    path("password/chosen", passwords.ChosenView.as_view(), name="password-chosen"),
]
