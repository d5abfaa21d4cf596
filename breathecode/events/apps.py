from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "breathecode.events"
    label = "events"

    def ready(self) -> None:
        from breathecode.common.db.triggers import keep_triggers
        from breathecode.common.observability.metrics import GAUGES
        from breathecode.events import receivers  # noqa: F401  (importing connects them)
        from breathecode.events.domain.closing import count_overdue_classes
        from breathecode.events.triggers import triggers

        text = "The number of classes that are to be closed, and are not yet."
        GAUGES["live_classes_overdue"] = (text, count_overdue_classes)  # rule O9

        keep_triggers(self, triggers)
