from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "breathecode.reminders"
    label = "reminders"

    def ready(self) -> None:
        from breathecode.reminders import receivers  # noqa: F401  (importing connects them)
