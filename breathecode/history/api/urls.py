from django.urls import path

from breathecode.history.api import views

COHORT = "admissions/academy/cohort/<str:cohort>"

urlpatterns = [
    path("events/academy/event/liveclass/<id:live_class_id>/history", views.LiveClassHistoryView.as_view()),
    path(f"{COHORT}/history", views.CohortHistoryView.as_view()),
    path(f"{COHORT}/history/<id:change_id>/undo", views.CohortUndoView.as_view()),
    path(f"{COHORT}/timeslot/<id:time_slot_id>/history", views.TimeSlotHistoryView.as_view()),
    path(f"{COHORT}/timeslot/<id:time_slot_id>/history/<id:change_id>/undo", views.TimeSlotUndoView.as_view()),
    path("admissions/academy/holiday/<id:holiday_id>/history", views.HolidayHistoryView.as_view()),
    path("admissions/academy/holiday/<id:holiday_id>/history/<id:change_id>/undo", views.HolidayUndoView.as_view()),
]
