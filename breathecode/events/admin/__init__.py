"""The Django admin of this app, by subject; importing registers it."""

from breathecode.events.admin import classes, evidence, reminders

__all__ = ["classes", "evidence", "reminders"]
