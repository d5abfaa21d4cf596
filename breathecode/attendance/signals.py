"""Signals for other apps."""

from django.dispatch import Signal

# Sent after the commit that recorded attendance in a class that has ended, with `instance`, the LiveClass (rule S1).
attendance_recorded = Signal()
