from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class EventsConfig(AppConfig):
    name = "breathecode.events"
    label = "events"

    def ready(self) -> None:
        from breathecode.common.metrics import GAUGES
        from breathecode.events import receivers  # noqa: F401  (importing connects them)
        from breathecode.events.domain.scheduling.generation import count_due_time_slots
        from breathecode.events.triggers import create_copy_triggers, drop_copy_triggers

        GAUGES["time_slots_due_to_be_built"] = ("Time slots whose schedule is not built yet.", count_due_time_slots)
        pre_migrate.connect(drop_copy_triggers, sender=self)
        post_migrate.connect(create_copy_triggers, sender=self)
