"""What the apps' admins share."""

from breathecode.common.admin.base import (
    DomainAdmin,
    ListAdmin,
    RecordAdmin,
    RecordedHistory,
    TimestampedAdmin,
    errors_of_field,
)

__all__ = ["DomainAdmin", "ListAdmin", "RecordAdmin", "RecordedHistory", "TimestampedAdmin", "errors_of_field"]
