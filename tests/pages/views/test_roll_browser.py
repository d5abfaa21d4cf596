"""A teacher calls the roll in a real browser: by keys, by taps, and without a connection (rules A2, V2, V3)."""

import datetime
import time

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect, sync_playwright

from breathecode.admissions.models import CohortUser
from breathecode.attendance.models import Attendance
from breathecode.authenticate.models import User
from breathecode.events.models import LiveClass
from tests.support.database import database_url
from tests.support.servers import chromium_path, web_server

pytestmark = pytest.mark.any_database

NAMES = ("Ana", "Beto", "Carla")


@pytest.fixture
def begun(world):
    """A class that has begun, with three students more."""
    people = User.objects.bulk_create(User(email=f"{name}@example.org".lower(), first_name=name) for name in NAMES)
    for person in people:
        CohortUser.objects.create(cohort=world.cohort, user=person)
    now = timezone.now()
    return LiveClass.objects.create(
        cohort_time_slot=world.time_slot(), starting_at=now, ending_at=now + datetime.timedelta(hours=2)
    )


def marks(live_class):
    """By first name."""
    rows = Attendance.objects.filter(live_class=live_class).values_list("user__first_name", "status")
    return dict(rows)


def wait_until_sent(page):
    """The content policy forbids what `wait_for_function` does."""
    deadline = time.monotonic() + 20
    while page.evaluate("localStorage.length"):
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)], ids=["laptop", "phone"])
def test_calling_the_roll(world, begun, static_files, size):
    """A2: each key and tap is saved; what is tapped without a connection is kept, shown, and sent when it is back."""
    client = Client()
    client.force_login(world.staff_teacher)
    session = client.cookies["sessionid"].value
    environment = {"DATABASE_URL": database_url(), "SECRET_KEY": settings.SECRET_KEY}
    with web_server(environment) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": size[0], "height": size[1]})
        context.add_cookies([{"name": "sessionid", "value": session, "url": server.url}])
        page = context.new_page()
        page.goto(f"{server.url}/classes/{begun.pk}")

        def chosen(name):
            return page.get_by_role("form", name=name, exact=True).locator("[aria-pressed=true]")

        page.get_by_role("form", name="Ana", exact=True).get_by_role("button", name="late").focus()
        page.keyboard.press("l")
        expect(chosen("Ana")).to_have_text("late")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("a")
        expect(chosen("Beto")).to_have_text("absent")
        wait_until_sent(page)

        context.set_offline(True)
        page.get_by_role("form", name="Carla", exact=True).get_by_role("button", name="excused").click()
        page.get_by_role("form", name="Beto", exact=True).get_by_role("button", name="present").click()
        expect(page.locator("#roll-offline")).to_contain_text("(2)")
        expect(chosen("Carla")).to_contain_text("excused")
        context.set_offline(False)
        expect(page.locator("#roll-offline")).to_be_hidden(timeout=20_000)

        page.get_by_role("button", name="Mark everyone else present").click()
        expect(page.get_by_role("button", name="Mark everyone else present")).to_have_count(0, timeout=20_000)
        page.reload()
        expect(chosen("Carla")).to_have_text("excused")
        browser.close()
    assert marks(begun) == {"Ana": "LATE", "Beto": "PRESENT", "Carla": "EXCUSED", "": "PRESENT"}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_taps_that_the_server_does_not_take(world, begun, static_files):
    """A2, V1: a tap outlives the end of a session, a new CSRF token and a failing server, and one reload is enough."""
    # As the server reads it, whose settings are not those of tests.
    world.staff_teacher.password = make_password("pass-word-9", hasher=Argon2PasswordHasher())
    world.staff_teacher.save()
    client = Client()
    client.force_login(world.staff_teacher)
    session = client.cookies["sessionid"].value
    environment = {"DATABASE_URL": database_url(), "SECRET_KEY": settings.SECRET_KEY}
    with web_server(environment) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        context = browser.new_context()
        context.add_cookies([{"name": "sessionid", "value": session, "url": server.url}])
        page = context.new_page()
        page.goto(f"{server.url}/classes/{begun.pk}")
        notice, loads, sent = page.locator("#roll-offline"), [], []
        page.on("load", lambda loaded: loads.append(loaded.url))
        page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)

        def tap(name, mark):
            page.get_by_role("form", name=name, exact=True).get_by_role("button", name=mark).click()

        context.clear_cookies(name="sessionid")
        tap("Ana", "late")
        page.wait_for_url("**/sign-in?next=*")
        page.get_by_label("E-mail address").fill("staff_teacher@example.org")
        page.get_by_label("Password", exact=True).fill("pass-word-9")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/classes/*")
        wait_until_sent(page)

        context.add_cookies([{"name": "csrftoken", "value": "a" * 32, "url": server.url}])
        with page.expect_navigation():
            tap("Beto", "absent")
        wait_until_sent(page)

        page.route("**/roll", lambda route: route.fulfill(status=502))
        tap("Carla", "excused")
        expect(notice).to_contain_text("(1)")
        page.unroute("**/roll")
        page.evaluate("dispatchEvent(new Event('online'))")
        wait_until_sent(page)
        expect(notice).to_be_hidden()

        page.route("**/roll", lambda route: route.fulfill(status=403))
        loads.clear()
        tap("Carla", "late")
        expect(notice).to_contain_text("not accepted", timeout=20_000)
        sent.clear()
        page.evaluate("dispatchEvent(new Event('online'))")
        while not sent:
            page.wait_for_timeout(50)
        page.wait_for_timeout(300)
        assert len(loads) == 1
        page.unroute("**/roll")
        page.evaluate("dispatchEvent(new Event('online'))")
        wait_until_sent(page)

        page.route("**/roll", lambda route: route.continue_(url=f"{server.url}/classes/0/roll"))
        tap("Ana", "excused")
        expect(page.get_by_role("alert")).to_contain_text("was not saved")
        assert page.evaluate("localStorage.length") == 0
        browser.close()
    assert marks(begun) == {"Ana": "LATE", "Beto": "ABSENT", "Carla": "LATE"}
