"""A coordinator moves a series of classes in a real browser, and takes it back (rules P1, P8, T6)."""

import datetime
from zoneinfo import ZoneInfo

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
def slot(world):
    """Two months of classes from today on, by the document's time slot."""
    today = timezone.now().date()
    world.cohort.kickoff_date, world.cohort.ending_date = today, today + datetime.timedelta(days=60)
    world.cohort.save()
    made = world.time_slot(recurrency_type="DAILY", interval=7)
    build_time_slot(time_slot_id=made.pk, now=timezone.now())
    return made


def hours(slot):
    zone = ZoneInfo(slot.timezone)
    coming = LiveClass.objects.filter(
        cohort_time_slot=slot, starting_at__gt=timezone.now() + datetime.timedelta(days=2)
    )
    return {f"{start.astimezone(zone):%H:%M}" for start in coming.values_list("starting_at", flat=True)}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)], ids=["laptop", "phone"])
def test_moving_a_series_and_taking_it_back(world, slot, static_files, size):
    """P1, P8, T6: live preview, plan, change, undo with its plan; the classes move there and back."""
    client = Client()
    client.force_login(world.coordinator)
    session = client.cookies["sessionid"].value
    environment = {"DATABASE_URL": database_url(), "SECRET_KEY": settings.SECRET_KEY}
    with web_server(environment) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, timezone_id="Europe/Madrid")
        context.add_cookies([{"name": "sessionid", "value": session, "url": server.url}])
        page = context.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"{server.url}/academy/downtown-miami/cohorts")
        page.get_by_role("link", name="Web Development").click()
        page.get_by_role("link", name="Time slots", exact=True).click()
        page.get_by_role("link", name="Change the time slot at 14:00").click()
        page.get_by_label("Starts at").fill("09:00")
        page.get_by_label("Ends at").fill("11:00")
        page.get_by_label("Ends at").blur()
        expect(page.locator("#preview time").first).to_be_visible()
        page.get_by_role("button", name="Show what changes").click()
        expect(page.get_by_text("Moved classes")).to_be_visible()
        picture(page, "plan", size)
        page.get_by_role("button", name="Change the time slot").click()
        expect(page.get_by_text("The time slot is changed")).to_be_visible()
        picture(page, "undo", size)
        expect(page.get_by_role("link", name="Change the time slot at 09:00")).to_be_visible()
        page.get_by_role("button", name="Undo this change").click()
        page.get_by_role("button", name="Undo the change").click()
        expect(page.get_by_text("The change is taken back.")).to_be_visible()
        expect(page.get_by_role("link", name="Change the time slot at 14:00")).to_be_visible()
        browser.close()
    assert problems == []
    assert hours(slot) == {"14:00"}


def picture(page, name, size):
    if target := picture_path(f"cohort-{name}-{size[0]}.png"):
        page.screenshot(path=target, full_page=True)
