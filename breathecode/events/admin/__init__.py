"""The Django admin of live classes and what is kept about them (rule R6)."""

from breathecode.events.admin import classes, records

__all__ = ["classes", "records"]
