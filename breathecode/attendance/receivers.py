import datetime
from typing import Any

from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from breathecode.attendance.domain.joins import mark_joined
from breathecode.attendance.domain.log import log_change, read_day
from breathecode.attendance.domain.recording import update_attended
from breathecode.attendance.models import Attendance
from breathecode.events.domain.lifecycle import lock_class
from breathecode.events.models import LiveClass
from breathecode.events.signals import classes_ending


@receiver(classes_ending)
def mark_who_joined(instances: list[LiveClass], now: datetime.datetime, **kwargs: Any) -> None:
    """A3: joins become marks in the transaction that ends the classes."""
    mark_joined(instances, now=now)


@receiver(post_save, sender=Attendance)
def attendance_saved(instance: Attendance, **kwargs: Any) -> None:
    """A1, A4, O2: a mark saved by itself (a shell) makes a class held as one of the API does, in cached lists too, and
    its day logged.

    The API writes marks in bulk, which sends no signal, under the lock that is taken here.
    """
    with transaction.atomic():
        live_class = lock_class(instance.live_class_id)
        update_attended(live_class)
        # With the mark: what the log said before cannot be read any more, so a day that is logged keeps its time.
        before = read_day(live_class.cohort_id, live_class.day)
        log_change(live_class.cohort_id, live_class.day, before=before, now=timezone.now())
