"""Who gets calendar invitations by mail, and what they were sent last."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from breathecode.admissions.models import Cohort
from breathecode.authenticate.models import User
from breathecode.common.db.fields import OneLineCharField
from breathecode.common.models import TimestampedModel


class CalendarPreference(TimestampedModel):
    """Whether a user gets their classes as calendar invitations by e-mail; without a row they do not."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="calendar_preference")
    calendar_invitations = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"calendar preference of user {self.user_id}"


class InvitationWindow(models.Model):
    """Up to when classes are sent to calendars: one row. Where the time moves on, all calendars are compared."""

    ONLY: ClassVar[int] = 1

    ends_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"classes up to {self.ends_at:%Y-%m-%d %H:%M}"


class CalendarInvitation(models.Model):
    """The calendar object of one class that one user was sent last."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="calendar_invitations")
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")
    # No foreign key: the row outlives the class, so that it can be cancelled under the UID made from this number.
    class_id = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=40, help_text=_("The hash of the join link in the message."))
    email = models.EmailField(help_text=_("The e-mail address it was sent to."))
    title = OneLineCharField(max_length=150)
    starting_at = models.DateTimeField()
    ending_at = models.DateTimeField()
    # The class's own, or one more than was sent before: it rises with every message, whatever the reason.
    sequence = models.PositiveIntegerField()
    withdrawn = models.BooleanField(default=False, help_text=_("Whether the last message sent was a CANCEL."))
    sent_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["starting_at"], name="invitation_start"),
            models.Index(
                fields=["cohort", "starting_at"], condition=Q(withdrawn=False), name="invitation_of_cohort_sent"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "class_id"], name="invitation_once_per_person_and_class"),
        ]

    def __str__(self) -> str:
        return f"class {self.class_id} in the calendar of user {self.user_id}"
