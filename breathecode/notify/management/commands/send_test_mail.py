"""Proves that mail goes out: one mail through the outbox and the configured server, in this process."""

import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from breathecode.notify.domain.delivery import send_if_due
from breathecode.notify.domain.outbox import Mail, store_mails
from breathecode.notify.models import OutgoingMail


class Command(BaseCommand):
    help = "Sends a test mail to ADDRESS immediately and reports the reason if that fails."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address")
        parser.add_argument("--language", default="en", help="en (default) or es")

    def handle(self, *args: Any, **options: Any) -> None:
        address = options["address"].strip()
        try:
            validate_email(address)
        except ValidationError:
            raise CommandError(f"{address} is not a valid e-mail address.") from None
        purpose = f"test:{uuid.uuid4().hex}"
        # Stored, not queued: it is this process that is to be seen sending.
        store_mails([Mail(purpose=purpose, to=address, template="test", language=options["language"], context={})])
        mail = OutgoingMail.objects.get(purpose=purpose)
        if send_if_due(mail_id=mail.pk):
            self.stdout.write(f"1 mail sent to {address}.")
            return
        mail.refresh_from_db()
        mail.delete()  # a test mail that arrives hours later would only puzzle its reader
        raise CommandError(f"Not sent: {mail.last_error}")
