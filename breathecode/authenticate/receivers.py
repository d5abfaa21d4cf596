from typing import Any

from django.dispatch import receiver

from breathecode.authenticate.signals import email_changed
from breathecode.notify.domain.outbox import withdraw_mails


@receiver(email_changed)
def withdraw_mails_to_old_addresses(old_emails: dict[int, str], **kwargs: Any) -> None:
    """U5: mails still waiting to be sent would go to the old address."""
    withdraw_mails(to=old_emails.values())
