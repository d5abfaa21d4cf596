"""Feeds as other people's programs read them: two independent readers, one of them a calendar run as a process."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from django.conf import settings
from django.db import connection
from django.utils import timezone
from icalendar import Calendar

from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.domain.tokens import sign_in
from breathecode.schedules.domain.generation import build_time_slot
from tests.support import servers
from tests.support.calendars import FeedReader

ZONES = ("America/New_York", "Europe/Madrid", "Australia/Sydney")
DAYS_OF_PAST, DAYS_TO_COME = 60, 400  # over every change of the clocks of a year, whenever the test runs
Session = tuple[datetime.datetime, datetime.datetime, str]


@pytest.fixture
def agenda(world):
    """Three cohorts of the student, each with a class on Sundays by the clocks of its own zone."""
    now = timezone.now()
    for zone in ZONES:
        cohort = Cohort.objects.create(
            academy=world.miami,
            slug=zone.partition("/")[2].lower(),
            name=f"Größe; {zone}, \\o/ 😀",
            timezone=zone,
            kickoff_date=now.date() - datetime.timedelta(days=DAYS_OF_PAST),
            ending_date=now.date() + datetime.timedelta(days=DAYS_TO_COME),
            online_meeting_url="https://zoom.us/j/1",
            stage=Cohort.Stage.STARTED,
        )
        CohortUser.objects.create(cohort=cohort, user=world.student)
        slot = world.time_slot(cohort=cohort, starting_at=2330, ending_at=130, weekdays=["SU"])
        build_time_slot(time_slot_id=slot.pk, now=now)
    return world.student


def listed(rows: list[dict[str, str]]) -> list[Session]:
    instant = datetime.datetime.fromisoformat
    return sorted((instant(row["starting_at"]), instant(row["ending_at"]), row["title"]) for row in rows)


def meets_every_change_of_the_clocks(sessions: list[Session], zone: str) -> bool:
    """Whether the sessions of this zone's cohort lie on both sides of a change: two offsets, one wall-clock time."""
    starts = [start.astimezone(ZoneInfo(zone)) for start, _end, title in sessions if zone in title]
    return len({start.utcoffset() for start in starts}) == 2 and {(s.hour, s.minute) for s in starts} == {(23, 30)}


def test_an_independent_reader_reads_what_the_api_lists(agenda, call, client):
    """I3: recurring-ical-events finds the API's classes, instant by instant, in three zones with their changes."""
    rows = listed(call("GET", "/v1/events/me/event/liveclass", as_=agenda).json())
    calendar = Calendar.from_ical(FeedReader(client, agenda).get("ical/me").content)
    found = recurring_ical_events.of(calendar).between((2000, 1, 1), (2100, 1, 1))
    assert sorted((event["dtstart"].dt, event["dtend"].dt, str(event["summary"])) for event in found) == rows
    assert len(rows) > 3 * 60
    assert all(meets_every_change_of_the_clocks(rows, zone) for zone in ZONES)


def database_url() -> str:
    """The database of this test, as a server of its own reads it."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    given = os.environ["DATABASE_URL"]
    address, mark, query = given.partition("?")
    return address.rpartition("/")[0] + f"/{name}" + mark + query


def khal(folder: Path, zone: str, *arguments: str) -> str:
    """Runs khal with a calendar of its own in `folder`, on a machine in `zone`."""
    config = folder / "config"
    config.write_text(
        f"[calendars]\n[[classes]]\npath = {folder / 'vdir'}\ntype = calendar\n"
        f"[sqlite]\npath = {folder / 'khal.db'}\n"
        f"[locale]\nlocal_timezone = {zone}\ndefault_timezone = {zone}\n"
        "timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
        "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
        "[default]\ndefault_calendar = classes\n"
    )
    command = [sys.executable, "-m", "khal", "-c", str(config), *arguments]
    env = {**os.environ, "HOME": str(folder), "XDG_CACHE_HOME": str(folder), "LC_ALL": "C.UTF-8"}
    run = subprocess.run(command, env=env, capture_output=True, text=True, timeout=100, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


def instant(text: str, zone: str) -> datetime.datetime:
    wall_clock = datetime.datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(zone))
    return wall_clock.astimezone(datetime.UTC)


def khal_list(folder: Path, zone: str) -> list[Session]:
    today = datetime.datetime.now(ZoneInfo(zone)).date()
    first, last = today - datetime.timedelta(days=DAYS_OF_PAST + 2), today + datetime.timedelta(days=DAYS_TO_COME + 2)
    # --once: khal lists an event that passes midnight on both of its days.
    lines = khal(
        folder, zone, "list", "--once", "--format", "{start-long-full}\t{end-long-full}\t{title}",
        "--day-format", "", str(first), str(last),
    ).splitlines()  # fmt: skip
    sessions = []
    for line in filter(None, lines):
        start, end, title = line.split("\t")
        sessions.append((instant(start, zone), instant(end, zone), title))
    return sorted(sessions)


@pytest.mark.django_db(transaction=True)
def test_a_calendar_program_shows_what_the_api_lists(agenda, client, tmp_path):
    """I3: khal imports the feed of a running server, on machines in three zones; a second import doubles none."""
    reader, key = FeedReader(client, agenda), sign_in(user=agenda)[0]
    # A broker that nobody runs: these pages need none.
    env = {"DATABASE_URL": database_url(), "CELERY_BROKER_URL": "redis://127.0.0.1:1/0"}
    with servers.web_server(env) as server:
        feed = urllib.request.urlopen(f"{server.url}/v1/events/ical/me?token={reader.key}", timeout=20).read()
        request = urllib.request.Request(f"{server.url}/v1/events/me/event/liveclass")
        request.add_header("Authorization", f"Token {key}")
        rows = listed(json.load(urllib.request.urlopen(request, timeout=20)))
    assert len(rows) > 3 * 60
    file = tmp_path / "feed.ics"
    file.write_bytes(feed)
    (tmp_path / "vdir").mkdir()
    for _time in range(2):
        khal(tmp_path, ZONES[0], "import", "--batch", "-a", "classes", str(file))
    assert len(list((tmp_path / "vdir").glob("*.ics"))) == len(rows)
    for zone in ZONES:
        assert khal_list(tmp_path, zone) == rows, zone
    assert settings.PUBLIC_URL not in feed.decode()  # the server's own address stands in it
