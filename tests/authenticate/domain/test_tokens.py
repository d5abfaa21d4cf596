"""How keys are kept, and when they end (rule U2); superusers from the command line (rule R5)."""

import datetime
import hashlib
import math

import pytest
import time_machine
from django.contrib.auth.forms import AdminPasswordChangeForm, SetPasswordForm
from django.contrib.auth.hashers import make_password
from django.core.management import CommandError, call_command
from django.test import Client

from breathecode.authenticate.domain import tokens
from breathecode.authenticate.domain.tokens import delete_expired_tokens, issue_token, sign_in
from breathecode.authenticate.models import Token, User
from tests.support.client import error
from tests.support.queries import captured_queries

ME = "/v1/auth/user/me"
NOON = datetime.datetime(2025, 3, 1, 12, tzinfo=datetime.UTC)


def test_only_the_hash_of_a_key_is_kept(call, world):
    """U2: no column of any row holds the key, and the hash opens nothing."""
    key, token = sign_in(user=world.student)
    stored = Token.objects.filter(pk=token.pk).values().get()
    assert stored["key_hash"] == hashlib.sha256(key.encode()).hexdigest()
    assert key not in repr(stored)
    answer = call("GET", ME, headers={"Authorization": f"Token {stored['key_hash']}"})
    assert error(answer) == (401, "invalid-token")
    assert key not in str(token) + repr(token)


def test_keys_cannot_be_guessed(world):
    """U2: 160 random bits each."""
    keys = {sign_in(user=world.student)[0] for _ in range(50)}
    assert len(keys) == 50
    assert {len(key) * math.log2(16) for key in keys} == {160}


def test_a_token_expires(call, world, settings):
    """U2: to the second, and says so for 30 days; afterwards nobody knows it."""
    settings.TOKEN_LIFETIME_HOURS = 2
    with time_machine.travel(NOON, tick=False) as clock:
        call.key(world.student)
        clock.shift(2 * 3600 - 1)
        assert call("GET", ME, as_=world.student).status_code == 200
        clock.shift(1)
        assert error(call("GET", ME, as_=world.student)) == (401, "expired-token")
        clock.shift(datetime.timedelta(days=30))
        assert delete_expired_tokens() == 0
        clock.shift(1)
        sign_in(user=world.student)
        assert delete_expired_tokens() == 1
        assert error(call("GET", ME, as_=world.student)) == (401, "invalid-token")


def test_expired_tokens_are_deleted_in_batches(world, monkeypatch):
    """U2: all of them, a few at a time; nothing is left to be looked at, and good tokens stay."""
    monkeypatch.setattr(tokens, "TOKENS_PER_BATCH", 2)
    with time_machine.travel(NOON, tick=False) as clock:
        for _number in range(5):
            sign_in(user=world.student)
        clock.shift(datetime.timedelta(days=400))
        sign_in(user=world.student)
        sign_in(user=world.teacher)
        User.objects.filter(pk=world.student.pk).update(password="!")
        with captured_queries() as captured:
            assert delete_expired_tokens() == 6
        assert sum(statement.startswith("DELETE") for statement in captured) == 3 + 1 + 1  # also what was looked at
        assert Token.objects.get().user == world.teacher
        assert delete_expired_tokens() == 0


def test_expired_tokens_are_deleted_by_a_periodic_task():
    """U2: the schedule knows the task, by a name that Celery knows."""
    from breathecode.celery import app

    app.loader.import_default_modules()
    task = "breathecode.authenticate.tasks.delete_expired_tokens"
    assert task in {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert task in app.tasks


def test_a_calendar_token_opens_no_api(call, world):
    """I2, U2: it is for feeds and nothing else."""
    key, _token = issue_token(user=world.student, purpose=Token.Purpose.CALENDAR, lifetime=None)
    assert error(call("GET", ME, headers={"Authorization": f"Token {key}"})) == (401, "invalid-token")


def set_password(user):
    user.set_password("another-word-7")
    user.save()


def set_password_alone(user):
    user.set_password("another-word-7")
    user.save(update_fields=["password"])


def by_the_admins_form(user):
    fields = {"password1": "another-word-7", "password2": "another-word-7", "usable_password": "true"}
    form = AdminPasswordChangeForm(user, fields)
    assert form.is_valid(), form.errors
    form.save()


def by_the_admins_form_without_a_password(user):
    form = AdminPasswordChangeForm(user, {"usable_password": "false"})
    assert form.is_valid(), form.errors
    form.save()


def by_the_persons_form(user):
    form = SetPasswordForm(user, {"new_password1": "another-word-7", "new_password2": "another-word-7"})
    assert form.is_valid(), form.errors
    form.save()


def take_the_password_away(user):
    user.set_unusable_password()
    user.save()


def bring_a_hash_from_elsewhere(user):
    user.password = make_password("another-word-7")
    user.save()


@pytest.mark.parametrize(
    "change",
    [
        set_password,
        set_password_alone,
        by_the_admins_form,
        by_the_admins_form_without_a_password,
        by_the_persons_form,
        take_the_password_away,
        bring_a_hash_from_elsewhere,
    ],
)
def test_another_password_ends_every_sign_in(call, world, change):
    """U2: whatever way it changed; other people stay signed in."""
    call.key(world.student)
    call.key(world.teacher)
    change(User.objects.get(pk=world.student.pk))
    assert error(call("GET", ME, as_=world.student)) == (401, "invalid-token")
    assert call("GET", ME, as_=world.teacher).status_code == 200


def test_a_change_of_the_name_ends_no_sign_in(call, world):
    """U2: only the password does."""
    call.key(world.student)
    user = User.objects.get(pk=world.student.pk)
    user.first_name = "Ana"
    user.save()
    user.save(update_fields=["first_name"])
    assert call("GET", ME, as_=world.student).json()["first_name"] == "Ana"


def test_a_stronger_hash_of_the_same_password_ends_no_sign_in(call, world, settings):
    """U2: Django renews an old hash at the next sign-in; the phone stays signed in while the laptop signs in."""
    call.key(world.student)
    old = world.student.password
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    body = {"email": "student@example.org", "password": "pass-word-9"}
    assert call("POST", "/v1/auth/login", body=body).status_code == 200
    renewed = User.objects.get(pk=world.student.pk)
    assert renewed.password.startswith("pbkdf2_")
    assert renewed.password != old
    assert renewed.check_password("pass-word-9")
    assert not renewed.check_password("pass-word-8")
    assert call("GET", ME, as_=world.student).status_code == 200


def test_passwords_are_kept_with_argon2():
    """U2: the hasher of production, and one of Django's own to read older ones."""
    from breathecode.settings import base

    assert base.PASSWORD_HASHERS[0] == "django.contrib.auth.hashers.Argon2PasswordHasher"


def test_createsuperuser_takes_the_two_variables(db, call, monkeypatch, capsys):
    """R5: an e-mail address and a password in the environment are enough, and that person may do all."""
    monkeypatch.setenv("DJANGO_SUPERUSER_EMAIL", "Root@Example.org")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "long-root-word-1")
    call_command("createsuperuser", "--noinput")
    body = {"email": "root@example.org", "password": "long-root-word-1"}
    assert call("POST", "/v1/auth/login", body=body).status_code == 200
    root = User.objects.get(email="root@example.org")
    assert (root.is_staff, root.is_superuser) == (True, True)
    assert Client().login(username="root@example.org", password="long-root-word-1")
    with pytest.raises(CommandError, match="already taken"):
        call_command("createsuperuser", "--noinput")


def test_addresses_are_unique_in_any_case(db):
    """R5: people are known by e-mail."""
    User.objects.create_user("ana@example.org")
    assert User.objects.get_by_natural_key(" ANA@example.org").email == "ana@example.org"
    with pytest.raises(ValueError, match="required"):
        User.objects.create_user("")
