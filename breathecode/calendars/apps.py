from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    name = "breathecode.calendars"
    label = "calendars"

    def ready(self) -> None:
        from breathecode.calendars.triggers import triggers
        from breathecode.common.db.triggers import keep_triggers

        keep_triggers(self, triggers)
