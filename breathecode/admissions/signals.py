from django.dispatch import Signal

# Sent with `cohort`, as it is to be, before its dates count. A receiver raises an ApiError where they cannot.
cohort_schedule_changing = Signal()
