from django.urls import path

from breathecode.events.api import calendar, views

urlpatterns = [
    path("me/event/liveclass", views.MyLiveClassListView.as_view()),
    path("me/event/liveclass/<int:live_class_id>.ics", calendar.ClassFileView.as_view()),
    path("ical/me", calendar.MyFeedView.as_view()),
    path("ical/cohorts/<str:names>", calendar.CohortFeedView.as_view()),
    path("academy/event/liveclass", views.AcademyLiveClassListView.as_view()),
    path("academy/event/liveclass/<int:live_class_id>", views.AcademyLiveClassView.as_view()),
    path("academy/event/liveclass/<int:live_class_id>/cancel", views.CancelView.as_view()),
    path("academy/event/liveclass/<int:live_class_id>/restore", views.RestoreView.as_view()),
]
