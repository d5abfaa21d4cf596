"""Renewing a calendar token under concurrency."""

import threading
import time

import pytest
from django.db import connection

from breathecode.authenticate.domain import tokens
from breathecode.authenticate.models import Token, User


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_leave_one_token(monkeypatch):
    """I2: whoever comes second revokes the first one's, also before the first has committed."""
    person = User.objects.create_user("ana@example.org", "pass-word-9")
    issue, start, keys = tokens.issue_token, threading.Barrier(2, timeout=50), []

    def slowly(**kwargs):
        time.sleep(0.3)  # long enough for the other to have looked for old tokens too, if nothing stops it
        return issue(**kwargs)

    def renew():
        try:
            start.wait()
            keys.append(tokens.renew_calendar_token(user=person))
        finally:
            connection.close()

    monkeypatch.setattr(tokens, "issue_token", slowly)
    threads = [threading.Thread(target=renew) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(keys) == 2
    assert [token.key_hash for token in Token.objects.all()] == [Token.digest(keys[-1])]
