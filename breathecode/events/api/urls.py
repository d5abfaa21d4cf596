from django.urls import path

from breathecode.events.api import views
from breathecode.events.api.conflicts import ConflictListView

urlpatterns = [
    path("me/event/liveclass", views.MyLiveClassListView.as_view()),
    path("academy/event/liveclass", views.AcademyLiveClassListView.as_view()),
    path("academy/event/liveclass/conflicts", ConflictListView.as_view()),
    path("academy/event/liveclass/<id:live_class_id>", views.AcademyLiveClassView.as_view()),
    path("academy/event/liveclass/<id:live_class_id>/cancel", views.CancelView.as_view()),
    path("academy/event/liveclass/<id:live_class_id>/restore", views.RestoreView.as_view()),
    path("academy/event/liveclass/<id:live_class_id>/makeups", views.MakeupListView.as_view()),
    path("academy/event/liveclass/<id:live_class_id>/substitutes", views.SubstituteListView.as_view()),
]
