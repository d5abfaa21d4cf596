import datetime
from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from breathecode.attendance.domain.recording import mark_joined, update_attended
from breathecode.attendance.models import Attendance
from breathecode.events.models import LiveClass
from breathecode.events.signals import class_ending


@receiver(class_ending)
def mark_who_joined(instance: LiveClass, now: datetime.datetime, **kwargs: Any) -> None:
    """A3: joins become marks in the transaction that ends the class."""
    mark_joined(instance, now=now)


@receiver(post_save, sender=Attendance)
def attendance_saved(instance: Attendance, **kwargs: Any) -> None:
    """A1: a mark saved by itself (a shell) makes a class held as one of the API does."""
    update_attended(instance.live_class)
