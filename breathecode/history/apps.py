from django.apps import AppConfig


class HistoryConfig(AppConfig):
    name = "breathecode.history"
    label = "history"

    def ready(self) -> None:
        from breathecode.common.db.actors import RECORDED_TABLES
        from breathecode.common.db.triggers import keep_triggers
        from breathecode.history.triggers import RECORDED, triggers

        RECORDED_TABLES.update(recorded.table for recorded in RECORDED)
        keep_triggers(self, triggers)
