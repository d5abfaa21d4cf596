from django.urls import path

from breathecode.events.api import views

urlpatterns = [
    path("me/event/liveclass", views.MyLiveClassListView.as_view()),
    path("academy/event/liveclass", views.AcademyLiveClassListView.as_view()),
]
