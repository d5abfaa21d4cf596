"""Addresses behind "add to calendar" buttons. Pure: they cost no query, so any list may carry them."""

import datetime
from urllib.parse import quote, urlencode


def calendar_links(
    *,
    live_class_id: int,
    title: str,
    starting_at: datetime.datetime,
    ending_at: datetime.datetime,
    join_url: str,
    public_url: str,
) -> dict[str, str]:
    """`google` and `outlook` open a filled-in form; `ics` is the class as a file. They hold the join link alone."""
    start, end = starting_at.astimezone(datetime.UTC), ending_at.astimezone(datetime.UTC)
    google = {
        "action": "TEMPLATE",
        "text": title,
        "dates": f"{start:%Y%m%dT%H%M%SZ}/{end:%Y%m%dT%H%M%SZ}",
        "details": join_url,
        "location": join_url,
    }
    outlook = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": title,
        "startdt": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "enddt": f"{end:%Y-%m-%dT%H:%M:%SZ}",
        "body": join_url,
        "location": join_url,
    }
    # quote and not quote_plus: Outlook shows a "+" as a plus.
    return {
        "google": f"https://calendar.google.com/calendar/render?{urlencode(google, quote_via=quote)}",
        "outlook": f"https://outlook.live.com/calendar/0/deeplink/compose?{urlencode(outlook, quote_via=quote)}",
        "ics": f"{public_url}/v1/events/me/event/liveclass/{live_class_id}.ics",
    }


def webcal_url(feed_url: str) -> str:
    """The address of a feed as calendar programs register it: a click subscribes instead of downloading."""
    scheme, separator, rest = feed_url.partition("://")
    return {"http": "webcal", "https": "webcals"}.get(scheme, scheme) + separator + rest
