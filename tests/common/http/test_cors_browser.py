"""A page of another origin reads the API, in a real browser (rule H9)."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import sync_playwright

from breathecode.authenticate.domain.tokens import sign_in
from tests.support.database import database_url
from tests.support.servers import chromium_path, web_server

pytestmark = [pytest.mark.any_database, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


class FrontEnd(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>A front end</title><link rel=icon href='data:,'>")

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def front_end():
    server = ThreadingHTTPServer(("127.0.0.1", 0), FrontEnd)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


READ = """async ([url, options]) => {
    try {
        const answer = await fetch(url, options)
        const seen = name => answer.headers.get(name)
        return {status: answer.status, body: await answer.json(), link: seen("Link"), total: seen("X-Total-Count"),
                perPage: seen("X-Per-Page")}
    } catch (problem) { return String(problem) }
}"""


def test_a_page_of_another_origin_reads_and_writes(world, front_end):
    """H9: lists with their page headers, a PUT after its preflight, errors; a page of a third origin reads nothing."""
    headers = {
        "Authorization": f"Token {sign_in(user=world.admin)[0]}",
        "Academy": str(world.miami.pk),
        "Content-Type": "application/json",
    }
    env = {"DATABASE_URL": database_url(), "CORS_ALLOWED_ORIGINS": front_end}
    with web_server(env) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        page = browser.new_page()

        def read(path, **options):
            return page.evaluate(READ, [server.url + path, {"headers": headers, **options}])

        page.goto(front_end)
        listed = read("/v1/admissions/academy/cohort?limit=1")
        written = read("/v1/admissions/academy/cohort/web-dev", method="PUT", body='{"name": "Evening"}')
        missing = read("/v1/admissions/academy/cohort/nowhere")
        page.goto(front_end.replace("127.0.0.1", "localhost"))
        refused = read("/v1/admissions/academy/cohort")
        browser.close()
    assert (listed["status"], listed["total"], listed["perPage"]) == (200, "1", "1")
    assert 'rel="first"' in listed["link"]
    assert (written["status"], written["body"]["name"]) == (200, "Evening")
    assert (missing["status"], missing["body"]["slug"]) == (404, "not-found")
    assert refused == "TypeError: Failed to fetch"
