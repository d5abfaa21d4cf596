"""Where each app's routes hang. API routes are written without a trailing slash and answer with one too (H1)."""

from csp.decorators import csp_update
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularSwaggerSplitView

from breathecode.admissions.api import people
from breathecode.admissions.api.views import MeView
from breathecode.calendars.api.feeds import CalendarTokenView
from breathecode.common.api.exception_handler import not_found, read_only
from breathecode.common.api.schema_view import SchemaView
from breathecode.common.i18n.languages import in_english
from breathecode.common.observability import health
from breathecode.common.observability.metrics import metrics
from breathecode.pages.views.join import AcademyJoinView, JoinView

# Its scripts come in files of their own; its styles stand in its page, and in what its scripts draw.
docs = csp_update({"style-src": ["'self'", "'unsafe-inline'"]})(SpectacularSwaggerSplitView.as_view(url_name="schema"))

v1: list[URLPattern | URLResolver] = [
    path("events/", include("breathecode.events.api.urls")),  # the lists, asked for most, are found first
    path("schema", in_english(SchemaView.as_view()), name="schema"),
    path("docs", docs, name="docs"),
    path("auth/user/me", MeView.as_view()),
    path("auth/academy/student", people.StudentListView.as_view()),
    path("auth/academy/student/<id:user_id>", people.StudentView.as_view()),
    path("auth/academy/student/<id:user_id>/invite", people.StudentInviteView.as_view()),
    path("auth/academy/member/<id:user_id>/invite", people.MemberInviteView.as_view()),
    path("auth/me/calendar-token", CalendarTokenView.as_view()),
    path("auth/", include("breathecode.authenticate.api.urls")),
    path("admissions/", include("breathecode.jobs.api.jobs")),
    path("admissions/", include("breathecode.schedules.api.time_slots")),
    path("admissions/", include("breathecode.schedules.api.time_slot_imports")),
    path("admissions/", include("breathecode.schedules.api.templates")),
    path("admissions/", include("breathecode.schedules.api.diagnosis")),
    path("admissions/", include("breathecode.attendance.api.log")),
    path("admissions/", include("breathecode.schedules.api.holidays")),
    path("admissions/", include("breathecode.schedules.api.holiday_imports")),
    path("", include("breathecode.history.api.urls")),
    path("admissions/", include("breathecode.admissions.api.urls")),
    path("admissions/", include("breathecode.schedules.api.cohorts")),  # last: its `cohort` would take `user`
    path("events/me/event/liveclass/join/<str:hash_>", JoinView.as_view(), name="join"),
    path("events/academy/event/liveclass/join/<str:hash_>", AcademyJoinView.as_view(), name="academy-join"),
    path("events/", include("breathecode.reminders.api.reminders")),
    path("events/", include("breathecode.calendars.api.urls")),
    path("events/", include("breathecode.attendance.api.attendance")),
    path("feedback/", include("breathecode.feedback.api.urls")),
    # With DEBUG on, Django would answer unknown routes with a page of its own.
    re_path("", not_found),
]

urlpatterns = [
    path("healthz", read_only(health.healthz)),
    path("readyz", read_only(health.readyz)),
    path("metrics", read_only(metrics)),
    path("admin/", admin.site.urls),
    path("v1/", include(v1)),
    path("", include("breathecode.pages.urls")),
]

handler400 = "breathecode.common.api.exception_handler.bad_request"
handler403 = "breathecode.common.api.exception_handler.forbidden"
handler404 = "breathecode.common.api.exception_handler.not_found"
handler500 = "breathecode.common.api.exception_handler.server_error"
