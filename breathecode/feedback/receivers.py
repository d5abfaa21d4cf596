from typing import Any

from django.dispatch import receiver

from breathecode.attendance.signals import attendance_recorded
from breathecode.common.queue import enqueue_after_commit
from breathecode.events.models import LiveClass
from breathecode.events.signals import liveclass_ended
from breathecode.feedback.tasks import send_liveclass_survey


@receiver(liveclass_ended)
def queue_survey(instance: LiveClass, **kwargs: Any) -> None:
    """S1: the attendees of a class that ended are asked about it."""
    enqueue_after_commit(send_liveclass_survey, live_class_id=instance.pk)


@receiver(attendance_recorded)
def queue_survey_of_late_marks(instance: LiveClass, **kwargs: Any) -> None:
    """S1: students marked after the survey was sent are asked then; the task checks the time limit."""
    enqueue_after_commit(send_liveclass_survey, live_class_id=instance.pk)
