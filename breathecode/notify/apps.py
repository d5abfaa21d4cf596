from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "breathecode.notify"
    label = "notify"
    verbose_name = "Mail"

    def ready(self) -> None:
        from breathecode.common.observability.health import CHECKS
        from breathecode.common.observability.metrics import GAUGES
        from breathecode.notify import checks  # noqa: F401  (registers them)
        from breathecode.notify.domain.health import check_mail, count_failed, count_waiting

        GAUGES["mails_waiting"] = ("The number of mails that are to be sent.", count_waiting)  # rule O9
        GAUGES["mails_failed"] = ("The number of mails that failed for good within a week.", count_failed)
        CHECKS["mail"] = check_mail  # rule O6
