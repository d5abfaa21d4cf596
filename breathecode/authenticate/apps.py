from django.apps import AppConfig


class AuthenticateConfig(AppConfig):
    name = "breathecode.authenticate"
    label = "authenticate"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from django.contrib import admin

        from breathecode.authenticate.api import schema  # noqa: F401  (importing registers it)
        from breathecode.authenticate.forms import LimitedSignInForm

        admin.site.login_form = LimitedSignInForm
