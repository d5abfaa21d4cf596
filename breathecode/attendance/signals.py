"""Signals for other apps."""

from django.dispatch import Signal

# Sent after the commit that recorded somebody's attendance of an ended class, with `instance`, the LiveClass (rule S1).
attendance_recorded = Signal()
