"""Below `/v1/events/`."""

from django.urls import path

from breathecode.calendars.api import feeds, preferences

urlpatterns = [
    path("me/event/liveclass/<id:live_class_id>.ics", feeds.ClassFileView.as_view()),
    path("ical/me", feeds.MyFeedView.as_view()),
    path("ical/cohorts/<str:names>", feeds.CohortFeedView.as_view()),
    *preferences.urlpatterns,
]
