import sqlite3
from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.urls import register_converter

from breathecode.common.ids import IdConverter


def set_sqlite_variable_limit(connection: Any, **kwargs: Any) -> None:
    """Django assumes SQLite's old limit of 999 variables per statement, which splits one bulk insert into dozens."""
    if connection.vendor == "sqlite":
        limit = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
        connection.features.max_query_params = limit


class CommonConfig(AppConfig):
    name = "breathecode.common"

    def ready(self) -> None:
        register_converter(IdConverter, "id")
        import breathecode.celery
        import breathecode.common.observability.task_logs  # noqa: F401  (importing connects it)
        from breathecode.common.db.actors import add_actor_functions
        from breathecode.common.observability.beat import queue_age, seconds_since_run
        from breathecode.common.observability.metrics import GAUGES

        text = "Seconds since a periodic task last ran; +Inf if none has run."
        GAUGES["periodic_run_age_seconds"] = (text, seconds_since_run)
        GAUGES["queue_age_seconds"] = ("Seconds that the newest periodic task waited in the queue.", queue_age)
        connection_created.connect(set_sqlite_variable_limit)
        connection_created.connect(add_actor_functions)
