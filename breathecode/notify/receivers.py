from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from breathecode.common.queue import enqueue_after_commit
from breathecode.notify.signals import mails_queued
from breathecode.notify.tasks import send_due_mails, send_outgoing_mail


@receiver(mails_queued)
def queue_delivery(mail_ids: Sequence[int], **kwargs: Any) -> None:
    """One message to the queue, however many mails: a broker that is down costs the request one time-out."""
    if len(mail_ids) == 1:
        enqueue_after_commit(send_outgoing_mail, mail_id=mail_ids[0])
    elif mail_ids:
        enqueue_after_commit(send_due_mails)
