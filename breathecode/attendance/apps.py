from django.apps import AppConfig


class AttendanceConfig(AppConfig):
    name = "breathecode.attendance"
    label = "attendance"

    def ready(self) -> None:
        from breathecode.admissions.history_log import register_history_log_reader
        from breathecode.attendance import receivers  # noqa: F401  (importing connects them)
        from breathecode.attendance.domain.log import read_history_log

        register_history_log_reader(read_history_log)
