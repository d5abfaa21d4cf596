from django.apps import AppConfig


class SchedulesConfig(AppConfig):
    name = "breathecode.schedules"
    label = "schedules"

    def ready(self) -> None:
        from breathecode.common.observability.metrics import GAUGES
        from breathecode.jobs.domain.kinds import register
        from breathecode.schedules import receivers  # noqa: F401  (importing connects them)
        from breathecode.schedules.domain import build_jobs
        from breathecode.schedules.domain.bulk import templates
        from breathecode.schedules.domain.generation import count_due_time_slots

        GAUGES["time_slots_due_to_be_built"] = (
            "The number of time slots whose schedule is waiting to be built.",
            count_due_time_slots,
        )
        register(build_jobs.KIND, build_jobs.build_cohort)
        register(templates.KIND, templates.lay_over_cohort)
