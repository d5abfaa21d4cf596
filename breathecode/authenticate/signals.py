from django.dispatch import Signal

# After users got another e-mail address, in the same transaction. `old_emails`: user id to the address before.
email_changed = Signal()
