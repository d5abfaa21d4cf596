from django.urls import path

from breathecode.authenticate.api import passwords, views

urlpatterns = [
    path("login", views.LoginView.as_view()),
    path("logout", views.LogoutView.as_view()),
    path("password/reset", passwords.PasswordResetView.as_view()),
    path("password/change", passwords.PasswordChangeView.as_view()),
    path("role", views.RoleListView.as_view()),
    path("role/<str:role>", views.RoleView.as_view()),
    path("academy/member", views.MemberListView.as_view()),
    path("academy/member/<id:member_id>", views.MemberView.as_view()),
]
