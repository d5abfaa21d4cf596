"""Reports in a real browser, with long and right-to-left names (rules V2, A5, S5)."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect, sync_playwright

from breathecode.feedback.models import Answer
from tests.pages.test_pages import SIZES, serious
from tests.support.database import database_url
from tests.support.gallery import picture_path
from tests.support.servers import chromium_path, web_server

pytestmark = pytest.mark.any_database

LONG = "Fundamentos de Programación y Desarrollo Web Full Stack"
RTL = "عبد الرحمن بن محمد الأندلسي"


@pytest.fixture
def addresses(world, random_cohorts):
    """Of the pages with figures, by name."""
    facts, rows = random_cohorts(1, 2, weeks=16, students=12, name=f"{LONG} {RTL}", first_name=RTL, last_name=LONG)
    Answer.objects.filter(answered_at__isnull=False).update(comment=f"{RTL} {'muy' * 60}")
    academy, cohort = world.miami.slug, facts[0].slot.cohort.slug
    return {
        "reports": reverse("reports", args=[academy]) + "?since=2024-11-04&until=2025-03-05",
        "attendance": reverse("cohort-attendance", args=[academy, cohort]),
        "surveys": reverse("cohort-surveys", args=[academy, cohort]),
        "class": reverse("class", args=[rows[0][0].pk]),
    }


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_they_hold_on_every_screen(world, addresses, static_files):
    """V2: nothing is wider than the screen or runs, axe finds nothing serious, names stay beside scrolled marks."""
    client = Client()
    client.force_login(world.coordinator)
    session = client.cookies["sessionid"].value
    found: list[str] = []
    environment = {"DATABASE_URL": database_url(), "SECRET_KEY": settings.SECRET_KEY}
    with web_server(environment) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        page = browser.new_page()
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": server.url}])
        page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
        for name, path in addresses.items():
            page.goto(server.url + path)
            for width, height in SIZES.items():
                page.set_viewport_size({"width": width, "height": height})
                found += [f"{name} {width}: {problem}" for problem in look_at(page, name, width)]
        name_stays_beside_marks(page, server.url + addresses["attendance"])
        browser.close()
    assert found == []


def look_at(page, name, width):
    """The colours are the same at both widths: axe looks at each scheme once."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        yield from serious(page) if (scheme == "dark") == (width == max(SIZES)) else ()
        if target := picture_path(f"full-{name}-{width}-{scheme}.png"):
            page.screenshot(path=target, full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        yield f"{wide} pixels wide"


def name_stays_beside_marks(page, address):
    """On a phone: the marks are scrolled in their own box, by keyboard too."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address)
    box, name = page.get_by_role("region", name="Attendance"), page.get_by_role("rowheader").first
    before = name.bounding_box()
    box.evaluate("element => element.scrollLeft = 400")
    assert name.bounding_box() == before
    box.focus()
    expect(box).to_be_focused()
    assert before["x"] + before["width"] < 390 * 0.6
