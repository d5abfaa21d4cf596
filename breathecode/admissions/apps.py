from django.apps import AppConfig


class AdmissionsConfig(AppConfig):
    name = "breathecode.admissions"
    label = "admissions"

    def ready(self) -> None:
        from breathecode.admissions import receivers  # noqa: F401  (importing connects them)
        from breathecode.admissions.domain.import_jobs import KIND, import_rows
        from breathecode.admissions.triggers import triggers
        from breathecode.common.db.triggers import keep_triggers
        from breathecode.jobs.domain.kinds import register

        keep_triggers(self, triggers)
        register(KIND, import_rows)
