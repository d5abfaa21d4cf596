"""`POST admissions/academy/holiday/import`, and the make-up moments of a holiday (rules P9, P5)."""

import datetime
import itertools
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser, Holiday
from breathecode.authenticate.models import Academy
from breathecode.events.models import LiveClass
from breathecode.schedules.tasks import build_live_classes_from_timeslot
from tests.support.client import error
from tests.support.queries import captured_queries

HOLIDAYS = "/v1/admissions/academy/holiday"
IMPORT = f"{HOLIDAYS}/import"
NOW = datetime.datetime(2025, 3, 3, 12, tzinfo=datetime.UTC)  # a Monday


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def send(call, world):
    """Imports as the academy's admin; `file` is the text of a calendar file."""

    def send(body=None, *, file=None, query="", academy=None, as_=None, **extra):
        who = {"as_": as_ or world.admin, "academy": academy or world.miami, **extra}
        if file is None:
            return call("POST", IMPORT + query, body=body, **who)
        content = file if isinstance(file, bytes) else file.encode()
        upload = SimpleUploadedFile("holidays.ics", content, "text/calendar")
        return call("POST", IMPORT + query, data={"file": upload}, format="multipart", **who)

    return send


def calendar(*events, head=""):
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//School//EN", *head.splitlines()]
    for number, event in enumerate(events):
        lines += ["BEGIN:VEVENT", f"UID:{number}@school.example", "DTSTAMP:20250101T000000Z", *event.splitlines()]
        lines += ["END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def dates(answer):
    return [(row["name"], row["starts_on"], row["ends_on"]) for row in answer.json()["holidays"]]


def built(slot):
    build_live_classes_from_timeslot(timeslot_id=slot.pk)
    return LiveClass.objects.filter(cohort_time_slot=slot)


# --- Public holidays -----------------------------------------------------------------------------
def test_public_holidays(world, send):
    """P9: those of the year; the plan names the classes that fall on them; one transaction makes both."""
    classes = built(world.time_slot(recurrency_type="DAILY"))
    answer = send({"country": "us", "subdivision": "FL", "year": 2025})
    assert answer.status_code == 201
    assert ("Memorial Day", "2025-05-26", "2025-05-26") in dates(answer)
    cancelled = {row["id"] for row in answer.json()["plan"]["cancelled"]}
    off = classes.filter(cancelled_at__isnull=False)
    assert set(off.values_list("pk", flat=True)) == cancelled
    assert sorted({live_class.planned_date.isoformat() for live_class in off}) == ["2025-05-26", "2025-06-19"]
    assert set(off.values_list("cancel_reason", flat=True)) == {"Memorial Day", "Juneteenth National Independence Day"}
    ids = [row["id"] for row in answer.json()["holidays"]]
    assert set(Holiday.objects.values_list("pk", flat=True)) == set(ids)


def test_names_in_the_language_of_the_academy(world, send):
    """P9, V5: Spanish where the academy speaks it, and the language of the country where nothing is known."""
    Academy.objects.filter(pk=world.miami.pk).update(language="es")
    spanish = {name for name, *_ in dates(send({"country": "ES", "year": 2025}, query="?dry_run=true"))}
    assert "Año Nuevo" in spanish
    Academy.objects.filter(pk=world.miami.pk).update(language="en")
    english = {name for name, *_ in dates(send({"country": "ES", "year": 2025}, query="?dry_run=true"))}
    assert "New Year's Day" in english


def test_days_of_one_name_are_one_holiday(send):
    """P9: Chinese New Year is one holiday of several days."""
    found = dates(send({"country": "CN", "year": 2026}, query="?dry_run=true"))
    assert any(first < last for _name, first, last in found)
    for (name, _first, last), (following, begins, _last) in itertools.pairwise(found):
        day_after = datetime.date.fromisoformat(last) + datetime.timedelta(days=1)
        assert not (name == following and day_after.isoformat() == begins)


def test_a_dry_run_saves_nothing(world, send):
    """P9, P1: the same holidays without ids and the same plan; sent back with its version, it is carried out."""
    built(world.time_slot(recurrency_type="DAILY"))
    dry = send({"country": "US", "year": 2025}, query="?dry_run=true")
    assert dry.status_code == 200
    assert {row["id"] for row in dry.json()["holidays"]} == {None}
    assert not Holiday.objects.exists()
    version = dry.json()["plan"]["version"]
    real = send({"country": "US", "year": 2025}, headers={"If-Match": f'"{version}"'})
    assert real.status_code == 201
    assert real.json()["plan"] == dry.json()["plan"]
    assert dates(real) == dates(dry)


def test_an_outdated_plan(world, send):
    """P9, P2: 412 with the new plan, and no holiday is saved."""
    slot = world.time_slot(recurrency_type="DAILY")
    built(slot)
    version = send({"country": "US", "year": 2025}, query="?dry_run=true").json()["plan"]["version"]
    built(world.time_slot(starting_at=900, ending_at=1000, recurrency_type="DAILY"))
    answer = send({"country": "US", "year": 2025}, headers={"If-Match": f'"{version}"'})
    assert (answer.status_code, answer.json()["slug"]) == (412, "plan-outdated")
    assert not Holiday.objects.exists()


def test_what_stands_already_is_left_alone(world, send):
    """P9: dates that lie in a holiday of the whole academy; a holiday of one cohort closes for that cohort only."""
    week = Holiday.objects.create(academy=world.miami, name="Week", starts_on="2025-05-24", ends_on="2025-05-30")
    Holiday.objects.create(
        academy=world.miami, cohort=world.cohort, name="July", starts_on="2025-07-04", ends_on="2025-07-04"
    )
    answer = send({"country": "US", "year": 2025})
    assert "2025-05-26" in {row["starts_on"] for row in answer.json()["skipped"]}
    assert "2025-07-04" in {first for _name, first, _last in dates(answer)}
    again = send({"country": "US", "year": 2025})
    assert dates(again) == []
    assert len(again.json()["skipped"]) == len(answer.json()["holidays"]) + 1
    week.refresh_from_db()
    assert (week.name, Holiday.objects.filter(name="Week").count()) == ("Week", 1)


def test_unknown_places(send):
    """P9, H3: the answer names what is known."""
    answer = send({"country": "Spain", "year": 2025})
    assert error(answer) == (400, "unknown-country")
    assert " ES" in answer.json()["detail"]
    answer = send({"country": "ES", "subdivision": "Madrid", "year": 2025})
    assert error(answer) == (400, "unknown-subdivision")
    assert "MD" in answer.json()["detail"]
    bodies: tuple[Any, ...] = (
        {},
        [],
        {"country": "ES"},
        {"country": "ES", "year": 1492},
        {"country": "ES", "year": "x"},
    )
    for wrong in bodies:
        assert error(send(wrong)) == (400, "validation-error")
    assert not Holiday.objects.exists()


def test_the_codes_that_are_known(world, call):
    """P9: for a client that offers a choice."""
    answer = call("GET", "/v1/admissions/catalog/holiday-countries", as_=world.student)
    spain = next(row for row in answer.json() if row["country"] == "ES")
    assert "MD" in spain["subdivisions"]


def test_another_academy_is_left_alone(world, send):
    """H4: neither its holidays nor its classes; and it takes the capability to write."""
    other = built(world.time_slot(cohort=world.other_cohort, recurrency_type="DAILY"))
    assert send({"country": "US", "year": 2025}).status_code == 201
    assert not other.filter(cancelled_at__isnull=False).exists()
    assert not Holiday.objects.filter(academy=world.madrid).exists()
    assert error(send({"country": "US", "year": 2025}, as_=world.reader)) == (403, "missing-capability")
    assert error(send({"country": "US", "year": 2025}, as_=world.foreign_admin)) == (403, "not-academy-member")


# --- Calendar files ------------------------------------------------------------------------------
DAY = "SUMMARY:Founders' Day\nDTSTART;VALUE=DATE:20250409"
SPRING = "SUMMARY:Spring break\nDTSTART;VALUE=DATE:20250414\nDTEND;VALUE=DATE:20250419"
NEW_YEAR = "SUMMARY:Winter break\nDTSTART;VALUE=DATE:20251222\nDTEND;VALUE=DATE:20260107"


def test_days_of_a_file(send):
    """P9: a date, several dates (DTEND is not part of them), over new year."""
    answer = send(file=calendar(NEW_YEAR, DAY, SPRING))
    assert dates(answer) == [
        ("Founders' Day", "2025-04-09", "2025-04-09"),
        ("Spring break", "2025-04-14", "2025-04-18"),
        ("Winter break", "2025-12-22", "2026-01-06"),
    ]


@pytest.mark.parametrize(
    ("zone", "event", "closed"),
    [
        ("America/New_York", "DTSTART:20250409T130000Z\nDTEND:20250409T150000Z", ("2025-04-09", "2025-04-09")),
        ("America/New_York", "DTSTART:20250410T030000Z\nDTEND:20250410T040000Z", ("2025-04-09", "2025-04-09")),
        ("Pacific/Auckland", "DTSTART:20250409T130000Z\nDURATION:PT2H", ("2025-04-10", "2025-04-10")),
        ("America/New_York", "DTSTART:20250410T020000Z\nDTEND:20250411T040000Z", ("2025-04-09", "2025-04-10")),
        ("America/New_York", "DTSTART:20250409T090000\nDTEND:20250409T170000", ("2025-04-09", "2025-04-09")),
        ("Asia/Tokyo", "DTSTART;TZID=America/New_York:20250409T200000", ("2025-04-10", "2025-04-10")),
    ],
)
def test_timed_events(world, send, zone, event, closed):
    """P9: they close the dates that they touch at the academy, also 13 hours from UTC; midnight ends the day before."""
    Academy.objects.filter(pk=world.miami.pk).update(timezone=zone)
    answer = send(file=calendar(f"SUMMARY:Fair\n{event}"))
    assert dates(answer) == [("Fair", *closed)]


def test_recurring_events(send):
    """P9: each occurrence up to three years from now, without those that EXDATE or STATUS take away."""
    yearly = "SUMMARY:May Day\nDTSTART;VALUE=DATE:20200501\nRRULE:FREQ=YEARLY\nEXDATE;VALUE=DATE:20260501"
    off = "SUMMARY:Called off\nSTATUS:CANCELLED\nDTSTART;VALUE=DATE:20250402"
    found = [first for _name, first, _last in dates(send(file=calendar(yearly, off)))]
    assert found == ["2024-05-01", "2025-05-01", "2027-05-01"]


@pytest.mark.parametrize(
    "content",
    [
        "not a calendar",
        b"\xff\xfe\x00",
        "",
        calendar(),
        calendar("SUMMARY:No date"),
        calendar("SUMMARY:Bomb\nDTSTART:20250101T000000Z\nRRULE:FREQ=SECONDLY"),
        calendar(
            "SUMMARY:Bomb\nDTSTART:20250101T000000Z\nRRULE:FREQ=DAILY;BYHOUR=0,1,2,3;BYMINUTE=0,1,2;BYSECOND=0,1,2"
        ),
        calendar("SUMMARY:Each day\nDTSTART;VALUE=DATE:20250101\nRRULE:FREQ=DAILY"),
        calendar("SUMMARY:Wrong rule\nDTSTART;VALUE=DATE:20250101\nRRULE:FREQ=NEVER"),
        calendar("SUMMARY:Long ago\nDTSTART;VALUE=DATE:19690720"),
        calendar(*["SUMMARY:Many\nDTSTART;VALUE=DATE:20250405\nRRULE:FREQ=WEEKLY;COUNT=90"] * 9, DAY),
    ],
    ids=["text", "bytes", "empty", "no-events", "no-date", "secondly", "times", "daily", "rule", "past", "many"],
)
def test_files_that_are_refused(send, content):
    """P9, H5: 400 with a sentence about the file; nothing is saved."""
    answer = send(file=content)
    if answer.status_code == 201:  # nine equal series are one
        assert len(dates(answer)) <= 100
        return
    assert error(answer) == (400, "validation-error")
    assert list(answer.json()["errors"]) == ["file"]
    assert not Holiday.objects.exists()


def test_a_large_file(send):
    """H5: refused before it is parsed."""
    assert error(send(file=calendar(*[DAY] * 5000))) == (413, "payload-too-large")


def test_names_are_of_one_line(send):
    """N3: what a file brings cannot change the form of a mail or a calendar."""
    event = "SUMMARY:Fair\\nBcc: a@example.org" + "x" * 300 + "\nDTSTART;VALUE=DATE:20250409"
    (name, *_rest) = dates(send(file=calendar(event)))[0]
    assert "\n" not in name
    assert len(name) == 150


# --- On real schedules ---------------------------------------------------------------------------
def test_over_dst_and_overnight(world, send):
    """P9, G13: the date on which a class begins in the zone of its slot decides, over DST and midnight."""
    overnight = world.time_slot(starting_at=2200, ending_at=200, recurrency_type="DAILY")
    classes = built(overnight)
    send(file=calendar("SUMMARY:DST\nDTSTART;VALUE=DATE:20250308\nDTEND;VALUE=DATE:20250310"))
    off = classes.filter(cancelled_at__isnull=False).order_by("starting_at")
    assert [c.starting_at.isoformat() for c in off] == ["2025-03-09T03:00:00+00:00", "2025-03-10T02:00:00+00:00"]


def test_statements_do_not_grow(world, send):
    """P9: with holidays, classes or time slots: the plan is applied to all of them at once."""
    send(file="")  # signs in

    def statements(count):
        Holiday.objects.all().delete()
        for hour in range(count):
            built(world.time_slot(starting_at=hour * 100, ending_at=hour * 100 + 30, recurrency_type="DAILY"))
        days = [f"SUMMARY:D\nDTSTART;VALUE=DATE:202504{day:02}" for day in range(1, 3 * count)]
        with captured_queries() as queries:
            assert send(file=calendar(*days)).status_code == 201
        return len(queries)

    assert statements(2) == statements(8)


# --- Make-up moments of all of them --------------------------------------------------------------
def makeups_of(call, world, holiday, *, as_=None, query=""):
    return call("GET", f"{HOLIDAYS}/{holiday}/makeups{query}", as_=as_ or world.admin, academy=world.miami)


def test_makeups_of_a_holiday(world, call, send):
    """P9, P5: for each class that it cancelled up to three moments, none of them proposed twice."""
    slot = world.time_slot(recurrency_type="WEEKLY", weekdays=["MO", "WE", "FR"])
    built(slot)
    holiday = send(file=calendar("SUMMARY:Week\nDTSTART;VALUE=DATE:20250310\nDTEND;VALUE=DATE:20250315")).json()
    answer = makeups_of(call, world, holiday["holidays"][0]["id"])
    rows = answer.json()
    assert {row["id"] for row in rows} == {row["id"] for row in holiday["plan"]["cancelled"]}
    assert [len(row["makeups"]) for row in rows] == [3, 3, 3]
    moments = [moment["starting_at"] for row in rows for moment in row["makeups"]]
    assert len(set(moments)) == len(moments)
    taken = set(LiveClass.objects.values_list("starting_at", flat=True))
    assert not taken & {datetime.datetime.fromisoformat(moment) for moment in moments}
    replaced = rows[0]["id"]
    url = "https://zoom.us/j/1"
    body = {"cohort_time_slot": slot.pk, "remote_meeting_url": url, "replaces": replaced, **rows[0]["makeups"][0]}
    assert (
        call("POST", "/v1/events/academy/event/liveclass", as_=world.admin, academy=world.miami, body=body).status_code
        == 201
    )
    assert replaced not in {row["id"] for row in makeups_of(call, world, holiday["holidays"][0]["id"]).json()}


def test_makeups_and_another_academy(world, call):
    """H4: a holiday of another academy is not found; reading the moments takes the capability."""
    theirs = Holiday.objects.create(academy=world.madrid, name="Theirs", starts_on="2025-03-10", ends_on="2025-03-10")
    assert error(makeups_of(call, world, theirs.pk)) == (404, "not-found")
    mine = Holiday.objects.create(academy=world.miami, name="Mine", starts_on="2025-03-10", ends_on="2025-03-10")
    assert error(makeups_of(call, world, mine.pk, as_=world.reader)) == (403, "missing-capability")
    assert makeups_of(call, world, mine.pk).json() == []


def test_makeups_take_statements_by_cohort(world, call, send):
    """P9: not by class."""

    def statements(days):
        Holiday.objects.all().delete()
        CohortTimeSlot.objects.all().delete()
        built(world.time_slot(recurrency_type="DAILY"))
        event = f"SUMMARY:Days\nDTSTART;VALUE=DATE:20250310\nDTEND;VALUE=DATE:202503{10 + days}"
        holiday = send(file=calendar(event)).json()["holidays"][0]["id"]
        with captured_queries() as queries:
            assert len(makeups_of(call, world, holiday).json()) == days
        return len(queries)

    assert statements(2) == statements(7)


def test_makeups_ask_for_people_of_each_cohort(world, call, send):
    """P5: a moment at which a student has a class in another cohort is not proposed."""
    twin = Cohort.objects.create(
        academy=world.miami,
        slug="twin",
        name="Twin",
        kickoff_date="2025-01-15",
        ending_date="2025-06-30",
        stage="STARTED",
    )
    CohortUser.objects.create(cohort=twin, user=world.student)
    built(world.time_slot(recurrency_type="WEEKLY", weekdays=["MO"]))
    busy = built(world.time_slot(cohort=twin, recurrency_type="WEEKLY", weekdays=["TU", "WE", "TH", "FR"]))
    holiday = send(file=calendar("SUMMARY:Day\nDTSTART;VALUE=DATE:20250310")).json()["holidays"][0]["id"]
    taken = {value.isoformat().replace("+00:00", "Z") for value in busy.values_list("starting_at", flat=True)}
    (row,) = makeups_of(call, world, holiday).json()
    assert row["makeups"]
    assert not taken & {moment["starting_at"] for moment in row["makeups"]}


def test_a_region_whose_code_is_a_name(send):
    """P9: codes are read in any letter case, also those that are not all capitals."""
    answer = send({"country": "de", "subdivision": "augsburg", "year": 2025}, query="?dry_run=true")
    assert answer.status_code == 200
    assert "2025-08-08" in {row["starts_on"] for row in answer.json()["holidays"]}
