"""The Django admin of time slots, live classes and what is kept about them (rule R6)."""

from breathecode.events.admin import classes, records, time_slots

__all__ = ["classes", "records", "time_slots"]
