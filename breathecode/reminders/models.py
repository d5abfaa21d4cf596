"""Settings of academies and preferences of users for reminders."""

from django.db import models

from breathecode.authenticate.models import Academy, User
from breathecode.common.models import TimestampedModel


class ReminderSettings(TimestampedModel):
    """Which reminders an academy sends before its classes. Without a row: the one 15 minutes before."""

    academy = models.OneToOneField(Academy, on_delete=models.CASCADE, related_name="reminder_settings")
    day_before = models.BooleanField(default=False)
    quarter_hour_before = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "reminder settings"

    def __str__(self) -> str:
        return f"reminder settings of academy {self.academy_id}"


class ReminderPreference(TimestampedModel):
    """A user's own choice; empty fields follow the academy's settings."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="reminder_preference")
    day_before = models.BooleanField(null=True, blank=True)
    quarter_hour_before = models.BooleanField(null=True, blank=True)

    def __str__(self) -> str:
        return f"reminder preference of user {self.user_id}"
