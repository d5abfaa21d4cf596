"""Whether mail gets out (rules O6, O9)."""

import datetime

from django.utils import timezone

from breathecode.common.observability.health import ComponentState
from breathecode.notify.domain.claims import due_mails
from breathecode.notify.domain.delivery import BODY_LIFETIME
from breathecode.notify.models import OutgoingMail

# Mails are due again after each outage at the next sweep; what is older means that no worker or mail server takes them.
MAX_DELAY = datetime.timedelta(minutes=15)


def check_mail() -> None:
    """For `/readyz`. Raises ComponentState `waiting` while a mail has been due for longer than `MAX_DELAY`."""
    if due_mails(now=timezone.now() - MAX_DELAY).exists():
        raise ComponentState("waiting")


def count_waiting() -> float:
    return OutgoingMail.objects.filter(state__in=OutgoingMail.WAITING).count()


def count_failed() -> float:
    """Mails that failed for good, of the last week."""
    since = timezone.now() - BODY_LIFETIME
    return OutgoingMail.objects.filter(state=OutgoingMail.State.FAILED, created_at__gte=since).count()
