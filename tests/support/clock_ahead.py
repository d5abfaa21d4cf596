"""The Celery application with a clock five minutes ahead: `celery -A tests.support.clock_ahead worker`."""

import datetime

import time_machine

AHEAD = datetime.timedelta(minutes=5)
time_machine.travel(datetime.datetime.now(datetime.UTC) + AHEAD, tick=True).start()

from breathecode.celery import app  # noqa: E402  (what is imported must find the clock as it is)

__all__ = ["AHEAD", "app"]
