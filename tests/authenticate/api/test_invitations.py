"""Members by invitation."""

import datetime
from typing import Any

import pytest
import time_machine
from django.core import mail

from breathecode.authenticate.models import User
from breathecode.notify.models import OutgoingMail
from tests.support.client import error

MEMBERS = "/v1/auth/academy/member"
STUDENTS = "/v1/auth/academy/student"


def add(call, world, **body):
    return call("POST", MEMBERS, as_=world.admin, academy=world.miami, body={"role": "teacher", **body})


def test_a_new_member_is_invited(call, world):
    """U4: in the academy's name, with its address for answers; the person exists and cannot sign in yet."""
    world.miami.feedback_email = "office@miami.example"
    world.miami.save()
    response = add(call, world, email="New@Example.org", first_name="Ana")
    person = User.objects.get(email="new@example.org")
    assert response.status_code == 201
    assert response.json() == {
        "id": person.memberships.get().pk,
        "user_id": person.pk,
        "email": "new@example.org",
        "first_name": "Ana",
        "last_name": "",
        "role": "teacher",
    }
    (message,) = mail.outbox
    assert message.from_email == "Downtown Miami <no-reply@testserver>"
    assert (message.to, message.reply_to) == (["new@example.org"], ["office@miami.example"])
    assert message.subject == "Downtown Miami invites you to Live Classes"
    assert message.body.startswith("Hello Ana,")
    assert OutgoingMail.objects.get().user_id == person.pk
    assert not person.has_usable_password()
    body = {"email": "new@example.org", "password": ""}
    assert call("POST", "/v1/auth/login", body=body).status_code == 400


def test_who_has_a_password_is_not_invited(call, world):
    """U4: neither is somebody locked out."""
    User.objects.create_user("locked@example.org", is_active=False)
    assert add(call, world, email="student@example.org").status_code == 201
    assert add(call, world, email="locked@example.org").status_code == 201
    assert mail.outbox == []


def test_a_member_is_added_and_invited_or_neither(call, world):
    """U4: the second POST answers the member as they are, and sends nothing so soon; another role is a 409."""
    first = add(call, world, email="new@example.org").json()
    second = add(call, world, email="NEW@example.org", first_name="Eva")
    assert (second.status_code, second.json()["id"], second.json()["first_name"]) == (200, first["id"], "")
    assert error(add(call, world, email="new@example.org", role="admin")) == (409, "member-already-exists")
    assert len(mail.outbox) == 1


def test_posting_again_mails_again_after_ten_minutes(call, world):
    """U4: at most once in 10 minutes, for members and for students, each by a link of its own."""
    begin = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)
    for path, body in ((MEMBERS, {"email": "m@example.org", "role": "staff"}), (STUDENTS, {"email": "s@example.org"})):
        mail.outbox.clear()
        for minutes, mails in ((0, 1), (9, 1), (10, 2), (15, 2), (20.1, 3)):
            with time_machine.travel(begin + datetime.timedelta(minutes=minutes), tick=False):
                assert call("POST", path, as_=world.superuser, academy=world.miami, body=body).status_code < 300
            assert len(mail.outbox) == mails, (path, minutes)
        assert len({message.body for message in mail.outbox}) == 3


def test_two_academies_do_not_wait_for_each_other(call, world):
    """U4: the limit is per person and academy."""
    for academy in (world.miami, world.madrid):
        body = {"email": "new@example.org", "role": "staff"}
        assert call("POST", MEMBERS, as_=world.superuser, academy=academy, body=body).status_code == 201
    assert len(mail.outbox) == 2


def test_names_cannot_break_out_of_the_mail(call, world):
    """U4: markup and line breaks in names are text, in the body and in the headers."""
    world.miami.name = 'Tom & "Jerry" <b>\r\nBcc: all@example.org'
    world.miami.save()
    assert add(call, world, email="new@example.org", first_name="<script>alert(1)</script>").status_code == 201
    message: Any = mail.outbox[0]
    html = message.alternatives[0][0]
    assert "<script>" not in html
    assert "Tom &amp; &quot;Jerry&quot; &lt;b&gt;" in html
    assert "Hello <script>alert(1)</script>," in message.body
    assert "\n" not in message.subject + message.from_email
    assert message.message()["Bcc"] is None


@pytest.mark.parametrize("email", ["a" * 250 + "@example.org", "x@y", "a\x00b@example.org"])
def test_an_address_is_an_address(call, world, email):
    """U3: an address that no database column takes is a field error, not a crash."""
    assert error(add(call, world, email=email)) == (400, "validation-error")
    assert mail.outbox == []
