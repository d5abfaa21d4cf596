from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "breathecode.notify"
    label = "notify"
    verbose_name = "Mail"

    def ready(self) -> None:
        from breathecode.notify import checks  # noqa: F401  (registers them)
