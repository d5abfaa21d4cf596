"""Whether mail gets out (rule O6)."""

import datetime

from django.utils import timezone

from breathecode.common.observability.health import ComponentState
from breathecode.notify.domain.delivery import due_mails

# Mails are due again after each outage at the next sweep; what is older means that no worker or mail server takes them.
MAX_DELAY = datetime.timedelta(minutes=15)


def check_mail() -> None:
    """For `/readyz`. Raises ComponentState `waiting` while a mail has been due for longer than `MAX_DELAY`."""
    if due_mails(now=timezone.now() - MAX_DELAY).exists():
        raise ComponentState("waiting")
