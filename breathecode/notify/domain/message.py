"""From a row of the outbox to the message that goes over the wire."""

from email.utils import formataddr, parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from breathecode.common.text import one_line
from breathecode.notify.models import OutgoingMail


def build_message(mail: OutgoingMail) -> EmailMultiAlternatives:
    """Raises ValueError for an address or header that cannot be written down."""
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        from_email=sender(mail.from_name),
        to=[mail.to],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        # RFC 3834: no out-of-office answers to a machine.
        headers={"Auto-Submitted": "auto-generated", **mail.headers, "Message-ID": mail.message_id(host)},
    )
    message.attach_alternative(mail.html, "text/html")
    for part in mail.attachments:
        if part.get("name"):
            message.attach(part["name"], part["content"], part["type"])
        else:
            message.attach_alternative(part["content"], part["type"])
    return message


def sender(name: str) -> str:
    """Our own address, which the server lets us use, under the academy's name."""
    own_name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((one_line(name) or own_name, address))
