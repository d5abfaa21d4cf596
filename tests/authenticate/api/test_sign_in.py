"""Signing in and out, and who one is (rules U1, U2)."""

import datetime

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from breathecode.authenticate.domain import client_address, sign_in
from breathecode.authenticate.models import AcademyMember, LimitCount, User
from breathecode.authenticate.roles import CAPABILITIES, ROLES
from breathecode.authenticate.tasks import delete_past_limit_counts
from tests.support.client import error

LOGIN = "/v1/auth/login"
ME = "/v1/auth/user/me"
RIGHT = {"email": "student@example.org", "password": "pass-word-9"}
WRONG = {**RIGHT, "password": "not-the-password"}
UNKNOWN = {"email": "nobody@example.org", "password": "pass-word-9"}
NOON = datetime.datetime(2025, 3, 1, 12, tzinfo=datetime.UTC)


def test_sign_in_answers_a_token_that_opens(call, world):
    """U1: token, user_id, email and when it expires."""
    with time_machine.travel(NOON, tick=False):
        answer = call("POST", LOGIN, body=RIGHT)
        assert answer.status_code == 200
        body = answer.json()
        assert set(body) == {"token", "user_id", "email", "expires_at"}
        assert (body["user_id"], body["email"]) == (world.student.pk, "student@example.org")
        assert body["expires_at"] == "2025-03-15T12:00:00Z"
        me = call("GET", ME, headers={"Authorization": f"Token {body['token']}"})
    assert me.json()["id"] == world.student.pk


@pytest.mark.parametrize("email", ["STUDENT@Example.org", "  student@example.org "])
def test_an_address_is_known_in_any_case(call, world, email):
    """U1: as people type it."""
    assert call("POST", LOGIN, body={**RIGHT, "email": email}).status_code == 200


def test_whatever_is_wrong_the_words_are_the_same(call, world):
    """U1: wrong password, unknown address, no password yet and a closed account answer byte for byte alike."""
    User.objects.create_user("invited@example.org")
    User.objects.create_user("closed@example.org", "pass-word-9", is_active=False)
    answers = [
        call("POST", LOGIN, body=body)
        for body in (
            WRONG,
            UNKNOWN,
            {**RIGHT, "email": "invited@example.org"},
            {**RIGHT, "email": "closed@example.org"},
            {**RIGHT, "password": " pass-word-9"},
        )
    ]
    assert {error(answer) for answer in answers} == {(400, "invalid-credentials")}
    assert len({answer.content for answer in answers}) == 1


def test_an_unknown_address_costs_the_same_work(call, world, monkeypatch):
    """U1: a password is hashed once for each attempt, whether or not somebody is there to compare it with."""
    from django.contrib.auth.hashers import MD5PasswordHasher

    User.objects.create_user("invited@example.org")
    hashed = []
    encode = MD5PasswordHasher.encode

    def counted(self, password, *args):
        hashed.append(password)
        return encode(self, password, *args)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    counts = []
    for body in (WRONG, UNKNOWN, {**RIGHT, "email": "invited@example.org"}):
        call("POST", LOGIN, body=body)
        counts.append(len(hashed))
        hashed.clear()
    assert counts == [1, 1, 1]


@pytest.mark.parametrize("body", [{}, {"email": "a@b.org"}, {"password": "x"}, {"email": "", "password": ""}])
def test_a_missing_field_is_named(call, world, body):
    """U1, H3: validation-error by field."""
    response = call("POST", LOGIN, body=body)
    assert error(response) == (400, "validation-error")
    assert set(response.json()["errors"]) == {name for name in ("email", "password") if not body.get(name)}


def test_signing_out_ends_this_sign_in_and_no_other(call, world):
    """U1, U2: the key is worth nothing afterwards; the one of another device goes on."""
    first, second = (call("POST", LOGIN, body=RIGHT).json()["token"] for _ in range(2))
    response = call("POST", "/v1/auth/logout", headers={"Authorization": f"Token {first}"})
    assert (response.status_code, response.content) == (204, b"")
    assert error(call("GET", ME, headers={"Authorization": f"Token {first}"})) == (401, "invalid-token")
    assert call("GET", ME, headers={"Authorization": f"Token {second}"}).status_code == 200
    assert error(call("POST", "/v1/auth/logout")) == (401, "authentication-required")


def test_a_closed_account_is_out_at_once(call, world):
    """U2: tokens of somebody who has been deactivated open nothing."""
    assert call("GET", ME, as_=world.student).status_code == 200
    User.objects.filter(pk=world.student.pk).update(is_active=False)
    assert error(call("GET", ME, as_=world.student)) == (401, "invalid-token")


def test_me(call, world):
    """U1: the person, academies with role and capabilities, cohorts with roles."""
    world.cohort.members.create(user=world.coordinator, role="TEACHER")
    world.cohort.members.create(user=world.coordinator, role="STUDENT", educational_status="GRADUATED")
    me = call("GET", ME, as_=world.coordinator).json()
    assert list(me) == [
        "id",
        "email",
        "first_name",
        "last_name",
        "is_superuser",
        "timezone",
        "language",
        "academies",
        "cohorts",
    ]
    assert (me["id"], me["email"], me["is_superuser"]) == (world.coordinator.pk, "coordinator@example.org", False)
    assert me["academies"] == [
        {
            "id": world.miami.pk,
            "slug": "downtown-miami",
            "name": "Downtown Miami",
            "timezone": "America/New_York",
            "role": "academy_coordinator",
            "capabilities": sorted(ROLES["academy_coordinator"]),
        }
    ]
    (cohort,) = me["cohorts"]
    assert (cohort["slug"], cohort["roles"], cohort["educational_status"]) == (
        "web-dev",
        ["TEACHER", "STUDENT"],
        "GRADUATED",
    )


def test_me_of_a_student_and_of_a_superuser(call, world):
    """U1, R5: a student has no academies here; a superuser has all capabilities where they are a member."""
    assert call("GET", ME, as_=world.student).json()["academies"] == []
    AcademyMember.objects.create(user=world.superuser, academy=world.madrid, role="staff")
    (academy,) = call("GET", ME, as_=world.superuser).json()["academies"]
    assert academy["capabilities"] == sorted(CAPABILITIES)


# --- Limits ---------------------------------------------------------------------------------------


@pytest.fixture
def few(settings):
    settings.LOGIN_FAILURES_PER_ACCOUNT, settings.LOGIN_FAILURES_PER_ADDRESS = 3, 5
    with time_machine.travel(NOON, tick=False) as clock:  # the window began at this second
        yield clock


def attempt(call, body, **meta):
    return call("POST", LOGIN, body=body, **meta)


def test_too_many_wrong_passwords_for_one_account(call, world, few):
    """U2: 429 with Retry-After, for the right password and in any case of the address; over when it says so."""
    for email in ("student@example.org", "Student@example.org", "STUDENT@EXAMPLE.ORG"):
        assert error(attempt(call, {**WRONG, "email": email})) == (400, "invalid-credentials")
    few.shift(100)
    response = attempt(call, RIGHT)
    assert error(response) == (429, "too-many-sign-ins")
    assert response["Retry-After"] == "200"
    assert attempt(call, {**RIGHT, "email": "teacher@example.org"}).status_code == 200
    few.shift(200)
    assert attempt(call, RIGHT).status_code == 200


def test_too_many_wrong_passwords_from_one_address(call, world, few):
    """U2: whatever accounts they were tried on; another address goes on."""
    for number in range(5):
        attempt(call, {**WRONG, "email": f"{number}@example.org"}, REMOTE_ADDR="192.0.2.1")
    assert error(attempt(call, RIGHT, REMOTE_ADDR="192.0.2.1")) == (429, "too-many-sign-ins")
    assert attempt(call, RIGHT, REMOTE_ADDR="192.0.2.2").status_code == 200


def test_many_wrong_passwords_at_once_are_not_more_than_one_after_another(call, world, few, monkeypatch):
    """U2: each counts before its password is checked, so ten that arrive while the first is checked get three tries."""
    answers: list[int] = []
    checked: list[int] = []

    def check_while_others_arrive(*args, **kwargs):
        checked.append(1)
        if len(answers) + len(checked) < 10:
            answers.append(error(attempt(call, WRONG))[0])

    monkeypatch.setattr(sign_in, "authenticate", check_while_others_arrive)
    answers.append(error(attempt(call, WRONG))[0])
    assert len(checked) == 3
    assert sorted(answers) == [400, 400, 400, 429]


def test_right_passwords_are_not_counted(call, world, few):
    """U2: a busy class behind one address locks nobody out."""
    assert [attempt(call, RIGHT).status_code for _ in range(8)] == [200] * 8
    assert error(attempt(call, WRONG)) == (400, "invalid-credentials")


def test_the_header_that_anybody_can_send_is_not_believed(call, world, few):
    """U2: without proxies of ours, X-Forwarded-For names nobody."""
    for number in range(5):
        body = {**WRONG, "email": f"{number}@example.org"}
        attempt(call, body, REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": f"198.51.100.{number}"})
    response = attempt(call, RIGHT, REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": "198.51.100.99"})
    assert error(response) == (429, "too-many-sign-ins")


def test_behind_a_proxy_of_ours_its_word_counts(call, world, few, settings):
    """U2: the address that our own proxy saw, and not what the caller put in front of it."""
    settings.TRUSTED_PROXY_COUNT = 1
    for number in range(5):
        body = {**WRONG, "email": f"{number}@example.org"}
        attempt(call, body, headers={"X-Forwarded-For": f"203.0.113.{number}, 198.51.100.7"})
    seen = {"X-Forwarded-For": "203.0.113.77, 198.51.100.7"}
    assert error(attempt(call, RIGHT, headers=seen)) == (429, "too-many-sign-ins")
    assert attempt(call, RIGHT, headers={"X-Forwarded-For": "198.51.100.8"}).status_code == 200
    assert attempt(call, RIGHT, REMOTE_ADDR="192.0.2.5").status_code == 200


def test_a_full_cache_forgets_no_wrong_password(call, world, few):
    """U2: as many lists as a cache holds, and even an emptied one, leave the counts where they are."""
    for _ in range(3):
        attempt(call, WRONG)
    for number in range(400):
        cache.set(f"list-{number}", "x" * 1000)
    cache.clear()
    assert error(attempt(call, RIGHT)) == (429, "too-many-sign-ins")


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1", ""])
def test_loopback_is_nobodys_address(call, world, few, address):
    """U2: behind a proxy on this machine everybody has it; accounts are counted all the same."""
    for number in range(6):
        attempt(call, {**WRONG, "email": f"{number}@example.org"}, REMOTE_ADDR=address)
    assert attempt(call, RIGHT, REMOTE_ADDR=address).status_code == 200
    for _ in range(3):
        attempt(call, WRONG, REMOTE_ADDR=address)
    assert error(attempt(call, RIGHT, REMOTE_ADDR=address)) == (429, "too-many-sign-ins")


@pytest.mark.parametrize("peer", ["127.0.0.1", "10.0.0.7", "172.18.0.1", "fd00::1"])
def test_a_proxy_that_the_settings_do_not_know(call, world, few, caplog, peer):
    """U2: it locks nobody out, and the log says once what to set."""
    client_address._warn_once.cache_clear()
    for number in range(6):
        body = {**WRONG, "email": f"{number}@example.org"}
        attempt(call, body, REMOTE_ADDR=peer, headers={"X-Forwarded-For": "198.51.100.7"})
    seen = {"X-Forwarded-For": "198.51.100.7"}
    assert attempt(call, RIGHT, REMOTE_ADDR=peer, headers=seen).status_code == 200
    assert caplog.text.count("TRUSTED_PROXY_COUNT is not set") == 1


def test_a_private_address_without_a_proxy_is_counted(call, world, few):
    """U2: in a house of its own, addresses tell people apart."""
    for number in range(5):
        attempt(call, {**WRONG, "email": f"{number}@example.org"}, REMOTE_ADDR="10.0.0.7")
    assert error(attempt(call, RIGHT, REMOTE_ADDR="10.0.0.7")) == (429, "too-many-sign-ins")
    assert attempt(call, RIGHT, REMOTE_ADDR="10.0.0.8").status_code == 200


def test_past_counts_are_deleted(call, world, few):
    """U2: by an hourly task, and no count of a window that goes on."""
    attempt(call, WRONG, REMOTE_ADDR="192.0.2.1")
    few.shift(299)
    assert delete_past_limit_counts() == 0
    few.shift(100)
    attempt(call, WRONG)
    few.shift(250)
    assert delete_past_limit_counts() == 2
    assert LimitCount.objects.count() == 1


@pytest.mark.parametrize(
    ("path", "name"), [("/admin/login/", "username"), ("/sign-in", "email")], ids=["admin", "page"]
)
def test_no_other_door_is_a_way_round_the_limits(client, call, world, few, path, name):
    """U2: the Django admin and the sign-in page count with the API, and are closed with it."""
    for number in range(3):
        assert "sessionid" not in client.post(path, {name: "superuser@example.org", "password": f"x{number}"}).cookies
    right = {"email": "superuser@example.org", "password": "pass-word-9"}
    assert error(attempt(call, right)) == (429, "too-many-sign-ins")
    response = client.post(path, {name: "superuser@example.org", "password": "pass-word-9"})
    assert "sessionid" not in response.cookies
    assert "Too many incorrect passwords" in response.content.decode()
    few.shift(300)
    assert "sessionid" in client.post(path, {name: "superuser@example.org", "password": "pass-word-9"}).cookies


def test_the_admin_counts_wrong_passwords_alone(client, call, world, few):
    """U2: a right one of somebody who may not open the admin is no attempt at breaking in."""
    for _ in range(4):
        client.post("/admin/login/", {"username": "student@example.org", "password": "pass-word-9"})
    assert attempt(call, RIGHT).status_code == 200
    assert timezone.now() == NOON
