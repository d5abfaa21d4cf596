"""The pages behind mailed links, as a browser opens them."""

import datetime
import re

import pytest
import time_machine
from django.core import mail
from django.test import Client

from breathecode.authenticate.domain.tokens import issue_token
from breathecode.authenticate.models import Token, User

PASSWORDS = {"new_password1": "blue-Cactus-41", "new_password2": "blue-Cactus-41"}


@pytest.fixture
def browser(db):
    """A browser that keeps cookies, and that the CSRF check is on for."""
    return Client(enforce_csrf_checks=True, raise_request_exception=True)


def mailed_path():
    """The path of the link in the last mail."""
    found = re.search(r"http://testserver(/\S+)", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


def invite(call, world, email="new@example.org", **fields):
    body = {"email": email, **fields}
    response = call("POST", "/v1/auth/academy/student", as_=world.coordinator, academy=world.miami, body=body)
    assert response.status_code == 201
    return mailed_path()


def submit(browser, url, fields):
    """Sends the form of the page at `url`, with its CSRF token."""
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get(url).content.decode())
    assert token is not None
    return browser.post(url, {**fields, "csrfmiddlewaretoken": token[1]})


def sign_in_status(call, email, password="blue-Cactus-41"):
    return call("POST", "/v1/auth/login", body={"email": email, "password": password}).status_code


def slug_of(response):
    found = re.search(r'data-slug="([\w-]+)"', response.content.decode())
    return found and found[1]


def test_from_invitation_to_sign_in(call, world, browser):
    """U4: invite, mail, link, form, password, sign-in; the place in the cohort counts from the start."""
    path = invite(call, world, cohort="web-dev")
    assert world.cohort.members.filter(user__email="new@example.org", role="STUDENT").count() == 1
    assert sign_in_status(call, "new@example.org") == 400
    opened = browser.get(path)
    assert (opened.status_code, opened["Location"]) == (302, "/password/choose")
    saved = submit(browser, "/password/choose", PASSWORDS)
    assert (saved.status_code, saved["Location"]) == (302, "/password/chosen")
    assert browser.get("/password/chosen").status_code == 200
    assert sign_in_status(call, "new@example.org") == 200


def test_from_forgotten_to_sign_in(call, world, browser, django_capture_on_commit_callbacks):
    """U4: the page asks for the address and says the same for every one; the mailed link does the rest."""
    pages = {}
    with django_capture_on_commit_callbacks(execute=True):
        for email in ("student@example.org", "nobody@example.org"):
            pages[email] = submit(browser, "/password/reset", {"email": email}).content.decode().replace(email, "…")
    assert pages["student@example.org"] == pages["nobody@example.org"]
    assert len(mail.outbox) == 1
    key = call.key(world.student)
    browser.get(mailed_path())
    assert submit(browser, "/password/choose", PASSWORDS).status_code == 302
    assert sign_in_status(call, "student@example.org") == 200
    # U2: whoever was signed in with the old password is not any more.
    assert call("GET", "/v1/auth/user/me", headers={"Authorization": f"Token {key}"}).status_code == 401


def test_a_link_works_once(call, world, browser):
    """U4: used, it is gone, also in another browser that had opened it before."""
    path = invite(call, world)
    other = Client()
    other.get(path)
    browser.get(path)
    submit(browser, "/password/choose", PASSWORDS)
    for response in (Client().get(path), other.get("/password/choose"), other.post("/password/choose", PASSWORDS)):
        assert (response.status_code, slug_of(response)) == (404, "link-not-valid")


def test_opening_a_link_uses_nothing_up(call, world, browser):
    """U4: mail scanners and previews open links too."""
    path = invite(call, world)
    for _ in range(3):
        assert Client().get(path).status_code == 302
        assert Client().head(path).status_code in (302, 405)
    browser.get(path)
    assert submit(browser, "/password/choose", PASSWORDS).status_code == 302


@pytest.mark.parametrize(("purpose", "hours"), [("INVITATION", 24 * 7), ("PASSWORD_RESET", 2)])
def test_links_expire(world, browser, purpose, hours, call, django_capture_on_commit_callbacks):
    """U4: an invitation after a week, a reset after two hours; the page says so and leads to a new one."""
    issued = datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC)
    with time_machine.travel(issued, tick=False) as clock:
        if purpose == "INVITATION":
            path = invite(call, world)
        else:
            call("POST", "/v1/auth/password/reset", body={"email": "student@example.org"})
            path = mailed_path()
        clock.move_to(issued + datetime.timedelta(hours=hours, seconds=-1))
        assert browser.get(path).status_code == 302
        clock.shift(1)
        for url in (path, "/password/choose"):
            response = browser.get(url)
            assert (response.status_code, slug_of(response)) == (410, "link-expired")
            assert b'href="/password/reset"' in response.content


@pytest.mark.parametrize("purpose", ["SIGN_IN", "CALENDAR"])
def test_other_keys_open_no_form(world, browser, purpose):
    """U4: a sign-in or calendar token sets no password, and neither does an unknown key."""
    key, _token = issue_token(user=world.student, purpose=purpose, lifetime=datetime.timedelta(days=1))
    for path in (f"/invite/{key}", "/invite/" + "0" * 40, "/password/reset/x\x00y", "/invite/a/b", "/password/choose"):
        response = browser.get(path)
        assert (response.status_code, slug_of(response)) == (404, "link-not-valid")


def test_a_person_locked_out_stays_out(world, browser):
    """U4: a link mailed before does not open for somebody whose account was closed since."""
    lifetime = datetime.timedelta(days=1)
    key, _token = issue_token(user=world.student, purpose=Token.Purpose.PASSWORD_RESET, lifetime=lifetime)
    User.objects.filter(pk=world.student.pk).update(is_active=False)
    assert browser.get(f"/password/reset/{key}").status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"new_password1": "short-1", "new_password2": "short-1"},
        {"new_password1": "password1234", "new_password2": "password1234"},
        {"new_password1": "blue-Cactus-41", "new_password2": "blue-Cactus-42"},
        {"new_password1": "new@example.org", "new_password2": "new@example.org"},
        {},
    ],
)
def test_a_refused_password_leaves_the_link(call, world, browser, fields):
    """U4: the form says why, with a 400 and the password fields empty, and can be sent again."""
    browser.get(invite(call, world))
    refused = submit(browser, "/password/choose", fields)
    assert refused.status_code == 400
    assert b'role="alert"' in refused.content
    for value in fields.values():
        assert f'value="{value}"'.encode() not in refused.content.replace(b'readonly value="new@example.org"', b"")
    assert submit(browser, "/password/choose", PASSWORDS).status_code == 302


def test_the_form_is_protected(call, world, browser):
    """U4: no CSRF token, no password."""
    browser.get(invite(call, world))
    assert browser.post("/password/choose", PASSWORDS).status_code == 403
    assert not User.objects.get(email="new@example.org").has_usable_password()


def test_the_key_stays_in_the_mail(call, world, browser, caplog):
    """U4, O4: it is on no page, in no resource's referrer, in no cache and in no log line."""
    caplog.set_level("DEBUG")
    path = invite(call, world)
    key = path.rsplit("/", 1)[1]
    opened = browser.get(path)
    assert opened["Referrer-Policy"] == "no-referrer"
    assert "no-store" in opened["Cache-Control"]
    form = browser.get("/password/choose")
    assert "no-store" in form["Cache-Control"]
    assert key not in form.content.decode() + opened.content.decode() + opened["Location"]
    assert Client().get(path + "/glued-on").status_code == 404
    submit(browser, "/password/choose", PASSWORDS)
    browser.get(path)
    logged = [str(record.__dict__) for record in caplog.records]
    assert any("/invite/…" in line for line in logged)
    assert not any(key in line for line in logged)


@pytest.mark.parametrize(
    ("language", "accepted", "expected"), [("", "es-CL,es;q=0.9", "es"), ("", "fr", "en"), ("es", "en", "es")]
)
def test_the_form_speaks_the_persons_language(call, world, browser, language, accepted, expected):
    """U4: their own where they have chosen one, else the browser's, else English."""
    path = invite(call, world)
    User.objects.filter(email="new@example.org").update(language=language)
    browser.get(path)
    page = browser.get("/password/choose", headers={"Accept-Language": accepted}).content.decode()
    title = {"en": "Choose a password", "es": "Elige una contraseña"}[expected]
    assert f"<h1>{title}</h1>" in page
    assert f'<html lang="{expected}">' in page


@pytest.mark.parametrize("email", ["", "nobody", "a" * 300 + "@example.org", "a\x00@example.org"])
def test_the_forgotten_page_wants_an_address(browser, email):
    """U4: what is no address is said to be none; nothing is sent."""
    assert submit(browser, "/password/reset", {"email": email}).status_code == 400
    assert mail.outbox == []


def test_the_forgotten_page_is_throttled(browser, settings):
    """U4: with the API's count, and Retry-After."""
    settings.PASSWORD_RESETS_PER_ACCOUNT = 1
    fields = {"email": "nobody@example.org"}
    assert submit(browser, "/password/reset", fields).status_code == 200
    refused = submit(browser, "/password/reset", fields)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0


def test_a_page_that_fails_is_logged_without_the_key(world, caplog, monkeypatch):
    """O4: an unexpected error on a page leaves its traceback in the log, and no key."""
    from breathecode.pages.views import passwords

    def fail(**kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr(passwords, "find_link", fail)
    response = Client(raise_request_exception=False).get("/invite/one-time-key")
    assert response.status_code == 500
    (record,) = [record for record in caplog.records if record.levelname == "ERROR" and record.name != "django.request"]
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError
    assert record.__dict__["path"] == "/invite/…"
