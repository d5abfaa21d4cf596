"""Two callers at the same moment; on PostgreSQL this is where locks prove themselves (rules U2, U4)."""

import datetime

import pytest
from django.test import Client

from breathecode.authenticate.domain.limits import Limit
from breathecode.authenticate.domain.passwords import choose_password
from breathecode.authenticate.domain.tokens import issue_token, sign_in
from breathecode.authenticate.errors import LinkNotValid
from breathecode.authenticate.models import AcademyMember, LimitCount, Token, User
from tests.support.client import Call, error
from tests.support.threads import together
from tests.support.world import World

pytestmark = pytest.mark.django_db(transaction=True)

CHANGE = "/v1/auth/password/change"
ME = "/v1/auth/user/me"
NEW = ("blue-Cactus-41", "green-Cactus-42", "brown-Cactus-43")


@pytest.fixture
def world(transactional_db):
    return World.make()


def as_(key, method, path, body=None):
    return lambda: Call()(method, path, body=body, headers={"Authorization": f"Token {key}"})


def test_of_password_changes_at_once_one_wins(world):
    """U2: each names the old password, so the others are refused; the winner's token alone goes on."""
    keys = [sign_in(user=world.student)[0] for _ in NEW]
    bodies = [{"current_password": "pass-word-9", "new_password": new} for new in NEW]
    answers = together(*[as_(key, "POST", CHANGE, body) for key, body in zip(keys, bodies, strict=True)])
    assert sorted(answer.status_code for answer in answers) in ([204, 400, 400], [204, 400, 401], [204, 401, 401])
    winner = next(n for n, answer in enumerate(answers) if answer.status_code == 204)
    assert User.objects.get(pk=world.student.pk).check_password(NEW[winner])
    good = [Call()("GET", ME, headers={"Authorization": f"Token {key}"}).status_code == 200 for key in keys]
    assert good == [n == winner for n in range(len(NEW))]


def test_the_admins_form_and_the_api_at_once(world):
    """U2: the admin's own change of a password is refused where another came first, and the other way round."""
    key = sign_in(user=world.superuser)[0]
    browser = Client()
    browser.force_login(world.superuser)
    form = {"old_password": "pass-word-9", "new_password1": NEW[0], "new_password2": NEW[0]}
    api = {"current_password": "pass-word-9", "new_password": NEW[1]}
    answers = together(lambda: browser.post("/admin/password_change/", form), as_(key, "POST", CHANGE, api))
    # 302 without a change: the session had ended by then, and the browser is sent to the sign-in page.
    by_form = answers[0].status_code == 302 and answers[0]["Location"] == "/admin/password_change/done/"
    assert by_form != (answers[1].status_code == 204)
    assert User.objects.get(pk=world.superuser.pk).check_password(NEW[0] if by_form else NEW[1])


def choose(key, password):
    def choose():
        try:
            choose_password(key_hash=Token.digest(key), password=password, now=datetime.datetime.now(datetime.UTC))
        except LinkNotValid:
            return False
        return True

    return choose


@pytest.mark.parametrize("links", [1, 2], ids=["one link", "an invitation and a reset"])
def test_of_links_used_at_once_one_wins(world, links):
    """U4: one link opened twice, or two links of one person: one password holds, and the others are told."""
    purposes = [Token.Purpose.INVITATION, Token.Purpose.PASSWORD_RESET][:links]
    keys = [
        issue_token(user=world.student, purpose=purpose, lifetime=datetime.timedelta(days=1))[0] for purpose in purposes
    ]
    results = together(*[choose(keys[n % links], password) for n, password in enumerate(NEW)])
    assert sorted(results) == [False, False, True]
    assert User.objects.get(pk=world.student.pk).check_password(NEW[results.index(True)])
    assert not world.student.tokens.exists()


def test_a_token_that_signs_out_does_not_come_back(world):
    """U1, U2: signing out beside a change of the password ends the token, whichever comes first."""
    for old, new in zip(("pass-word-9", *NEW), NEW, strict=False):
        world.student.refresh_from_db()
        key = sign_in(user=world.student)[0]
        change = {"current_password": old, "new_password": new}
        out, changed = together(as_(key, "POST", "/v1/auth/logout"), as_(key, "POST", CHANGE, change))
        assert out.status_code in (204, 401)
        if out.status_code == 204:
            gone = Call()("GET", ME, headers={"Authorization": f"Token {key}"})
            assert error(gone) == (401, "invalid-token")
        if changed.status_code != 204:
            break


def test_a_member_is_removed_once(world):
    """U3: of two removals at once one is a 404, and one trace is left."""
    member = AcademyMember.objects.get(user=world.reader)
    key = sign_in(user=world.admin)[0]
    path = f"/v1/auth/academy/member/{member.pk}"
    headers = {"Authorization": f"Token {key}", "Academy": str(world.miami.pk)}
    answers = together(*[lambda: Call()("DELETE", path, headers=headers)] * 3)
    assert sorted(answer.status_code for answer in answers) == [204, 404, 404]


def test_two_at_once_count_two(world):
    """U2: no count is lost, and none is made twice, whoever makes the row."""
    limit = Limit("test", 3600)
    results = together(*[lambda: limit.count({"name": 5, "other": 100})] * 8)
    assert sorted(results) == [False] * 3 + [True] * 5
    assert sorted(LimitCount.objects.values_list("count", flat=True)) == [8, 8]


def test_password_resets_at_once_are_counted_one_by_one(world, settings):
    """U4: of eight requests at one moment, as many are let through as the limit says."""
    settings.PASSWORD_RESETS_PER_ACCOUNT = 3
    body = {"email": "nobody@example.org"}
    answers = together(*[lambda: Call()("POST", "/v1/auth/password/reset", body=body)] * 8)
    assert sorted(answer.status_code for answer in answers) == [204] * 3 + [429] * 5
