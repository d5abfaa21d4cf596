from django.urls import path

from breathecode.admissions.api import catalog, people, views

urlpatterns = [
    path("academy", views.AcademyListView.as_view()),
    path("academy/me", views.MyAcademyView.as_view()),
    path("syllabus", views.SyllabusListView.as_view()),
    path("syllabus/<str:syllabus>", views.SyllabusView.as_view()),
    path("syllabus/<str:syllabus>/version", views.SyllabusVersionListView.as_view()),
    path("cohort/me", views.MyCohortListView.as_view()),
    path("academy/cohort", views.CohortListView.as_view()),
    path("academy/cohort/user", views.AcademyCohortUserListView.as_view()),  # no cohort has this slug
    path("academy/cohort/<str:cohort>/user", views.CohortUserListView.as_view()),
    path("academy/cohort/<str:cohort>/user/import", people.PeopleImportView.as_view()),
    path("academy/cohort/<str:cohort>/user/<id:user_id>", views.CohortUserView.as_view()),
    path("catalog/timezones", catalog.TimeZoneListView.as_view()),
]
