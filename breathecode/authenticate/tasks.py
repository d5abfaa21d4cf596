"""Doors: see breathecode.authenticate.domain."""

from celery import shared_task

from breathecode.authenticate.domain import tokens


@shared_task
def delete_expired_tokens() -> int:
    """Once a day; returns how many went."""
    return tokens.delete_expired_tokens()
