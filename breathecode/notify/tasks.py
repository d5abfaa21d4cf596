"""Celery tasks that send mail. Both may run twice, late, or concurrently; the database says what is due."""

import logging
from typing import Any

from celery import Task, shared_task

from breathecode.common.queue import enqueue
from breathecode.notify.domain.sending import clear_old_bodies, send_due, send_if_due

logger = logging.getLogger(__name__)


@shared_task
def send_outgoing_mail(mail_id: int) -> None:
    """Sends one mail, if it is due."""
    send_if_due(mail_id=mail_id)


@shared_task(bind=True)
def send_due_mails(self: "Task[Any, Any]") -> None:
    """Sends what is due: retries, and what the queue or a worker lost."""
    clear_old_bodies()
    while send_due():
        if not self.request.is_eager:  # without a queue each part would run inside the one before
            enqueue(send_due_mails)  # at the queue's end: other work has its turn between two parts
            return
