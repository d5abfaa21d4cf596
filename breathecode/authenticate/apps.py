from django.apps import AppConfig


class AuthenticateConfig(AppConfig):
    name = "breathecode.authenticate"
    label = "authenticate"
    verbose_name = "Accounts"
