"""Requests that are not visits: HEAD, and what a browser loads ahead of a click."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from breathecode.authenticate.domain.tokens import issue_token, sign_in
from breathecode.authenticate.models import Token
from breathecode.events.models import ClassJoin
from breathecode.reminders.domain.mails import LINK
from breathecode.reminders.models import ReminderPreference

pytestmark = pytest.mark.usefixtures("clock")
HTML = {"Accept": "text/html"}
LOOK_AHEADS = [
    {"Sec-Purpose": "prefetch"},
    {"Sec-Purpose": "prefetch;prerender"},
    {"Sec-Purpose": "prefetch;anonymous-client-ip"},
    {"Purpose": "prefetch"},
    {"X-Moz": "prefetch"},
    {"Sec-Purpose": "PREFETCH"},
]


def link(live_class, kind="me"):
    return f"/v1/events/{kind}/event/liveclass/join/{live_class.hash}"


@pytest.mark.parametrize("headers", LOOK_AHEADS, ids=str)
@pytest.mark.parametrize("kind", ["me", "academy"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_no_look_ahead_joins_or_starts(world, make_class, headers, kind, method):
    """J9: on both join routes, by session and by token; the answer is one that no browser keeps for the click."""
    live_class = make_class(start=0)
    client = Client(headers=HTML)
    for path in (link(live_class, kind), f"{link(live_class, kind)}?token={sign_in(user=world.teacher)[0]}"):
        response = getattr(client, method)(path, headers=headers)
        assert (response.status_code, response["Cache-Control"]) == (503, "no-store")
        assert "Location" not in response
        client.force_login(world.teacher)
    live_class.refresh_from_db()
    assert live_class.started_at is None
    assert not ClassJoin.objects.exists()
    assert client.get(link(live_class)).status_code == 302
    assert ClassJoin.objects.count() == 1


@pytest.mark.parametrize("headers", [{}, *LOOK_AHEADS[:2]], ids=str)
def test_a_head_or_a_look_ahead_opens_no_password_link(world, headers):
    """J9: the session remembers a link that somebody opened, and no other."""
    key, _token = issue_token(user=world.student, purpose=Token.Purpose.INVITATION, lifetime=timedelta(days=1))
    client = Client(headers=HTML)
    client.head(f"/invite/{key}", headers=headers)
    if headers:
        assert client.get(f"/invite/{key}", headers=headers).status_code == 503
    assert not Session.objects.exists()
    assert client.get(f"/invite/{key}").status_code == 302
    assert client.get("/password/choose").status_code == 200


@pytest.mark.parametrize("headers", LOOK_AHEADS[:2], ids=str)
def test_what_writes_refuses_a_look_ahead(call, world, make_class, headers):
    """J9: also the API's writes; its reads, which change nothing, serve a page that is made ready in the background."""
    live_class = make_class(start=0)
    path = f"/v1/events/academy/event/liveclass/{live_class.pk}"
    who = {"as_": world.admin, "academy": world.miami, "headers": headers}
    response = call("PUT", path, **who, body={"started_at": "2025-03-05T18:30:00Z"})
    assert (response.status_code, response.json()["slug"]) == (503, "look-ahead-refused")
    live_class.refresh_from_db()
    assert live_class.started_at is None
    assert call("GET", path, **who).status_code == 200


def test_no_look_ahead_unsubscribes_or_signs_out(world):
    """J9: not even by POST."""
    client = Client(headers={**HTML, "Sec-Purpose": "prefetch"})
    client.force_login(world.student)
    assert client.post(LINK.url(world.student).removeprefix("http://testserver")).status_code == 503
    assert client.post("/sign-out").status_code == 503
    assert not ReminderPreference.objects.exists()
    assert "_auth_user_id" in client.session
