"""Signals for other apps."""

from django.dispatch import Signal

# Sent after the commit that ended a class, with `instance`, the LiveClass (rule S1).
liveclass_ended = Signal()

# Sent once after the commit that ended one or more classes, with `instances`, a list of LiveClass (rule S1).
liveclasses_ended = Signal()

# Sent with `instances`, a list of locked LiveClass, and `now`, inside the transaction that ends the classes: an error
# of a receiver undoes the ends (rule A3).
classes_ending = Signal()
