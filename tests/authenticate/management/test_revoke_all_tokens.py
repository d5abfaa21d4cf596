"""`manage.py revoke_all_tokens`, after a leak (rule U2)."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from breathecode.authenticate.domain.tokens import renew_calendar_token, sign_in


def test_everything_that_signs_anybody_in_ends(world, capsys):
    """U2: tokens of every purpose and sessions, of every user."""
    key, calendar = sign_in(user=world.student)[0], renew_calendar_token(user=world.teacher)
    browser = Client()
    browser.force_login(world.admin)
    assert browser.get("/me").status_code == 200
    call_command("revoke_all_tokens", "--yes")
    assert capsys.readouterr().out == "2 tokens, 1 sessions revoked.\n"
    assert Client().get("/v1/auth/user/me", headers={"Authorization": f"Token {key}"}).status_code == 401
    assert Client().get(f"/v1/events/ical/me?token={calendar}").status_code in {401, 404}
    assert browser.get("/me").status_code == 302


def test_it_asks_first(world, monkeypatch):
    """U2: everybody has to sign in again, so nothing happens without a yes."""
    key = sign_in(user=world.student)[0]
    monkeypatch.setattr("builtins.input", lambda prompt: "")
    with pytest.raises(CommandError, match="Nothing was revoked"):
        call_command("revoke_all_tokens")
    assert Client().get("/v1/auth/user/me", headers={"Authorization": f"Token {key}"}).status_code == 200
