"""Addresses behind "add to calendar" buttons."""

import datetime
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from breathecode.events.domain.lists.links import calendar_links, webcal_url

LINK = "https://classes.example.org/v1/events/me/event/liveclass/join/abc"
TITLE = "Größe & Maß: 100% + más? #1"
LINKS = calendar_links(
    live_class_id=7,
    title=TITLE,
    starting_at=datetime.datetime(2025, 10, 28, 14, tzinfo=ZoneInfo("America/New_York")),
    ending_at=datetime.datetime(2025, 10, 28, 16, tzinfo=ZoneInfo("America/New_York")),
    join_url=LINK,
    public_url="https://classes.example.org",
)


def parameters(address: str) -> dict[str, str]:
    return {name: value for name, [value] in parse_qs(urlsplit(address).query, strict_parsing=True).items()}


def test_google_gets_times_in_utc_and_the_join_link():
    """I3: Google's form, with every character of the title."""
    assert LINKS["google"].startswith("https://calendar.google.com/calendar/render?")
    assert parameters(LINKS["google"]) == {
        "action": "TEMPLATE",
        "text": TITLE,
        "dates": "20251028T180000Z/20251028T200000Z",
        "details": LINK,
        "location": LINK,
    }


def test_outlook_gets_times_in_utc_and_the_join_link():
    """I3: Outlook's form; it shows a "+" as it stands, so spaces are written %20."""
    assert LINKS["outlook"].startswith("https://outlook.live.com/calendar/0/deeplink/compose?")
    assert "Ma%C3%9F%3A%20100%25%20%2B%20" in LINKS["outlook"]
    assert parameters(LINKS["outlook"]) == {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": TITLE,
        "startdt": "2025-10-28T18:00:00Z",
        "enddt": "2025-10-28T20:00:00Z",
        "body": LINK,
        "location": LINK,
    }


def test_the_file_has_an_address():
    """I3: the class as a file, with no token in its address."""
    assert LINKS["ics"] == "https://classes.example.org/v1/events/me/event/liveclass/7.ics"
    assert LINKS["webcal"] == "webcals://classes.example.org/v1/events/me/event/liveclass/7.ics"
    assert set(LINKS) == {"google", "outlook", "ics", "webcal"}


def test_a_feed_can_be_subscribed_to_with_a_click():
    """I2: webcal is what calendar programs register for, also over TLS."""
    assert webcal_url("https://classes.example.org/v1/x?token=1") == "webcals://classes.example.org/v1/x?token=1"
    assert webcal_url("http://127.0.0.1:8000/v1/x") == "webcal://127.0.0.1:8000/v1/x"
