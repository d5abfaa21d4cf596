from django.apps import AppConfig


class AttendanceConfig(AppConfig):
    name = "breathecode.attendance"
    label = "attendance"

    def ready(self) -> None:
        from breathecode.attendance import receivers  # noqa: F401  (importing connects them)
