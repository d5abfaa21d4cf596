"""When periodic tasks last ran, in the database, where every process can read it (rule O1).

If a beat stops, or its messages never arrive, nothing else shows it. So a periodic task writes the time of its run,
which proves that a beat sent it, the broker delivered it, and a worker ran it.
"""

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from breathecode.common.models import PeriodicRun

INTERVALS = 3  # runs that may be missed
MIN_SECONDS = 30.0  # a worker may be busy with one task for as long, whatever the interval


def record_run(*, now: datetime, queue_seconds: float | None = None) -> None:
    """Records that a periodic task ran at `now`, after so many seconds in the queue."""
    fields = {"last_run_at": now, "queue_seconds": queue_seconds}
    PeriodicRun.objects.update_or_create(pk=PeriodicRun.ONLY, defaults=fields)


def queue_age() -> float:
    """Seconds that the newest message known of waited, or has waited so far (rule O9).

    The next one is sent an interval after the last run: while it does not run, it waits.
    """
    waited = PeriodicRun.objects.values_list("queue_seconds", flat=True).first() or 0.0
    return max(waited, seconds_since_run() - settings.SWEEP_INTERVAL_SECONDS)


def seconds_since_run() -> float:
    """Seconds since a periodic task recorded a run; infinity if none ever did."""
    last = PeriodicRun.objects.values_list("last_run_at", flat=True).first()
    return float("inf") if last is None else (timezone.now() - last).total_seconds()


def max_seconds() -> float:
    """The age in seconds from which the beat counts as failing: three sweeps."""
    return max(INTERVALS * float(settings.SWEEP_INTERVAL_SECONDS), MIN_SECONDS)
