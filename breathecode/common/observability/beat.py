"""When periodic tasks last ran, in the database, where every process can read it (rule O1).

A beat whose messages never arrive logs errors at most, and nothing else shows that it is silent. So a periodic task
writes the time, which proves the whole way: a beat sent it, the broker passed it on, and a worker ran it.
"""

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from breathecode.common.models import PeriodicRun

INTERVALS = 3  # rounds that may be missed
MIN_SECONDS = 30.0  # a worker may be busy with one task for as long, whatever the interval


def record_run(*, now: datetime) -> None:
    """The periodic tasks run: this one just did."""
    PeriodicRun.objects.update_or_create(pk=PeriodicRun.ONLY, defaults={"last_run_at": now})


def seconds_since_run() -> float:
    """Seconds since a periodic task recorded a run; infinite where none ever did."""
    last = PeriodicRun.objects.values_list("last_run_at", flat=True).first()
    return float("inf") if last is None else (timezone.now() - last).total_seconds()


def max_seconds() -> float:
    """A beat that is silent for longer counts as failing: three sweeps."""
    return max(INTERVALS * float(settings.SWEEP_INTERVAL_SECONDS), MIN_SECONDS)
