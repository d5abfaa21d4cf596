from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "breathecode.events"
    label = "events"

    def ready(self) -> None:
        from breathecode.common.db.triggers import keep_triggers
        from breathecode.events import receivers  # noqa: F401  (importing connects them)
        from breathecode.events.triggers import triggers

        keep_triggers(self, triggers)
