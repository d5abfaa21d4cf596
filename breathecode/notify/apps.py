from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "breathecode.notify"
    label = "notify"
    verbose_name = "Mail"

    def ready(self) -> None:
        from breathecode.common.observability.health import CHECKS
        from breathecode.notify import checks  # noqa: F401  (registers them)
        from breathecode.notify.domain.health import check_mail

        CHECKS["mail"] = check_mail  # rule O6
