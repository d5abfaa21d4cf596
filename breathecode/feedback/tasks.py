import logging

from celery import shared_task
from django.utils import timezone

from breathecode.common.queue import run_isolated
from breathecode.feedback.domain.survey_mails import classes_with_attendees_to_ask, queue_survey_of_class

logger = logging.getLogger(__name__)


@shared_task
def send_liveclass_survey(live_class_id: int) -> None:
    """Asks the attendees of a class that ended; running it twice sends nothing twice (rule S1)."""
    asked = queue_survey_of_class(live_class_id=live_class_id, now=timezone.now())
    logger.info("survey", extra={"live_class_id": live_class_id, "people_asked": asked})


@shared_task
def send_due_surveys() -> None:
    """Queues surveys whose message got lost, and those of students marked later; guarantees rule S1."""
    for live_class_id in classes_with_attendees_to_ask(now=timezone.now()).values_list("pk", flat=True):
        run_isolated(send_liveclass_survey, live_class_id=live_class_id)
