from django.apps import AppConfig
from django.contrib.admin import apps as admin


class AuthenticateConfig(AppConfig):
    name = "breathecode.authenticate"
    label = "authenticate"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from breathecode.authenticate.triggers import triggers
        from breathecode.common.db.triggers import keep_triggers

        keep_triggers(self, triggers)


class LimitedAdminConfig(admin.AdminConfig):
    """The Django admin, on a site that counts wrong passwords."""

    default = False  # else this would be the configuration of `breathecode.authenticate` too
    default_site = "breathecode.authenticate.admin_site.LimitedAdminSite"
