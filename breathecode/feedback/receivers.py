from typing import Any

from django.dispatch import receiver

from breathecode.attendance.signals import attendance_recorded
from breathecode.common.queue import enqueue_after_commit
from breathecode.events.models import LiveClass
from breathecode.events.signals import liveclasses_ended
from breathecode.feedback.tasks import send_due_surveys, send_liveclass_survey


@receiver(liveclasses_ended)
def queue_surveys(instances: list[LiveClass], **kwargs: Any) -> None:
    """S1: the attendees of classes that ended are asked about them; one message, however many classes end at once."""
    if len(instances) == 1:
        enqueue_after_commit(send_liveclass_survey, live_class_id=instances[0].pk)
    elif instances:
        enqueue_after_commit(send_due_surveys)


@receiver(attendance_recorded)
def queue_survey_of_late_marks(instance: LiveClass, **kwargs: Any) -> None:
    """S1: students marked after the survey was sent are asked then; the task checks the time limit."""
    enqueue_after_commit(send_liveclass_survey, live_class_id=instance.pk)
