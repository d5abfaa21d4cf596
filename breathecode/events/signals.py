"""What this app tells others, which it does not know."""

from django.dispatch import Signal

# Sent after the commit that ended a class, with `instance`, the LiveClass (rule S1).
liveclass_ended = Signal()

# Sent after the commit that recorded somebody's attendance of an ended class, with `instance`, the LiveClass (rule S1).
attendance_recorded = Signal()
