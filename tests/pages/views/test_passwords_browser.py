"""The password form in a real browser: on a phone, by keyboard, without JavaScript."""

import datetime

import pytest
from playwright.sync_api import sync_playwright

from breathecode.authenticate.domain.tokens import issue_token
from breathecode.authenticate.models import Token, User
from tests.support.database import database_url
from tests.support.servers import chromium_path, web_server

pytestmark = pytest.mark.any_database


@pytest.mark.django_db(transaction=True)
def test_choosing_a_password_by_keyboard(static_files):
    """U4: without JavaScript, on a narrow screen, by keyboard alone; only the first request knows the key."""
    person = User.objects.create_user("new@example.org")
    purpose, lifetime = Token.Purpose.INVITATION, datetime.timedelta(hours=1)
    key, _token = issue_token(user=person, purpose=purpose, lifetime=lifetime)
    with web_server({"DATABASE_URL": database_url()}) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        page = browser.new_page(java_script_enabled=False, viewport={"width": 320, "height": 640})
        requests = []
        page.on("request", lambda request: requests.append(request))  # noqa: PLW0108  (it takes no built-in function)
        page.goto(f"{server.url}/invite/{key}")
        form = page.url
        wide = page.locator("main").bounding_box()
        page.keyboard.press("Tab")  # to the address, which can be read but not changed
        page.keyboard.press("Tab")
        page.keyboard.type("blue-Cactus-41")
        page.keyboard.press("Tab")
        page.keyboard.type("blue-Cactus-41")
        page.keyboard.press("Enter")
        page.wait_for_url("**/password/chosen")
        heading = page.locator("h1").inner_text()
        knowing = [request.url for request in requests if key in request.url + str(request.all_headers())]
        credentials = {"email": "new@example.org", "password": "blue-Cactus-41"}
        signed_in = page.request.post(f"{server.url}/v1/auth/login", data=credentials).status
        browser.close()
    assert form == f"{server.url}/password/choose"
    assert heading == "Your password is saved"
    assert wide is not None
    assert wide["width"] <= 320
    assert knowing == [f"{server.url}/invite/{key}"]
    assert signed_in == 200
