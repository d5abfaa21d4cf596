"""An admin imports forty people in a real browser, and one of them comes to their first class by the mail (U4, J1)."""

import datetime
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect, sync_playwright

from breathecode.admissions.models import CohortUser
from breathecode.events.models import ClassJoin, LiveClass
from tests.support.database import database_url
from tests.support.gallery import picture_path
from tests.support.product import until
from tests.support.servers import chromium_path, web_server

PEOPLE = ["email,first_name,last_name,role", *(f"p{n}@example.org,Pia {n},Ruiz,student" for n in range(40))]
ROOM = "https://meet.example.com/loops"


@pytest.fixture
def session(world):
    client = Client()
    client.force_login(world.admin)
    return client.cookies["sessionid"].value


@pytest.fixture
def environment(smtp_sink):
    """Of a server that sends to the mail server of the test."""
    return {"DATABASE_URL": database_url(), "SECRET_KEY": settings.SECRET_KEY, "EMAIL_URL": smtp_sink.url}


@pytest.fixture
def running_class(world):
    """A class of the cohort that has begun, in the room."""
    world.cohort.online_meeting_url = ROOM
    world.cohort.save()
    now = timezone.now()
    times = {"starting_at": now - datetime.timedelta(minutes=5), "ending_at": now + datetime.timedelta(hours=1)}
    return LiveClass.objects.create(cohort_time_slot=world.time_slot(), title="Loops", started_at=now, **times)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)], ids=["laptop", "phone"])
def test_from_a_file_to_the_first_join(
    world, session, environment, running_class, smtp_sink, static_files, tmp_path, size
):
    """U4, U7, J1: a bad line is named, mended, imported; the invitation's mail leads to a password and to the room."""
    file = tmp_path / "people.csv"
    with web_server(environment) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        options: dict[str, Any] = {"viewport": {"width": size[0], "height": size[1]}, "timezone_id": "America/New_York"}
        context = browser.new_context(**options)
        context.add_cookies([{"name": "sessionid", "value": session, "url": server.url}])
        problems: list[str] = []
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        import_people(page, server.url, file, size)
        until(lambda: len(smtp_sink.messages) >= 40, seconds=60)
        page.reload()
        expect(page.get_by_text("Invitation sent")).to_have_count(40)
        picture(page, "people-imported", size)
        context.close()
        student = browser.new_context(**options).new_page()
        student.on("pageerror", lambda error: problems.append(str(error)))
        student.route(f"{ROOM}**", lambda route: route.fulfill(body="<!doctype html><title>The room</title>"))
        join_by_the_mail(student, smtp_sink, size)
        browser.close()
    assert problems == []
    assert ClassJoin.objects.get(live_class=running_class).user.email == "p7@example.org"
    assert CohortUser.objects.filter(cohort=world.cohort, user__email__startswith="p").count() == 40


def import_people(page, url, file, size):
    page.goto(f"{url}/academy/downtown-miami")
    page.get_by_role("link", name="People", exact=True).click()
    page.get_by_role("link", name="Import a file").click()
    page.get_by_label("Cohort").select_option(label="Web Development")
    file.write_text("\n".join([*PEOPLE[:20], "pia-at-example,Pia,Ruiz,student", *PEOPLE[21:]]))
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Show what would happen").click()
    expect(page.get_by_text("1 line cannot be imported.")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^21 "))).to_contain_text("is not a valid e-mail address")
    picture(page, "people-import-errors", size)
    file.write_text("\n".join(PEOPLE))
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Show what would happen").click()
    expect(page.get_by_role("heading", name="Import 40 people into Web Development?")).to_be_visible()
    picture(page, "people-import-preview", size)
    page.get_by_role("button", name="Import 40 people").click()
    expect(page.get_by_text("40 people added to Web Development.")).to_be_visible()
    expect(page.locator(".state.waiting")).to_have_count(40)


def join_by_the_mail(page, mail_server, size):
    [message] = [message for message in mail_server.messages if "p7@example.org" in message["To"]]
    text = message.get_body(("plain",)).get_content()
    [link] = re.findall(r"http://\S+/invite/\w+", text)
    page.goto(link)
    for field in page.locator("input[type=password]").all():
        field.fill("blue-Cactus-41")
    picture(page, "invitation", size)
    page.get_by_role("button").last.click()
    page.wait_for_url("**/password/chosen")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("E-mail").fill("p7@example.org")
    page.get_by_label("Password").fill("blue-Cactus-41")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Loops").first).to_be_visible()
    assert urlsplit(page.url).path == "/"
    picture(page, "first-home", size)
    page.get_by_role("link", name="Join").first.click()
    page.wait_for_url(f"{ROOM}**")


def picture(page, name, size):
    if target := picture_path(f"{name}-{size[0]}.png"):
        page.screenshot(path=target, full_page=True)
