"""The Celery application, its periodic tasks, and the two ways in which they come to run.

`celery -A breathecode.celery worker -l info` alone runs queue and schedule: each worker process holds an
embedded beat (rule C1). Without a broker the web server holds both (`start_embedded_worker`).
All periodic tasks read what is due from the database, so several beats are harmless.
"""

import gc
import threading
from typing import Any

from celery import Celery
from celery.signals import (
    task_postrun,
    task_prerun,
    worker_init,
    worker_process_init,
    worker_process_shutdown,
    worker_ready,
    worker_shutdown,
)
from django.conf import settings

from breathecode.common.broker import use_for_redis_urls
from breathecode.settings.startup import load_settings_or_exit

load_settings_or_exit()
use_for_redis_urls()

app = Celery("breathecode")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Task → seconds between its runs. Each reads from the database what is due, so running it twice does no harm.
PERIODIC_TASKS = {
    "breathecode.admissions.tasks.update_enrolment_periods": 300,  # rule A5
    "breathecode.authenticate.tasks.delete_expired_tokens": 24 * 3600,
    "breathecode.authenticate.tasks.delete_past_limit_counts": 3600,
    "breathecode.common.tasks.record_periodic_run": settings.SWEEP_INTERVAL_SECONDS,  # rule O1
    "breathecode.schedules.tasks.build_due_live_classes": settings.SWEEP_INTERVAL_SECONDS,
    "breathecode.jobs.tasks.run_due_jobs": settings.SWEEP_INTERVAL_SECONDS,  # rule P10
    "breathecode.events.tasks.close_overdue_live_classes": 300,  # rule A1
    "breathecode.calendars.tasks.send_due_invitations": settings.SWEEP_INTERVAL_SECONDS,
    "breathecode.reminders.tasks.send_due_reminders": settings.SWEEP_INTERVAL_SECONDS,
    "breathecode.events.tasks.start_joined_live_classes": settings.SWEEP_INTERVAL_SECONDS,
    "breathecode.feedback.tasks.send_due_surveys": 300,
    "breathecode.notify.tasks.send_due_mails": settings.SWEEP_INTERVAL_SECONDS,
}
# Requests publish without a retry (CELERY_TASK_PUBLISH_RETRY). A beat keeps one connection for good, and only a retry
# opens another after the broker has closed it. A few tries alone, in seconds: the next round tries again.
BEAT_RETRY = {"max_retries": 3, "interval_start": 0, "interval_step": 0.5, "interval_max": 1}
app.conf.beat_schedule = {
    task: {
        "task": task,
        "schedule": float(seconds),
        # One that waited a whole round is followed by another: a busy queue must not fill with them.
        "options": {"expires": float(seconds), "retry": True, "retry_policy": BEAT_RETRY},
    }
    for task, seconds in PERIODIC_TASKS.items()
}

_beats: list[Any] = []


def _start_beat() -> None:
    from celery.beat import EmbeddedService, Scheduler

    # In memory: a static schedule needs no file, and workers that share a folder would share the file. It is named
    # here, since an embedded beat does not look at the setting `beat_scheduler`.
    beat = EmbeddedService(app, max_interval=5, thread=True, scheduler_cls=Scheduler)
    beat.daemon = True
    beat.start()
    _beats.append(beat)


def _send_periodic_tasks_now() -> None:
    """Runs every periodic task at the start: work left by a crash need not wait for an interval."""
    for entry in app.conf.beat_schedule.values():
        app.send_task(entry["task"], **entry["options"])


@worker_ready.connect
def start_beat_with_worker(*args: Any, **kwargs: Any) -> None:
    _start_beat()
    _send_periodic_tasks_now()


@worker_shutdown.connect
def stop_beat_with_worker(**kwargs: Any) -> None:
    while _beats:
        # Not the thread's own stop(): it waits for the thread, for ever if closing its connection failed. The thread is
        # a daemon, so the process can end without it.
        _beats.pop().service.stop(wait=False)


@worker_init.connect
def give_back_connections(**kwargs: Any) -> None:
    """Between tasks a connection lies in the process's pool, which makes sure that it answers before it is used again.

    Connected when a worker starts, and so after the handlers that count and log a task.
    """
    task_prerun.connect(close_connections_of_worker)
    task_postrun.connect(close_connections_of_worker)


@worker_process_init.connect
def collect_garbage_of_tasks_alone(**kwargs: Any) -> None:
    """Python looks for garbage in cycles when there are a quarter more objects than before.

    What a task that fails leaves is such garbage: some 600 kB of positions in the code of its traceback, of which
    Python counts few. Beside all that the program imported, it would wait for hundreds of failures, which are the
    tasks of a few outages of the database.
    """
    gc.freeze()
    gc.collect()  # what it now finds is what it compares with


def close_connections_of_worker(sender: Any = None, **kwargs: Any) -> None:
    """As Django does between requests. A task that runs in its caller's transaction leaves the connection to it."""
    from django.db import close_old_connections

    if not sender.request.is_eager:
        close_old_connections()


@worker_process_init.connect
def start_tracing_in_worker_process(**kwargs: Any) -> None:
    """In each process that runs tasks: the one that forks them must hold no thread and no connection of its own."""
    if settings.TRACES_ENABLED:
        from breathecode.common.observability.tracing import start_tracing

        start_tracing()


@worker_process_shutdown.connect
def send_last_spans(**kwargs: Any) -> None:
    """Such a process ends without Python's own exit handlers, which would do it."""
    if settings.TRACES_ENABLED:
        from breathecode.common.observability.tracing import stop_tracing

        stop_tracing()


def start_embedded_worker() -> None:
    """Runs queue and schedule on threads of this process, for a server without a broker.

    Tasks are registered before the worker thread starts: a worker that does not know a task drops it.
    """
    app.loader.import_default_modules()
    app.finalize()
    app.conf.task_always_eager = False
    give_back_connections()
    # Not app.Worker: that one installs signal handlers and prints a banner. It also logs that it is ready.
    from celery.worker import WorkController

    worker = WorkController(
        app=app,
        ready_callback=start_beat_with_worker,
        pool_cls="solo",
        concurrency=1,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    threading.Thread(target=worker.start, name="embedded-worker", daemon=True).start()
