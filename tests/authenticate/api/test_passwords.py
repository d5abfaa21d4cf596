"""Changing and resetting passwords through the API."""

import pytest
from django.core import mail

from breathecode.authenticate.models import Token, User
from breathecode.notify.models import OutgoingMail
from tests.support.client import error

RESET = "/v1/auth/password/reset"
CHANGE = "/v1/auth/password/change"


def sign_in_status(call, email, password):
    return call("POST", "/v1/auth/login", body={"email": email, "password": password}).status_code


def test_a_reset_mails_a_link(call, world):
    """U4: whoever has an account gets a link, in any spelling of the address; only its hash is kept."""
    response = call("POST", RESET, body={"email": " Student@Example.org"})
    assert (response.status_code, response.content) == (204, b"")
    (message,) = mail.outbox
    assert message.to == ["student@example.org"]
    assert message.subject == "Choose a new password for Live Classes"
    key = message.body.split("http://testserver/password/reset/")[1].split()[0]
    token = Token.objects.get(purpose="PASSWORD_RESET")
    assert (token.user, token.key_hash) == (world.student, Token.digest(key))
    sent = OutgoingMail.objects.get()
    assert (sent.text, sent.user_id) == ("", world.student.pk)


@pytest.mark.parametrize("email", ["nobody@example.org", "inactive@example.org"])
def test_an_unknown_address_gets_the_same_answer(call, world, email):
    """U4: nobody learns from the answer who has an account; nothing is sent."""
    User.objects.create_user("inactive@example.org", "pass-word-9", is_active=False)
    response = call("POST", RESET, body={"email": email})
    assert (response.status_code, response.content) == (204, b"")
    assert mail.outbox == []
    assert Token.objects.count() == 0


def test_somebody_invited_may_ask_for_a_link(call, world):
    """U4: who lost the invitation comes in by a reset."""
    User.objects.create_user("invited@example.org")
    call("POST", RESET, body={"email": "invited@example.org"})
    assert [message.to for message in mail.outbox] == [["invited@example.org"]]


@pytest.mark.parametrize("email", ["student@example.org", "nobody@example.org"])
def test_resets_are_throttled(call, world, settings, email):
    """U4: known and unknown accounts alike, with Retry-After; other accounts are not concerned."""
    settings.PASSWORD_RESETS_PER_ACCOUNT = 2
    assert [call("POST", RESET, body={"email": email}).status_code for _ in range(2)] == [204, 204]
    refused = call("POST", RESET, body={"email": email.upper()})
    assert error(refused) == (429, "too-many-password-resets")
    assert 1 <= int(refused["Retry-After"]) <= 3600
    assert call("POST", RESET, body={"email": "teacher@example.org"}).status_code == 204


def test_resets_are_throttled_by_address(call, world, settings):
    """U4: one address cannot have mails sent to everybody."""
    settings.PASSWORD_RESETS_PER_ADDRESS = 1
    caller = {"REMOTE_ADDR": "192.0.2.1"}
    assert call("POST", RESET, body={"email": "student@example.org"}, **caller).status_code == 204
    refused = call("POST", RESET, body={"email": "teacher@example.org"}, **caller)
    assert error(refused) == (429, "too-many-password-resets")


def test_loopback_is_nobodys_address(call, world, settings):
    """U4: behind a proxy on this machine everybody has it, so only accounts are counted there."""
    settings.PASSWORD_RESETS_PER_ADDRESS = 1
    for email in ("student@example.org", "teacher@example.org"):
        assert call("POST", RESET, body={"email": email}).status_code == 204


@pytest.mark.parametrize("body", [{}, {"email": "no address"}, {"email": "a" * 250 + "@example.org"}, {"email": None}])
def test_an_address_is_an_address(call, world, body):
    """H3: a missing or unreadable address is a field error."""
    response = call("POST", RESET, body=body)
    assert error(response) == (400, "validation-error")
    assert list(response.json()["errors"]) == ["email"]


def test_a_change_ends_every_other_sign_in(call, world):
    """U2, U4: the new password holds, the old does not, other tokens are gone, the caller's own goes on."""
    other = call("POST", "/v1/auth/login", body={"email": "student@example.org", "password": "pass-word-9"}).json()
    body = {"current_password": "pass-word-9", "new_password": "blue-Cactus-41"}
    assert call("POST", CHANGE, as_=world.student, body=body).status_code == 204
    assert call("GET", "/v1/auth/user/me", as_=world.student).status_code == 200
    refused = call("GET", "/v1/auth/user/me", headers={"Authorization": f"Token {other['token']}"})
    assert error(refused) == (401, "invalid-token")
    assert sign_in_status(call, "student@example.org", "pass-word-9") == 400
    assert sign_in_status(call, "student@example.org", "blue-Cactus-41") == 200


@pytest.mark.parametrize(
    ("current", "new", "field"),
    [
        ("wrong-word-9", "blue-Cactus-41", "current_password"),
        ("pass-word-9", "short", "new_password"),
        ("pass-word-9", "password1234", "new_password"),
        ("pass-word-9", "student@example.org", "new_password"),
    ],
)
def test_a_change_that_is_refused_changes_nothing(call, world, current, new, field):
    """U4: a wrong current password, and a new one that Django's validators refuse."""
    response = call("POST", CHANGE, as_=world.student, body={"current_password": current, "new_password": new})
    assert error(response) == (400, "validation-error")
    assert list(response.json()["errors"]) == [field]
    assert sign_in_status(call, "student@example.org", "pass-word-9") == 200


def test_a_stolen_token_is_no_way_to_guess_the_password(call, world, settings):
    """U2: wrong current passwords count as wrong sign-ins."""
    settings.LOGIN_FAILURES_PER_ACCOUNT = 2
    body = {"current_password": "wrong-word-9", "new_password": "blue-Cactus-41"}
    assert [call("POST", CHANGE, as_=world.student, body=body).status_code for _ in range(2)] == [400, 400]
    right = {**body, "current_password": "pass-word-9"}
    assert error(call("POST", CHANGE, as_=world.student, body=right)) == (429, "too-many-sign-ins")
    assert error(call("POST", CHANGE, body=right)) == (401, "authentication-required")


def test_a_mailed_key_is_no_sign_in(call, world):
    """U4: a key out of a mail opens its page and nothing else."""
    call("POST", RESET, body={"email": "student@example.org"})
    key = mail.outbox[0].body.split("/password/reset/")[1].split()[0]
    refused = call("GET", "/v1/auth/user/me", headers={"Authorization": f"Token {key}"})
    assert error(refused) == (401, "invalid-token")
