"""What stays known of a class that staff moved (rule W4)."""

import datetime

import pytest

from breathecode.events.models import LiveClass
from breathecode.notify.models import OutgoingMail
from breathecode.reminders.tasks import send_due_reminders
from tests.support.calendars import FeedReader
from tests.support.classes import NOW
from tests.support.client import error

URL = "/v1/events/academy/event/liveclass"


@pytest.fixture(autouse=True)
def _now(clock):
    """Everything happens within the fixed hour."""


@pytest.fixture
def put(world, call):
    def send(live_class, **body):
        return call("PUT", f"{URL}/{live_class.pk}", as_=world.admin, academy=world.miami, body=body)

    return send


def times(hours):
    start = NOW + datetime.timedelta(hours=hours)
    return {"starting_at": start.isoformat(), "ending_at": (start + datetime.timedelta(hours=2)).isoformat()}


def shown(answer):
    assert answer.status_code == 200, answer.json()
    return answer.json()["moved_from"], answer.json()["reason"]


def test_the_first_time_and_the_last_reason(put, make_class):
    """W4: however often it moves, until it is back; without a reason too."""
    live_class = make_class(start=2)
    assert shown(put(live_class, title="Another")) == (None, None)
    first = "2025-03-05T20:30:00Z"
    assert shown(put(live_class, **times(26), reason="The  teacher\nis ill.")) == (first, "The teacher is ill.")
    assert shown(put(live_class, **times(28), reason="No room.")) == (first, "No room.")
    assert shown(put(live_class, **times(30))) == (first, None)
    assert shown(put(live_class, **times(2), reason="She is well.")) == (None, None)


def test_the_reason_of_what_holds(world, call, put, make_class):
    """W4, W6: of a cancelled class that of the cancellation; restored, that of the move again; in lists too."""
    live_class = make_class(start=2)
    put(live_class, **times(26), reason="No room.")
    url = f"{URL}/{live_class.pk}"
    body = {"reason": "No teacher."}
    cancelled = call("POST", f"{url}/cancel", as_=world.admin, academy=world.miami, body=body)
    assert shown(cancelled) == ("2025-03-05T20:30:00Z", "No teacher.")
    assert call("GET", "/v1/events/me/event/liveclass", as_=world.student).json()[0]["reason"] == "No teacher."
    restored = call("POST", f"{url}/restore", as_=world.admin, academy=world.miami, body={})
    assert shown(restored) == ("2025-03-05T20:30:00Z", "No room.")


def test_a_reason_without_a_move(put, make_class):
    """W4, W3: refused, and nothing is saved; the answer of a GET can be sent back."""
    live_class = make_class(start=2)
    assert error(put(live_class, title="Another", reason="No room.")) == (400, "reason-without-move")
    assert LiveClass.objects.get(pk=live_class.pk).title == ""
    assert error(put(live_class, **times(26), reason="x" * 501)) == (400, "validation-error")
    answer = put(live_class, **times(26), reason="No room.").json()
    assert put(live_class, **answer).json() == answer


def test_calendars_and_mails(world, client, put, make_class):
    """W4, I3, N2: the feed in the time slot's zone, and whoever was told the old time."""
    live_class = make_class(start=0.2)
    send_due_reminders()
    put(live_class, **times(26), reason="No room.")
    (event,) = FeedReader(client, world.student).events("ical/me")
    moved = "Moved from Wednesday, March 5, 2025, 1:42 p.m. (America/New_York). No room."
    assert moved in str(event["description"])
    send_due_reminders()
    assert "Reason: No room." in OutgoingMail.objects.get(template="class_moved", to="student@example.org").text
