from django.urls import path

from breathecode.feedback.api import views

urlpatterns = [
    path("academy/settings", views.SettingsView.as_view()),
    path("academy/survey/template", views.TemplateListView.as_view()),
    path("academy/survey/template/<id:template_id>", views.TemplateView.as_view()),
    path("academy/survey", views.SurveyListView.as_view()),
    path("academy/survey/<id:survey_id>", views.SurveyView.as_view()),
    path("academy/report", views.ReportView.as_view()),
    path("academy/answer", views.AnswerListView.as_view()),
    path("user/me/answer", views.MyAnswerListView.as_view()),
    path("user/me/answer/<id:answer_id>", views.MyAnswerView.as_view()),
]
