"""The outbox: every mail is first a row, written in the transaction of the change that it announces."""

import hashlib
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from breathecode.common.db.expressions import PrefixKey

# `last_error` of mails that were withdrawn; translated when it is read.
ADDRESS_CHANGED = gettext_noop("The recipient's e-mail address has changed.")
NOT_ACTIVE = gettext_noop("The recipient's account is not active.")


class OutgoingMail(models.Model):
    """One mail to one address.

    A body may hold a link that signs its reader in. So it is kept only as long as it may still be sent: the
    bodies of sent mails are cleared with the last step, those of failed ones after a week (`domain.delivery`), and
    neither the admin nor a log shows them before.
    """

    class State(models.TextChoices):
        QUEUED = "QUEUED", _("queued")
        SENDING = "SENDING", _("being sent")
        SENT = "SENT", _("sent")
        FAILED = "FAILED", _("failed")

    WAITING: ClassVar[tuple[str, ...]] = (State.QUEUED, State.SENDING)

    purpose = models.CharField(max_length=200, unique=True, help_text=_("At most one mail is sent for each purpose."))
    to = models.EmailField()
    # The user it is for, if there is one: the address of a user may change (rules U5, O8).
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    template = models.CharField(max_length=100)
    language = models.CharField(max_length=16)
    subject = models.CharField(max_length=255)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    from_name = models.CharField(max_length=150, blank=True)
    reply_to = models.EmailField(blank=True)
    headers = models.JSONField(default=dict, blank=True, help_text=_("Additional headers, by name."))
    attachments = models.JSONField(
        default=list, blank=True, help_text=_('Text parts: [{"name": …, "type": "text/calendar", "content": …}].')
    )

    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)
    # While a mail is being sent: when its claim expires.
    next_try_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mails")
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(state__in=["QUEUED", "SENDING"]), name="mail_due"),
            models.Index(PrefixKey("to"), name="mail_to_prefix"),  # for the admin's search
            models.Index(fields=["to", "created_at"], condition=Q(state="FAILED"), name="mail_failed_to"),
            # Those whose bodies are still to be cleared.
            models.Index(fields=["created_at"], condition=Q(state="FAILED", text__gt=""), name="mail_failed_with_body"),
        ]

    def __str__(self) -> str:
        return f"{self.template} to {self.to}"

    def message_id(self, host: str) -> str:
        """The same for every try, so that a mail that arrives twice is seen to be one (see `domain.delivery`)."""
        name = f"{self.pk}:{self.purpose}:{self.created_at.isoformat()}"
        return f"<{hashlib.sha256(name.encode()).hexdigest()[:40]}@{host}>"
