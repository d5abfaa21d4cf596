from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "breathecode.events"
    label = "events"

    def ready(self) -> None:
        from breathecode.events import receivers  # noqa: F401  (importing connects them)
