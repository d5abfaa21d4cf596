from django.apps import AppConfig


class SchedulesConfig(AppConfig):
    name = "breathecode.schedules"
    label = "schedules"

    def ready(self) -> None:
        from breathecode.common.observability.metrics import GAUGES
        from breathecode.jobs.domain.kinds import register
        from breathecode.schedules import receivers  # noqa: F401  (importing connects them)
        from breathecode.schedules.domain.build_jobs import KIND, build_cohort
        from breathecode.schedules.domain.generation import count_due_time_slots

        GAUGES["time_slots_due_to_be_built"] = (
            "The number of time slots whose schedule is waiting to be built.",
            count_due_time_slots,
        )
        register(KIND, build_cohort)
