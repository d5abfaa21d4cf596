"""`/calendar` (rules V1 to V6, I2)."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from breathecode.authenticate.models import User
from breathecode.events.models import LiveClass
from tests.support.classes import NOW
from tests.support.queries import captured_queries

pytestmark = pytest.mark.usefixtures("clock")
HTML = {"Accept": "text/html,*/*;q=0.8"}


def browser(person, **options):
    client = Client(headers=HTML, **options)
    client.force_login(person)
    return client


def days_with(html):
    """The dates of the days that have a class, in the order of the page."""
    days = re.findall(r'<li class="day([^"]*)">.*?date=([\d-]+)"', html, re.DOTALL)
    return [date for classes, date in days if "free" not in classes]


def test_my_month(world, make_class):
    """V1, V4: each class on its day, cancelled and moved ones with a word; not those of others."""
    make_class(start=1, title="Today's")
    make_class(start=30, title="Called off", cancelled_at=NOW)
    make_class(start=24 * 20, title="Shifted", moved_from=NOW)
    make_class(start=24 * 60, title="In May")
    html = browser(world.student).get("/calendar").content.decode()
    assert days_with(html) == ["2025-03-05", "2025-03-06", "2025-03-25"]
    for words in ("Today&#x27;s", "Called off", "Shifted", "cancelled", "moved", "March 2025"):
        assert words in html
    assert "In May" not in html
    assert days_with(browser(world.stranger).get("/calendar").content.decode()) == []


def test_days_are_the_readers(world, make_class):
    """V4: a class at 23:30 UTC is on the next day in Madrid."""
    make_class(start=5)
    assert days_with(browser(world.student).get("/calendar").content.decode()) == ["2025-03-05"]
    User.objects.filter(pk=world.student.pk).update(timezone="Europe/Madrid")
    assert days_with(browser(world.student).get("/calendar").content.decode()) == ["2025-03-06"]


def test_weeks_days_and_what_is_around(world, make_class):
    """V1: the week and the day of a date; links to what is before and after keep the view."""
    make_class(start=24 * 7, title="Next week")
    client = browser(world.student)
    html = client.get("/calendar?view=week&date=2025-03-13").content.decode()
    assert days_with(html) == ["2025-03-12"]
    assert "view=week&amp;date=2025-03-06" in html
    assert "view=week&amp;date=2025-03-20" in html
    assert "Next week" in client.get("/calendar?view=day&date=2025-03-12").content.decode()
    assert "You have no classes in this time." in client.get("/calendar?view=day&date=2025-03-11").content.decode()


@pytest.mark.parametrize("query", ["?date=x", "?date=2025-02-30", "?date=0001-01-01", "?date=9999-12-31", "?view=year"])
def test_addresses_typed_by_hand(world, query):
    """V1: what cannot be read shows today's month."""
    answer = browser(world.student).get("/calendar" + query)
    assert answer.status_code == 200
    assert "March 2025" in answer.content.decode()


def test_a_full_month_stays_small(world, make_class):
    """V6: 1,000 classes take the queries of one, and show three a day with the number of the others."""
    first = make_class(start=1)
    client = browser(world.student)
    with captured_queries() as few:
        client.get("/calendar")
    LiveClass.objects.bulk_create(
        LiveClass(
            cohort_time_slot=first.cohort_time_slot, cohort=world.cohort, academy=world.miami, hash=f"{n:040x}",
            day=NOW.date(), starting_at=NOW + timedelta(minutes=40 * n), ending_at=NOW + timedelta(minutes=40 * n + 30),
        )
        for n in range(1, 1001)
    )  # fmt: skip
    with captured_queries() as many:
        html = client.get("/calendar").content.decode()
    assert len(few) == len(many) <= 12
    assert html.count('class="entry') <= 3 * 42
    assert "and 33 more" in html
    assert len(html) < 120_000


def test_the_address_to_subscribe_to(world):
    """I2, V3: a form makes it, the page shows it once, and the one before stops working."""
    client = browser(world.student)
    assert "?token=" not in client.get("/calendar").content.decode()
    answer = client.post("/calendar/address")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    address = re.search(r'<input id="address" readonly value="([^"]+)"', answer.content.decode())
    assert address is not None
    for program in ("calendar.google.com", "outlook.live.com", "webcal://"):
        assert program in answer.content.decode()
    path = address[1].partition("testserver")[2]
    assert Client().get(path).status_code == 200
    assert "no longer works" not in answer.content.decode()
    assert "You have an address since:" in client.get("/calendar").content.decode()
    assert "no longer works" in client.post("/calendar/address").content.decode()
    assert Client().get(path).status_code == 401
    with time_machine.travel(NOW + timedelta(days=settings.CALENDAR_TOKEN_LIFETIME_DAYS), tick=False):
        assert "Get the address" in browser(world.student).get("/calendar").content.decode()
    assert browser(world.student, enforce_csrf_checks=True).post("/calendar/address").status_code == 403


def test_headings_have_dates(world):
    """V4: on a Monday too, the week is headed by its date; in the evening in New York, the day is not yesterday."""
    User.objects.filter(pk=world.student.pk).update(timezone="America/New_York")
    with time_machine.travel("2025-03-04T01:30:00Z", tick=False):  # 20:30 on Monday 3 March
        client = browser(world.student)
        assert "<h1>Week of Mon 3 Mar</h1>" in client.get("/calendar?view=week").content.decode()
        assert "<h1>Mon 3 Mar</h1>" in client.get("/calendar?view=day").content.decode()
