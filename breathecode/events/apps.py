from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "breathecode.events"
    label = "events"

    def ready(self) -> None:
        from breathecode.common.db.triggers import keep_triggers
        from breathecode.common.observability.metrics import GAUGES
        from breathecode.events import receivers  # noqa: F401  (importing connects them)
        from breathecode.events.domain.scheduling.generation import count_due_time_slots
        from breathecode.events.triggers import triggers

        GAUGES["time_slots_due_to_be_built"] = (
            "The number of time slots whose schedule is waiting to be built.",
            count_due_time_slots,
        )

        keep_triggers(self, triggers)
