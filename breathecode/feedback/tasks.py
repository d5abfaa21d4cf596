import logging
from collections.abc import Sequence
from typing import Any

from celery import Task, shared_task
from django.utils import timezone

from breathecode.common.queue import run_isolated
from breathecode.common.sweeps import handle_batch, in_batches, sweep_all
from breathecode.feedback.domain.survey_mails import (
    classes_with_attendees_to_ask,
    queue_survey_of_class,
    queue_surveys_of_classes,
)

logger = logging.getLogger(__name__)
CLASSES_PER_BATCH = 20  # whose mails are rendered and stored in one transaction


@shared_task
def send_liveclass_survey(live_class_id: int) -> None:
    """Asks the attendees of a class that ended; running it twice sends nothing twice (rule S1)."""
    asked = queue_survey_of_class(live_class_id=live_class_id, now=timezone.now())
    logger.info("survey", extra={"live_class_id": live_class_id, "people_asked": asked})


@shared_task(bind=True)
def send_due_surveys(self: "Task[Any, Any]") -> None:
    """Queues surveys whose message got lost, and those of students marked later; guarantees rule S1."""
    sweep_all(self, lambda: in_batches(classes_with_attendees_to_ask(now=timezone.now()), CLASSES_PER_BATCH), _ask)


def _ask(ids: Sequence[int]) -> int:
    now = timezone.now()
    asked = handle_batch(
        ids,
        together=lambda ids: queue_surveys_of_classes(live_class_ids=ids, now=now),
        alone=lambda pk: run_isolated(queue_survey_of_class, live_class_id=pk, now=now),
    )
    logger.info("surveys", extra={"live_class_ids": list(ids), "people_asked": asked})
    return asked
