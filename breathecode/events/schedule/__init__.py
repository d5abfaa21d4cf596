"""Dates of live classes, as pure functions: no Django, no database and no clock of their own.

`recurrence` says when the classes of a time slot are, `reconcile` what has to change for the rows to say
the same.
"""
