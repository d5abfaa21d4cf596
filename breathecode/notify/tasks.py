"""Celery tasks that send mail. Both may run twice, late, or concurrently; the database says what is due."""

from collections.abc import Sequence
from typing import Any

from celery import Task, shared_task

from breathecode.common.queue import enqueue, enqueue_after_commit
from breathecode.notify.domain.delivery import clear_old_bodies, send_due, send_if_due


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


def queue_delivery(mail_ids: Sequence[int]) -> None:
    """Queues the sending of these mails after the commit, in one message however many mails there are.

    A broker that is down then costs the request one time-out.
    """
    if len(mail_ids) == 1:
        enqueue_after_commit(send_outgoing_mail, mail_id=mail_ids[0])
    elif mail_ids:
        enqueue_after_commit(send_due_mails)
