"""What a student and a teacher open the home page for, in a real browser against the real server (rules V1, J3, W3)."""

import datetime
import time

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from breathecode.attendance.models import Attendance
from breathecode.authenticate.models import AcademyMember
from breathecode.events.models import ClassJoin, LiveClass
from tests.support.database import database_url
from tests.support.servers import web_server
from tests.support.visitors import browsing, is_sound

pytestmark = [
    pytest.mark.any_database,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
    pytest.mark.parametrize("size", [(1280, 800), (390, 844)], ids=["laptop", "phone"]),
]


@pytest.fixture(scope="module")
def site(django_db_setup, static_files):
    with web_server({"DATABASE_URL": database_url(), "SECRET_KEY": settings.SECRET_KEY}) as server:
        yield server.url


@pytest.fixture
def make(world, room):
    slot = world.time_slot()
    LiveClass.objects.all().delete()

    def make(seconds):
        start = timezone.now() + datetime.timedelta(seconds=seconds)
        end = start + datetime.timedelta(hours=2)
        return LiveClass.objects.create(
            cohort_time_slot=slot, starting_at=start, ending_at=end, title="Loops", remote_meeting_url=room
        )

    return make


def cookie_of(person, site):
    client = Client()
    client.force_login(person)
    return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}


def viewport(size):
    return {"width": size[0], "height": size[1]}


def open_until_started(page, site):
    """The start is queued by the join."""
    deadline = time.monotonic() + 30
    page.goto(site)
    while page.get_by_text("The class starts when you join.").count():
        assert time.monotonic() < deadline
        page.wait_for_timeout(200)
        page.goto(site)


def test_a_student_just_before_class(site, world, make, room, size):
    """V1, J3: the next class and Join without scrolling; the countdown; the room, once it begins."""
    live_class, cookie = make(15), cookie_of(world.student, site)
    with browsing(site, room, viewport=viewport(size), locale="en-US") as visitor:
        page = visitor.page
        page.context.add_cookies([cookie])
        page.goto(site)
        expect(page.locator("#wait")).to_have_text("In 1 minute")
        is_sound(visitor)
        join = page.get_by_role("link", name="Join")
        box = join.bounding_box()
        join.click()
        expect(page.get_by_role("timer")).to_be_visible()
        expect(page.locator("#end")).not_to_be_empty()
        is_sound(visitor)
        page.wait_for_url(room, timeout=60_000)
    assert box is not None
    assert box["y"] + box["height"] <= size[1]
    assert box["height"] >= 44
    assert ClassJoin.objects.get(live_class=live_class).user_id == world.student.pk


def test_the_wait_counts_on(site, world, make, room, size):
    """V1: by the server's clock; when the class begins, the page opens again and says so."""
    live_class, cookie = make(3 * 3600 + 60), cookie_of(world.student, site)
    with browsing(site, viewport=viewport(size)) as visitor:
        page = visitor.page
        page.context.add_cookies([cookie])
        page.clock.install(time=datetime.datetime(2031, 1, 1, tzinfo=datetime.UTC))
        page.goto(site)
        expect(page.locator("#wait")).to_have_text("In 3 h 1 min")
        page.clock.fast_forward(61_000)
        expect(page.locator("#wait")).to_have_text("In 3 h")
        page.clock.fast_forward(3 * 3600 * 1000 - 45_000)
        expect(page.locator("#wait")).to_have_text("In 1 minute")
        with page.expect_navigation():
            page.clock.fast_forward(60_000)
        wrong = visitor.wrong
    assert wrong == []
    assert not ClassJoin.objects.filter(live_class=live_class).exists()


def test_a_teachers_class(site, world, make, room, size):
    """V1, J6, A2, W3: joining starts it; then the roll, by a key, and without a connection; at last its end."""
    AcademyMember.objects.create(academy=world.miami, user=world.teacher, role="teacher")
    live_class, cookie = make(-60), cookie_of(world.teacher, site)
    with browsing(site, room, viewport=viewport(size)) as visitor:
        page = visitor.page
        page.context.add_cookies([cookie])
        page.goto(site)
        expect(page.get_by_text("Joined: 0 of 1 students")).to_be_visible()
        page.get_by_role("link", name="Join").click()
        page.wait_for_url(room, timeout=60_000)
        open_until_started(page, site)
        page.get_by_role("link", name="Call the roll").click()
        page.wait_for_url("**/classes/*")  # and for its script, which takes the keys
        late = page.get_by_role("button", name="late")
        late.focus()
        page.keyboard.press("l")
        expect(late).to_have_attribute("aria-pressed", "true")
        page.context.set_offline(True)
        page.get_by_role("button", name="present", exact=True).click()
        expect(page.locator("#roll-offline")).to_be_visible()
        page.context.set_offline(False)
        expect(page.locator("#roll-offline")).to_be_hidden(timeout=20_000)
    assert Attendance.objects.get().status == "PRESENT"
    live_class.refresh_from_db()
    assert live_class.started_at is not None
    LiveClass.objects.update(started_at=live_class.started_at - datetime.timedelta(minutes=31))
    with browsing(site, viewport=viewport(size)) as visitor:
        page = visitor.page
        page.context.add_cookies([cookie])
        page.goto(site)
        page.get_by_role("link", name="End the class").click()
        is_sound(visitor)
        page.keyboard.press("Enter")  # the button has the focus
        expect(page.get_by_role("status").get_by_text("Loops has ended.")).to_be_visible()
        page.goto(site)
        expect(page.get_by_text("You have no upcoming classes.")).to_be_visible()
    live_class.refresh_from_db()
    assert live_class.ended_at is not None


def test_copying_the_address_of_the_calendar(site, world, size):
    """I2, V2: the button says "Copied" only where it is; where the browser refuses, the address is left selected."""
    cookie = cookie_of(world.student, site)
    permissions = ["clipboard-read", "clipboard-write"]
    with browsing(site, viewport=viewport(size), permissions=permissions) as visitor:
        page = visitor.page
        page.context.add_cookies([cookie])
        page.goto(f"{site}/calendar")
        page.get_by_role("button", name="Get the address").click()
        field, button = page.get_by_label("Address to subscribe to"), page.locator("button[data-copy]")
        button.click()
        expect(button).to_have_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()") == field.input_value()
        page.evaluate(
            """() => {
                navigator.clipboard.writeText = () => Promise.reject(new DOMException("", "NotAllowedError"));
                document.execCommand = () => false;
            }"""
        )
        button.click()
        expect(button).to_have_text("Not copied: copy the selected text yourself")
        expect(field).to_be_focused()
        assert page.evaluate("getSelection().toString()") == field.input_value()
        is_sound(visitor)
