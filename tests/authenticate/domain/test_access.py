"""What ends the access that somebody had: a new address, a locked account (rule U5)."""

import datetime

import pytest
from django.db import connection
from django.test import Client

from breathecode.authenticate.domain.tokens import delete_expired_tokens, issue_token, renew_calendar_token, sign_in
from breathecode.authenticate.models import Token, User
from breathecode.notify.domain.outbox import queue_mail
from breathecode.notify.models import OutgoingMail
from tests.support.admin import page, post
from tests.support.client import error

ME = "/v1/auth/user/me"
FEED = "/v1/events/ical/me?token="
DAY = datetime.timedelta(days=1)
PASSWORDS = {"new_password1": "blue-Cactus-41", "new_password2": "blue-Cactus-41"}


@pytest.fixture
def access(call, world):
    """All that opens something for the student, as functions that say whether it still does."""
    student = User.objects.get(pk=world.student.pk)
    key, _token = sign_in(user=student)
    calendar = renew_calendar_token(user=student)
    links = {
        path: issue_token(user=student, purpose=purpose, lifetime=DAY)[0]
        for path, purpose in (("invite", Token.Purpose.INVITATION), ("password/reset", Token.Purpose.PASSWORD_RESET))
    }
    browser = Client()
    browser.force_login(student)

    def access():
        return {
            "token": call("GET", ME, headers={"Authorization": f"Token {key}"}).status_code == 200,
            "calendar": Client().get(FEED + calendar).status_code == 200,
            "session": signed_in(browser),
            **{path: Client().get(f"/{path}/{key}").status_code == 302 for path, key in links.items()},
        }

    assert set(access().values()) == {True}
    return access


def signed_in(browser):
    """Whether a page below the admin sees a person: staff pages send strangers to the sign-in page."""
    return "_auth_user_id" in browser.session and browser.get("/admin/").wsgi_request.user.is_authenticated


def by_the_api_of_django(user, **fields):
    for name, value in fields.items():
        setattr(user, name, value)
    user.save()


def by_named_fields(user, **fields):
    for name, value in fields.items():
        setattr(user, name, value)
    user.save(update_fields=list(fields))


def by_update(user, **fields):
    User.objects.filter(pk=user.pk).update(**fields)


def by_bulk_update(user, **fields):
    for name, value in fields.items():
        setattr(user, name, value)
    User.objects.bulk_update([user], list(fields))


def by_sql(user, **fields):
    with connection.cursor() as cursor:
        for name, value in fields.items():
            cursor.execute(f"UPDATE authenticate_user SET {name} = %s WHERE id = %s", [value, user.pk])


def by_the_admin(user, **fields):
    root = Client()
    root.force_login(User.objects.get(email="superuser@example.org"))
    fields = {name: value or None for name, value in fields.items()}  # a box that is not ticked is not sent
    assert post(root, page(User, "change", user.pk), **fields).status_code == 302


WAYS = pytest.mark.parametrize(
    "change", [by_the_api_of_django, by_named_fields, by_update, by_bulk_update, by_sql, by_the_admin]
)


@WAYS
def test_a_new_address_ends_what_the_old_one_received(world, access, change):
    """U5: links, tokens, the calendar token and sessions, whichever way the address was changed."""
    change(User.objects.get(pk=world.student.pk), email="corrected@example.org")
    assert not any(access().values()), access()


@WAYS
def test_the_old_address_given_back_brings_nothing_back(world, access, change):
    """U5: a change that is undone has ended what it ended."""
    for email in ("corrected@example.org", "student@example.org"):
        change(User.objects.get(pk=world.student.pk), email=email)
    assert not any(access().values()), access()


@WAYS
def test_unlocking_brings_nothing_back(world, access, change):
    """U5: what a locked account had stays ended, whichever way it was locked; the password still signs in."""
    change(User.objects.get(pk=world.student.pk), is_active=False)
    assert not any(access().values()), access()
    change(User.objects.get(pk=world.student.pk), is_active=True)
    assert not any(access().values()), access()
    assert Client().login(username="student@example.org", password="pass-word-9")


def test_a_user_loaded_before_the_lock_brings_nothing_back(world, access):
    """U5: a plain save() of an instance from before does not undo the lock's effect."""
    old = User.objects.get(pk=world.student.pk)
    User.objects.filter(pk=old.pk).update(is_active=False)
    old.first_name = "Ana"
    old.save()
    assert not any(access().values()), access()


@pytest.mark.parametrize("fields", [{"first_name": "Ana"}, {"email": "student@example.org"}, {"is_active": True}])
@WAYS
def test_what_changes_neither_ends_nothing(world, access, change, fields):
    """U5: another name, the same address, an account that was open: everything goes on."""
    change(User.objects.get(pk=world.student.pk), **fields)
    assert all(access().values()), access()


def test_locking_twice_and_signing_in_after(call, world):
    """U5: a token that was issued after unlocking is good."""
    for _ in range(2):
        by_the_api_of_django(User.objects.get(pk=world.student.pk), is_active=False)
    by_the_api_of_django(User.objects.get(pk=world.student.pk), is_active=True)
    body = {"email": "student@example.org", "password": "pass-word-9"}
    token = call("POST", "/v1/auth/login", body=body).json()["token"]
    assert call("GET", ME, headers={"Authorization": f"Token {token}"}).status_code == 200


def test_a_token_of_somebody_changed_meanwhile_is_worth_nothing(call, world):
    """U2, U5: the password is changed between the check of the old one and the issue of the token."""
    authenticated = User.objects.get(pk=world.student.pk)
    current = User.objects.get(pk=world.student.pk)
    current.set_password("blue-Cactus-41")
    current.save()
    key, _token = sign_in(user=authenticated)
    assert error(call("GET", ME, headers={"Authorization": f"Token {key}"})) == (401, "invalid-token")


def test_worthless_tokens_are_deleted_with_the_expired_ones(world):
    """U5: they do not pile up, and good ones stay."""
    sign_in(user=world.student)
    sign_in(user=world.teacher)
    by_update(world.student, email="corrected@example.org")
    assert delete_expired_tokens() == 1
    assert Token.objects.get().user == world.teacher


@WAYS
def test_mails_to_the_old_address_are_not_sent(world, change):
    """U5: what waits in the outbox is withdrawn, its body with it; other people's mail waits on."""
    for user in (world.student, world.teacher):
        queue_mail(purpose=f"x:{user.pk}", to=user.email, template="test", language="en", context={})
    change(User.objects.get(pk=world.student.pk), email="corrected@example.org")
    withdrawn = OutgoingMail.objects.get(to="student@example.org")
    assert (withdrawn.state, withdrawn.text, withdrawn.html, withdrawn.attachments) == ("FAILED", "", "", [])
    assert withdrawn.last_error == "The recipient's e-mail address has changed."
    assert OutgoingMail.objects.get(to="teacher@example.org").state == "QUEUED"
    # The purpose is free: the same mail may go to the right address.
    queue_mail(purpose=f"x:{world.student.pk}", to="corrected@example.org", template="test", language="en", context={})
    assert OutgoingMail.objects.filter(to="corrected@example.org", state="QUEUED").count() == 1


# --- The session of a link ------------------------------------------------------------------------


@pytest.fixture
def link(world):
    key, _token = issue_token(user=world.student, purpose=Token.Purpose.PASSWORD_RESET, lifetime=DAY)
    return f"/password/reset/{key}"


def somebody_elses(browser):
    """Another browser with the cookies that this one has at the moment."""
    other = Client()
    other.cookies.load({name: morsel.value for name, morsel in browser.cookies.items()})
    return other


def test_a_link_opens_in_a_session_of_its_own(world, link):
    """U5: whoever knows the session that the browser had before cannot choose the password."""
    browser = Client()
    session = browser.session
    session["planted"] = "x"
    session.save()
    browser.cookies["sessionid"] = str(session.session_key)
    knows = somebody_elses(browser)
    assert browser.get(link).status_code == 302
    assert browser.cookies["sessionid"].value != session.session_key
    assert "planted" not in browser.session
    assert knows.post("/password/choose", PASSWORDS).status_code == 404
    assert browser.post("/password/choose", PASSWORDS).status_code == 302
    assert User.objects.get(pk=world.student.pk).check_password("blue-Cactus-41")


def test_who_was_signed_in_on_the_browser_is_not_in_that_session(world, link):
    """U5: the session of the link belongs to nobody, and neither does the one after it."""
    browser = Client()
    browser.force_login(world.teacher)
    knows = somebody_elses(browser)
    browser.get(link)
    assert not signed_in(browser)
    assert not signed_in(knows)
    browser.post("/password/choose", PASSWORDS)
    assert not signed_in(browser)


def test_a_known_csrf_cookie_sends_no_form(link):
    """U5: opening a link gives a new CSRF token too."""
    browser = Client(enforce_csrf_checks=True)
    browser.get("/sign-in")
    planted = browser.cookies["csrftoken"].value
    browser.get(link)
    assert browser.cookies["csrftoken"].value != planted
    assert browser.post("/password/choose", {**PASSWORDS, "csrfmiddlewaretoken": planted}).status_code == 403


def test_a_link_that_is_not_valid_leaves_the_session(world):
    """U5: a mistyped link signs nobody out."""
    browser = Client()
    browser.force_login(world.teacher)
    assert browser.get("/password/reset/" + "0" * 40).status_code == 404
    assert signed_in(browser)
