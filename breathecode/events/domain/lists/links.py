"""Addresses behind "add to calendar" buttons. Pure and cheap: they cost no query, and every list carries them."""

import datetime
from functools import lru_cache
from urllib.parse import quote


@lru_cache(maxsize=1024)  # a list repeats few titles and one beginning of its links
def _quoted(text: str) -> str:
    # quote and not quote_plus: Outlook shows a "+" as a plus.
    return quote(text, safe="")


def calendar_links(
    *,
    live_class_id: int,
    title: str,
    starting_at: datetime.datetime,
    ending_at: datetime.datetime,
    join_url: str,
    public_url: str,
) -> dict[str, str]:
    """`google` and `outlook` open a filled-in form; `ics` and `webcal` are the class as a file.

    They hold the join link, which asks who you are, and never the meeting's address.
    """
    start, end = _utc(starting_at), _utc(ending_at)
    base, _slash, name = join_url.rpartition("/")
    link = f"{_quoted(base)}%2F{name if name.isalnum() and name.isascii() else quote(name, safe='')}"
    text = _quoted(title)
    file = f"/v1/events/me/event/liveclass/{live_class_id}.ics"
    return {
        "google": "https://calendar.google.com/calendar/render?action=TEMPLATE"
        f"&text={text}&dates={_compact(start)}%2F{_compact(end)}&details={link}&location={link}",
        "outlook": "https://outlook.live.com/calendar/0/deeplink/compose?path=%2Fcalendar%2Faction%2Fcompose"
        f"&rru=addevent&subject={text}&startdt={start.replace(':', '%3A')}Z&enddt={end.replace(':', '%3A')}Z"
        f"&body={link}&location={link}",
        "ics": public_url + file,
        "webcal": webcal_url(public_url) + file,
    }


def _utc(moment: datetime.datetime) -> str:
    """2025-10-28T18:00:00; rows are in UTC already."""
    return (moment if moment.tzinfo is datetime.UTC else moment.astimezone(datetime.UTC)).isoformat()[:19]


def _compact(moment: str) -> str:
    """2025-10-28T18:00:00 in the basic format of ISO 8601, in UTC."""
    return moment.replace("-", "").replace(":", "") + "Z"


@lru_cache(maxsize=64)
def webcal_url(url: str) -> str:
    """The address of a feed or file as calendar programs register it: a click subscribes instead of downloading."""
    scheme, separator, rest = url.partition("://")
    return {"http": "webcal", "https": "webcals"}.get(scheme, scheme) + separator + rest
