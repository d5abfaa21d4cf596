from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "breathecode.feedback"
    label = "feedback"

    def ready(self) -> None:
        from breathecode.feedback import receivers  # noqa: F401  (importing connects them)
