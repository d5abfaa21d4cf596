"""The Celery application, its periodic tasks, and the two ways in which they come to run.

`celery -A breathecode.celery worker -l info` alone runs queue and schedule: each worker process holds an
embedded beat (rule C1). Without a broker the web server holds both (`start_embedded_worker`).
All periodic tasks read what is due from the database, so several beats do no harm to each other.
"""

import os
import threading
from typing import Any

from celery import Celery
from celery.signals import worker_ready, worker_shutdown
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "breathecode.settings.base")

CLOSING_INTERVAL_SECONDS = 300.0  # rule A1

app = Celery("breathecode")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_scheduler = "celery.beat:Scheduler"  # in memory: a static schedule needs no file
app.conf.beat_schedule = {
    "sweep-due-builds": {
        "task": "breathecode.events.tasks.build_due_live_classes",
        "schedule": float(settings.SWEEP_INTERVAL_SECONDS),
    },
    "start-joined-classes": {
        "task": "breathecode.events.tasks.start_joined_live_classes",
        "schedule": float(settings.SWEEP_INTERVAL_SECONDS),
    },
    "close-overdue-classes": {
        "task": "breathecode.events.tasks.close_overdue_live_classes",
        "schedule": CLOSING_INTERVAL_SECONDS,
    },
}

_beats: list[Any] = []


def _start_beat() -> None:
    from celery.beat import EmbeddedService

    beat = EmbeddedService(app, max_interval=5, thread=True)
    beat.daemon = True
    beat.start()
    _beats.append(beat)


def _send_periodic_tasks_now() -> None:
    """What was left undone while nothing ran (a crash, a stopped queue) waits no interval longer."""
    for entry in app.conf.beat_schedule.values():
        app.send_task(entry["task"])


@worker_ready.connect
def start_beat_with_worker(**kwargs: Any) -> None:
    _start_beat()
    _send_periodic_tasks_now()


@worker_shutdown.connect
def stop_beat_with_worker(**kwargs: Any) -> None:
    while _beats:
        _beats.pop().stop()


def start_embedded_worker() -> None:
    """Runs queue and schedule on threads of this process, for a server without a broker.

    Tasks are registered before the worker thread starts: a worker that does not know a task drops it.
    """
    app.loader.import_default_modules()
    app.finalize()
    app.conf.task_always_eager = False
    from celery.worker import (
        WorkController,
    )  # not app.Worker: that one installs signal handlers and prints a banner

    worker = WorkController(
        app=app,
        pool_cls="solo",
        concurrency=1,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    threading.Thread(target=worker.start, name="embedded-worker", daemon=True).start()
