"""Logging through structlog: one JSON line an event in production, readable lines in development (rule O4)."""

import logging.config
from typing import Any

import structlog

from breathecode.common.observability.masking import mask_event

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.processors.format_exc_info,
]


def configure(options: dict[str, str]) -> None:
    """Django's LOGGING_CONFIG: takes `{"format": "json" | "console", "level": …}`."""
    json = options["format"] == "json"
    renderer = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False)
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "structured": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": _SHARED,
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, mask_event, renderer],
                }
            },
            "handlers": {"standard": {"class": "logging.StreamHandler", "formatter": "structured"}},
            "root": {"handlers": ["standard"], "level": options["level"]},
            "loggers": {
                # These would write a second line for each 4xx response and each task.
                "django.request": {"level": "CRITICAL"},
                "django.server": {"level": "WARNING"},
                "celery.app.trace": {"level": "WARNING"},
                "celery.worker.strategy": {"level": "WARNING"},
                "kombu": {"level": "WARNING"},
            },
        }
    )
