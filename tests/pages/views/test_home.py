"""`/`, `/sign-out` and the bar of every page, as a browser opens them."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from breathecode.admissions.models import Cohort
from breathecode.authenticate.models import Academy, User
from breathecode.calendars.domain.mails import LINK as INVITATIONS
from breathecode.calendars.models import CalendarPreference
from breathecode.events.models import LiveClass
from breathecode.reminders.domain.mails import LINK as REMINDERS
from breathecode.reminders.models import ReminderPreference
from tests.support.classes import NOW
from tests.support.queries import captured_queries

pytestmark = pytest.mark.usefixtures("clock")
HTML = {"Accept": "text/html,*/*;q=0.8"}


def browser(person=None, **options):
    client = Client(headers=HTML, **options)
    if person:
        client.force_login(person)
    return client


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def submit(client, url, action, fields=None):
    """Sends the form of the page at `url` to `action`, with its CSRF token."""
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(url).content.decode())
    assert token is not None
    return client.post(action, {**(fields or {}), "csrfmiddlewaretoken": token[1]})


def test_nobody_is_sent_to_sign_in_and_back(world):
    """V1: to the sign-in page, and after it to `/`."""
    response = browser().get("/")
    assert (response.status_code, response["Location"]) == (302, "/sign-in?next=%2F")
    form = {"email": "student@example.org", "password": "pass-word-9", "next": "/"}
    assert browser().post("/sign-in", form)["Location"] == "/"


def test_the_next_classes(world, make_class):
    """V1, V4: soonest first, under their days, each with its state, its moment in UTC and its join link."""
    running = make_class(start=-1, title="Running")
    soon = make_class(start=0.2, title="Soon one")
    off = make_class(start=3, title="Called off", cancelled_at=NOW, cancel_reason="Snow storm")
    week = make_class(start=48, title="On Friday")
    later = make_class(start=24 * 9, title="Next week")
    make_class(start=-30, title="Long past")
    make_class(start=-3, title="Over", ended_at=NOW)
    response = browser(world.student).get("/")
    page, text = response.content.decode(), text_of(response)
    order = ["Today", "Running", "now", "Soon one", "soon", "Called off", "cancelled", "Snow storm", "This week"]
    places = [text.index(word) for word in [*order, "On Friday", "Later", "Next week"]]
    assert places == sorted(places)
    assert "Long past" not in text
    assert "Over" not in text
    for live_class in (running, soon, week, later):
        assert f"/v1/events/me/event/liveclass/join/{live_class.hash}" in page
    assert off.hash not in page
    moments = re.findall(r'<time datetime="([^"]+)"', page)
    assert moments[0] == "2025-03-05T17:30:00Z"
    assert all(moment.endswith("Z") for moment in moments)
    assert len(moments) == 5


def test_times_are_in_the_readers_zone(world, make_class):
    """V4: the person's own zone; without one the class's, which the browser's replaces where there are scripts."""
    make_class(start=0.5)
    page = browser(world.student).get("/").content.decode()
    assert "2 p.m. (America/New_York)" in page
    assert "data-local" in page
    User.objects.filter(pk=world.student.pk).update(timezone="Europe/Madrid")
    page = browser(world.student).get("/").content.decode()
    assert "8 p.m. (Europe/Madrid)" in page
    assert "data-local" not in page


def test_nobody_sees_the_classes_of_others(world, make_class):
    """L7: the same classes as the user's list: none for a stranger, a dropped student, or in a deleted cohort."""
    make_class(start=1, title="Guest speaker")
    for person in (world.stranger, world.dropped, world.superuser):
        assert "Guest speaker" not in text_of(browser(person).get("/"))
    assert "You have no upcoming classes." in text_of(browser(world.stranger).get("/"))
    Cohort.objects.filter(pk=world.cohort.pk).update(stage="DELETED")
    assert "Guest speaker" not in text_of(browser(world.student).get("/"))


@pytest.mark.parametrize("name", ["student", "teacher", "admin", "superuser"])
def test_the_number_of_queries_does_not_grow(world, make_class, name):
    """V6: at most 12, the same for one class and for thirty, of which twenty are shown."""
    make_class(start=1)
    client = browser(getattr(world, name))
    with captured_queries() as few:
        client.get("/")
    for hours in range(2, 31):
        make_class(start=hours)
    with captured_queries() as many:
        page = client.get("/").content.decode()
    assert len(few) == len(many) <= 12
    assert page.count("<time ") == (20 if name in {"student", "teacher"} else 0)


def test_staff_and_an_empty_installation(world):
    """V1: staff find their academies; a superuser without any class, the way to the first one."""
    assert "You work at: Downtown Miami" in text_of(browser(world.admin).get("/"))
    assert "/admin/" not in browser(world.admin).get("/").content.decode()
    assert "/admin/" in browser(world.superuser).get("/").content.decode()
    assert "Go on with the first steps" in text_of(browser(world.superuser).get("/"))
    assert "first steps" not in text_of(browser(world.admin).get("/"))
    Academy.objects.all().delete()
    assert browser(world.superuser).get("/")["Location"] == "/first-steps"
    assert "You have no upcoming classes" in text_of(browser(world.admin).get("/"))
    assert 'href="/"' in browser(world.superuser).get("/admin/").content.decode()  # "view site"


def test_signing_out_is_a_form(world):
    """V3, V6: GET changes nothing and shows the button; the button signs out, from every page and without a script."""
    client = browser(world.student, enforce_csrf_checks=True)
    page = client.get("/sign-out")
    assert page.status_code == 200
    assert "You are signed in as student@example.org." in text_of(page)
    assert client.get("/").status_code == 200
    assert client.post("/sign-out").status_code == 403
    assert submit(client, "/", "/sign-out")["Location"] == "/sign-in"
    assert client.get("/").status_code == 302
    assert "You are not signed in." in text_of(client.get("/sign-out"))


def test_every_page_names_who_is_signed_in(world, make_class):
    """V2, V6: with a form to sign out that a browser can send: pages with `no-referrer` would have `Origin: null`."""
    early, cancelled = make_class(start=5), make_class(start=6, cancelled_at=NOW)
    join = "/v1/events/me/event/liveclass/join/"
    paths = ["/", "/sign-out", "/sign-in", "/nothing", "/password/reset", "/password/choose", "/survey/1"]
    paths += [join + early.hash, join + cancelled.hash, join + "0" * 40, "/reminders/off/1", "/invite/1"]
    for path in paths:
        response = browser(world.student).get(path)
        page = response.content.decode()
        assert "student@example.org" in page, path
        assert 'action="/sign-out"' in page, path
        assert response["Referrer-Policy"] == "same-origin", path
        assert (page.count("<h1"), page.count("<main")) == (1, 1), path
        assert '<html lang="en">' in page, path
        assert 'name="viewport"' in page, path
        assert "<style" not in page, path
        assert "unsafe" not in response["Content-Security-Policy"], path
        assert "student@example.org" not in browser().get(path).content.decode(), path


@pytest.mark.parametrize(
    ("link", "model", "claim"),
    [
        (REMINDERS, ReminderPreference, "You will not get any more reminders"),
        (INVITATIONS, CalendarPreference, "One last mail"),
    ],
)
def test_turning_mails_off(world, link, model, claim):
    """V3, J9: opening the link asks, its button does, and a key that is nobody's says so at once."""
    path = link.url(world.student).removeprefix("http://testserver")
    page = browser().get(path)
    assert (page.status_code, claim in text_of(page)) == (200, False)
    assert "<form" in page.content.decode()
    assert not model.objects.exists()
    assert claim in text_of(browser(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"}))
    assert model.objects.get().user_id == world.student.pk
    for bad in (path[:-1], link.path + "/anything"):
        page = browser().get(bad)
        assert (page.status_code, "<form" in page.content.decode()) == (404, False)
        assert "This link is not valid." in text_of(page)
        assert browser().post(bad).status_code == 404


def test_a_class_that_runs_past_midnight_is_todays(world, make_class):
    """V1: what began yesterday and can still be joined is listed under today."""
    make_class(start=-20, length=21, title="Night shift")
    text = text_of(browser(world.student).get("/"))
    assert text.index("Today") < text.index("Night shift")
    assert LiveClass.objects.get().starting_at == NOW - timedelta(hours=20)
