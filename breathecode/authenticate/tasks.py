"""Celery tasks. Each may run twice, late, or concurrently."""

from celery import shared_task

from breathecode.authenticate.domain import limits, tokens
from breathecode.authenticate.domain.password_resets import send_reset_link
from breathecode.common.queue import enqueue


@shared_task
def delete_expired_tokens() -> int:
    """Once a day; returns how many."""
    return tokens.delete_expired_tokens()


@shared_task
def delete_past_limit_counts() -> int:
    """Once an hour; returns how many."""
    return limits.delete_past_counts()


@shared_task(reject_on_worker_lost=True)  # nothing is stored before it runs, so no sweep would find it
def send_password_reset(email: str, language: str = "") -> None:
    send_reset_link(email=email, language=language)


def request_password_reset(*, email: str, language: str = "") -> None:
    """Looks the account up in the queue, so that the response time does not show whether it exists.

    Without a queue it is done here: the difference of a few milliseconds is the smaller harm. `language` is what the
    browser asked for, "" for nothing.
    """
    if not enqueue(send_password_reset, email=email, language=language):
        send_password_reset(email=email, language=language)
