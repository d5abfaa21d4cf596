"""The countdown, the way into the room and the sign-in page before it, in a real browser."""

import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from breathecode.admissions.models import Cohort
from breathecode.authenticate.domain.tokens import sign_in
from breathecode.authenticate.models import User
from breathecode.events.models import ClassJoin, LiveClass
from tests.support.database import database_url
from tests.support.servers import web_server
from tests.support.visitors import Room, browsing, is_sound

pytestmark = [pytest.mark.any_database, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]
PHONE = {"width": 360, "height": 640}


@pytest.fixture(scope="module")
def site(django_db_setup, static_files):
    with web_server({"DATABASE_URL": database_url()}) as server:
        yield server.url


@pytest.fixture
def make(world, room):
    """A class so many seconds from now, whose room is the stand-in."""
    Cohort.objects.filter(pk=world.cohort.pk).update(online_meeting_url=room)
    slot = world.time_slot()
    LiveClass.objects.all().delete()

    def make(seconds: float, **fields) -> LiveClass:
        starting_at = timezone.now() + datetime.timedelta(seconds=seconds)
        ending_at = starting_at + datetime.timedelta(hours=2)
        return LiveClass.objects.create(cohort_time_slot=slot, starting_at=starting_at, ending_at=ending_at, **fields)

    return make


@pytest.fixture
def with_passwords(settings, world):
    """The server hashes as in production, so the people must be stored that way to sign in there."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    for person in (world.student, world.superuser):
        person.set_password("pass-word-9")
        person.save()


def link(site: str, live_class: LiveClass, person: User | None = None) -> str:
    path = f"{site}/v1/events/me/event/liveclass/join/{live_class.hash}"
    return f"{path}?token={sign_in(user=person)[0]}" if person else path


def test_the_countdown_ticks_in_the_viewers_time(site, world, make):
    """J3: on a phone in Tokyo, the start in Tokyo's time, a clock that ticks, and nothing from elsewhere."""
    live_class = make(3 * 3600 + 30, title="An exceptionally longwindedintroductiontothethingswewilldotogether")
    at = live_class.starting_at + datetime.timedelta(hours=9)
    address = link(site, live_class, world.student)
    with browsing(site, viewport=PHONE, timezone_id="Asia/Tokyo", locale="en-US") as visitor:
        page = visitor.page
        answer = page.goto(address)
        clock = page.get_by_role("timer")
        first = clock.inner_text()
        expect(clock).not_to_have_text(first, timeout=15_000)
        second, shown = clock.inner_text(), page.locator("#start").inner_text()
        is_sound(visitor)
    assert answer is not None
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert first.startswith("03:00:")
    assert second < first
    assert shown.replace("\u202f", " ").endswith(f"{at:%-I:%M %p} (Asia/Tokyo)")
    assert f"{at:%B} {at.day}" in shown


def test_the_countdown_in_spanish_and_in_the_zone_that_somebody_chose(site, world, make):
    """J1, J3: the cohort's language; the person's own zone goes before the browser's."""
    Cohort.objects.update(language="es")
    User.objects.filter(pk=world.student.pk).update(timezone="Europe/Madrid")
    address = link(site, make(2 * 24 * 3600 + 100), world.student)
    # Chromium always sends a language, which goes before the cohort's (V5); this one has no texts here.
    with browsing(site, viewport=PHONE, timezone_id="Asia/Tokyo", locale="fr-FR") as visitor:
        visitor.page.goto(address)
        shown, clock = visitor.page.locator("#start").inner_text(), visitor.page.get_by_role("timer").inner_text()
        is_sound(visitor)
    assert shown.endswith("(Europe/Madrid)")
    assert " de " in shown
    assert clock.startswith("2 d 00:01:")


def test_at_zero_it_goes_on_by_itself(site, world, make, room):
    """J3, J5: to the room, which learns neither the link nor the token; the join is recorded."""
    live_class = make(15)  # on a busy machine, the browser alone takes seconds to start
    address = link(site, live_class, world.student)
    with browsing(site, room) as visitor:
        visitor.page.goto(address)
        expect(visitor.page.get_by_role("timer")).to_have_count(1)
        spoken = visitor.page.locator("#spoken").inner_text()
        visitor.page.wait_for_url(room, timeout=40_000)
        wrong = visitor.wrong
    assert spoken == "The class starts in one minute."
    assert wrong == []
    (visit,) = Room.visits
    assert "referer" not in visit
    join = ClassJoin.objects.get(live_class=live_class)
    assert join.user_id == world.student.pk
    assert join.joined_at >= live_class.starting_at


def test_a_clock_that_is_wrong_does_no_harm(site, world, make):
    """J3: it counts by the server's clock, not by the visitor's."""
    address = link(site, make(3600), world.student)
    with browsing(site) as visitor:
        visitor.page.clock.install(time=datetime.datetime(2031, 1, 1, tzinfo=datetime.UTC))
        visitor.page.goto(address)
        clock = visitor.page.get_by_role("timer").inner_text()
    assert clock.startswith(("00:59:", "01:00:00"))


def test_signing_in_by_keyboard_leads_into_the_room(site, with_passwords, make, room):
    """J1: without a session to the sign-in page, and from there, by keyboard alone, on to the room on another site."""
    address = link(site, make(-60))
    with browsing(site, room, viewport=PHONE) as visitor:
        page = visitor.page
        page.goto(address)
        is_sound(visitor)
        page.keyboard.type("student@example.org")  # the first field has the focus
        page.keyboard.press("Tab")
        page.keyboard.type("pass-word-9")
        page.keyboard.press("Enter")
        page.wait_for_url(room, timeout=60_000)
        wrong = visitor.wrong
    assert wrong == []
    assert len(Room.visits) == 1


def test_the_home_page_from_signing_in_to_signing_out(site, with_passwords, world, make, room):
    """V1, V4, V6: on a phone in Tokyo: the next class in its time, a button into the room, and a way out."""
    live_class = make(-60)
    tokyo = live_class.starting_at + datetime.timedelta(hours=9)
    with browsing(site, room, viewport=PHONE, timezone_id="Asia/Tokyo", locale="en-US") as visitor:
        page = visitor.page
        page.goto(site)
        page.fill("#email", "student@example.org")
        page.fill("#password", "pass-word-9")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{site}/")
        end = tokyo + datetime.timedelta(hours=2)
        expect(page.locator("p.moment")).to_contain_text(f"{tokyo:%H:%M}\u2013{end:%H:%M}")
        is_sound(visitor)
        page.get_by_role("link", name="Join").click()
        page.wait_for_url(room, timeout=60_000)
        page.goto(site)
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url(f"{site}/sign-in")
        page.goto(f"{site}/")
        signed_out = page.url
        wrong = visitor.wrong
    assert signed_out.endswith("/sign-in?next=%2F")
    assert wrong == []
    assert ClassJoin.objects.filter(live_class=live_class, user=world.student).exists()


def test_signing_out_from_a_countdown(site, with_passwords, make):
    """V6: the form of a page that no other site may learn the address of; a browser sends its origin all the same."""
    address = link(site, make(3600))
    with browsing(site) as visitor:
        page = visitor.page
        page.goto(address)
        page.fill("#email", "student@example.org")
        page.fill("#password", "pass-word-9")
        page.keyboard.press("Enter")
        page.wait_for_url(address)
        is_sound(visitor)
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url(f"{site}/sign-in")
        page.goto(address)
        signed_out = page.url
    assert signed_out.startswith(f"{site}/sign-in?next=")


def test_a_page_that_says_what_is_wrong(site, world, make):
    """J4: cancelled, with the reason; readable on a phone."""
    cancelled = make(600, cancelled_at=timezone.now(), cancel_reason="Snow storm " + "x" * 200)
    address = link(site, cancelled, world.student)
    with browsing(site, viewport=PHONE) as visitor:
        answer = visitor.page.goto(address)
        heading, text = visitor.page.locator("h1").inner_text(), visitor.page.locator("main").inner_text()
        visitor.wrong = [line for line in visitor.wrong if "400" not in line]  # the browser's own note of the status
        is_sound(visitor)
    assert answer is not None
    assert answer.status == 400
    assert heading == "This class is cancelled"
    assert "Snow storm" in text


def test_the_docs_and_the_admin_work_under_their_policies(site, with_passwords, make):
    """O1, R6: Swagger draws the whole API from here; the admin's forms run their scripts; nothing is refused."""
    live_class = make(600)
    with browsing(site) as visitor:
        page = visitor.page
        docs = page.goto(f"{site}/v1/docs")
        expect(page.locator(".opblock").first).to_be_visible(timeout=30_000)
        operations = page.locator(".opblock").count()
        page.goto(f"{site}/admin/")
        page.fill("#id_username", "superuser@example.org")
        page.fill("#id_password", "pass-word-9")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{site}/admin/")
        admin = page.goto(f"{site}/admin/events/liveclass/{live_class.pk}/change/")
        expect(page.locator(".datetimeshortcuts").first).to_be_visible()  # drawn by the admin's own scripts
        wrong = visitor.wrong
    assert wrong == []
    assert operations > 40
    assert docs is not None
    assert admin is not None
    assert "script-src" not in docs.headers["content-security-policy"]
    assert "unsafe" not in admin.headers["content-security-policy"]
