from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "breathecode.feedback"
    label = "feedback"

    def ready(self) -> None:
        from breathecode.common.db.triggers import keep_triggers
        from breathecode.feedback import receivers  # noqa: F401  (importing connects them)
        from breathecode.feedback.triggers import triggers

        keep_triggers(self, triggers)
