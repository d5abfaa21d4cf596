"""An admin imports public holidays and lays a template over two cohorts, in a real browser (rules P9, P11, P1)."""

import datetime

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect, sync_playwright

from breathecode.admissions.models import Cohort, CohortTimeSlot, Holiday, Syllabus
from breathecode.events.models import LiveClass
from breathecode.schedules.domain.generation import build_time_slot
from breathecode.schedules.models import ScheduleTemplate
from tests.support.database import database_url
from tests.support.gallery import picture_path
from tests.support.servers import chromium_path, web_server

pytestmark = pytest.mark.any_database


@pytest.fixture
def cohorts(world):
    """Two, from today on for a year and a month, the first with a class every day."""
    today = timezone.now().date()
    fields = {"kickoff_date": today, "ending_date": today + datetime.timedelta(days=400), "stage": "STARTED"}
    Cohort.objects.filter(pk=world.cohort.pk).update(**fields)
    world.cohort.refresh_from_db()
    other = Cohort.objects.create(academy=world.miami, slug="night", name="Night School", **fields)
    slot = world.time_slot(recurrency_type="DAILY")
    build_time_slot(time_slot_id=slot.pk, now=timezone.now())
    syllabus = Syllabus.objects.create(academy=world.miami, slug="full-stack", name="Full Stack")
    hours = [{"starting_at": 1800, "ending_at": 2000, "weekdays": ["TU", "TH"]}]
    ScheduleTemplate.objects.create(syllabus=syllabus, name="Evenings", slots=hours)
    return [world.cohort, other]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)], ids=["laptop", "phone"])
def test_holidays_and_a_template(world, cohorts, static_files, size):
    """P9, P11, P1: both with their plan first; classes on the holidays are cancelled, both cohorts get the hours."""
    client = Client()
    client.force_login(world.admin)
    session = client.cookies["sessionid"].value
    year = timezone.now().year + 1
    environment = {"DATABASE_URL": database_url(), "SECRET_KEY": settings.SECRET_KEY}
    with web_server(environment) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, timezone_id="Europe/Madrid")
        context.add_cookies([{"name": "sessionid", "value": session, "url": server.url}])
        page = context.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"{server.url}/academy/downtown-miami")
        page.get_by_role("link", name="Settings").click()
        import_holidays(page, year, size)
        lay_template(page, size)
        browser.close()
    assert problems == []
    new_year = LiveClass.objects.get(cohort=world.cohort, planned_date=datetime.date(year, 1, 1))
    assert new_year.cancel_reason == "New Year's Day"
    assert Holiday.objects.filter(starts_on__year=year).count() > 8
    given = CohortTimeSlot.objects.filter(starting_at=1800).order_by("cohort")
    assert [(slot.cohort, slot.weekdays) for slot in given] == [(cohort, ["TU", "TH"]) for cohort in cohorts]
    assert LiveClass.objects.filter(cohort_time_slot__in=given).count() > 100


def import_holidays(page, year, size):
    page.get_by_role("link", name="Holidays", exact=True).click()
    page.get_by_role("link", name="Import holidays").click()
    page.get_by_label("Country").select_option(label="United States")
    page.get_by_role("button", name="Choose this country").click()
    page.get_by_label("Region").select_option(label="Florida")
    page.get_by_label("Year").fill(str(year))
    page.get_by_role("button", name="Show the public holidays").click()
    expect(page.get_by_text("Christmas Day").first).to_be_visible()
    expect(page.get_by_text("Cancelled classes")).to_be_visible()
    picture(page, "import", size)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("The holidays are imported.")).to_be_visible()
    expect(page.get_by_role("link", name="Change Christmas Day", exact=True)).to_be_visible()


def lay_template(page, size):
    page.get_by_role("link", name="Schedule templates").click()
    page.get_by_role("link", name="Apply to cohorts").click()
    page.get_by_label("Web Development").check()
    page.get_by_label("Night School").check()
    page.get_by_role("button", name="Show what changes").click()
    expect(page.get_by_text("New classes")).to_be_visible()
    picture(page, "laying", size)
    page.get_by_role("button", name="Add the time slots").click()
    expect(page.get_by_text("The time slots are added")).to_be_visible()


def picture(page, name, size):
    if target := picture_path(f"settings-{name}-{size[0]}.png"):
        page.screenshot(path=target, full_page=True)
