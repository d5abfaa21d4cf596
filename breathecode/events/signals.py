"""Signals for other apps."""

from django.dispatch import Signal

# Sent after the commit that ended a class, with `instance`, the LiveClass (rule S1).
liveclass_ended = Signal()

# Sent with `instance`, the locked LiveClass, and `now`, inside the transaction that ends the class: an error of a
# receiver undoes the end (rule A3).
class_ending = Signal()
