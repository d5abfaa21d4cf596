from django.dispatch import Signal

# Sent with `mail_ids` inside the transaction that put these mails into the outbox.
mails_queued = Signal()
