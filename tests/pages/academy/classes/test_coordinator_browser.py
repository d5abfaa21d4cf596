"""A coordinator in a real browser: a series moved and taken back, a substitute, a class made up (P1, P4, P5, P8)."""

import datetime

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect, sync_playwright

from breathecode.events.models import LiveClass
from breathecode.schedules.domain.generation import build_time_slot
from tests.support.database import database_url
from tests.support.gallery import picture_path
from tests.support.servers import chromium_path, web_server

pytestmark = pytest.mark.any_database


@pytest.fixture
def tomorrow(world):
    """The first class after tomorrow's noon, of a time slot that has one each day."""
    today = timezone.now().date()
    world.cohort.kickoff_date, world.cohort.ending_date = today, today + datetime.timedelta(days=20)
    world.cohort.save()
    slot = world.time_slot(recurrency_type="DAILY", starting_at=1400, ending_at=1600)
    build_time_slot(time_slot_id=slot.pk, now=timezone.now())
    soonest = timezone.now() + datetime.timedelta(days=1)
    return LiveClass.objects.filter(cohort_time_slot=slot, starting_at__gt=soonest).earliest("starting_at")


def move_the_series_and_take_it_back(page, picture):
    page.get_by_role("link", name="Cohorts").click()
    page.get_by_role("link", name="Web Development").click()
    page.get_by_role("link", name="Time slots", exact=True).click()
    page.get_by_role("link", name="Change the time slot at 14:00").click()
    page.get_by_label("Starts at").fill("09:00")
    page.get_by_label("Ends at").fill("11:00")
    page.get_by_role("button", name="Show what changes").click()
    expect(page.get_by_text("Moved classes")).to_be_visible()
    page.get_by_role("button", name="Change the time slot").click()
    page.get_by_role("button", name="Undo this change").click()
    page.get_by_role("button", name="Undo the change").click()
    expect(page.get_by_text("The change is taken back.")).to_be_visible()
    picture("series")


def find_a_substitute(page, picture):
    page.get_by_role("link", name="Substitute").click()
    picture("substitute")
    page.get_by_role("button", name="Make staff_teacher@example.org the substitute").click()
    expect(page.get_by_text("staff_teacher@example.org teaches this class")).to_be_visible()


def cancel_and_make_up(page, picture):
    page.get_by_label("Change this class").get_by_role("link", name="Cancel").click()
    page.get_by_label("Reason").fill("The teacher is ill")
    page.get_by_role("button", name="Cancel this class").click()
    expect(page.get_by_text("The class is cancelled.")).to_be_visible()
    page.get_by_role("link", name="Make up for it").click()
    picture("make-up")
    page.get_by_role("button", name="Choose ").first.click()
    expect(page.get_by_text("No holiday and no other class")).to_be_visible()
    picture("make-up-plan")
    page.get_by_role("button", name="Add the class").click()
    expect(page.get_by_text("The class that makes up for it is planned")).to_be_visible()
    picture("made-up")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)], ids=["laptop", "phone"])
def test_a_coordinators_day(world, tomorrow, static_files, size):
    """P1, P4, P5, P8, W6: from the board by links and buttons alone, with real background tasks."""
    client = Client()
    client.force_login(world.coordinator)
    session = client.cookies["sessionid"].value
    environment = {"DATABASE_URL": database_url(), "SECRET_KEY": settings.SECRET_KEY}
    day = tomorrow.starting_at.date().isoformat()
    with web_server(environment) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, timezone_id="America/New_York")
        context.add_cookies([{"name": "sessionid", "value": session, "url": server.url}])
        page = context.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))

        def picture(name):
            if target := picture_path(f"coordinator-{name}-{size[0]}.png"):
                page.screenshot(path=target, full_page=True)

        page.goto(f"{server.url}/academy/downtown-miami")
        move_the_series_and_take_it_back(page, picture)
        page.get_by_label("Downtown Miami").get_by_role("link", name="Calendar").click()
        page.goto(f"{server.url}/academy/downtown-miami/calendar?view=day&date={day}")
        picture("day")
        page.locator("ul.classes").get_by_role("link", name="Web Development").first.click()
        find_a_substitute(page, picture)
        cancel_and_make_up(page, picture)
        browser.close()
    assert problems == []
    missed = LiveClass.objects.get(pk=tomorrow.pk)
    instead = LiveClass.objects.get(replaces=missed)
    assert (missed.cancel_reason, missed.starting_at) == ("The teacher is ill", tomorrow.starting_at)
    assert missed.teacher == instead.teacher == world.staff_teacher
