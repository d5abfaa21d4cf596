"""A browser whose visits are watched, and a room on another origin that stands in for the meeting's."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Error, Page, Request, sync_playwright

from tests.support.servers import chromium_path


class Room(BaseHTTPRequestHandler):
    """Stands in for the meeting's own page, on another origin; keeps what it was told."""

    visits: list[dict[str, str]] = []

    def do_GET(self) -> None:
        if self.path == "/room":
            Room.visits.append({name.lower(): value for name, value in self.headers.items()})
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>The room</title><link rel=icon href='data:,'>")

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


class Visitor:
    """A page, and what went wrong on it: errors in the console, and requests to other places than ours."""

    def __init__(self, page: Page, allowed: set[str]) -> None:
        self.page, self.allowed = page, allowed
        self.wrong: list[str] = []
        page.on("console", self.heard)
        page.on("pageerror", self.failed)
        page.on("request", self.asked)

    def heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.wrong.append(message.text)

    def failed(self, error: Error) -> None:
        self.wrong.append(str(error))

    def asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme != "data" and parts.netloc not in self.allowed:
            self.wrong.append(request.url)


@contextmanager
def browsing(*addresses: str, **options: Any) -> Iterator[Visitor]:
    """Chromium with one page. No models inside: the browser's own loop runs in this thread."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        context = browser.new_context(**options)
        try:
            yield Visitor(context.new_page(), {urlsplit(address).netloc for address in addresses})
        finally:
            browser.close()


def is_sound(visitor: Visitor) -> None:
    """What every page of ours has: a language, a title, one heading, nothing inline, no scrolling sideways."""
    page = visitor.page
    facts = page.evaluate(
        """() => ({
            lang: document.documentElement.lang,
            headings: document.querySelectorAll("h1").length,
            inline: document.querySelectorAll("script:not([src]), style, [style], [onclick], [onload]").length,
            scrolls: document.documentElement.scrollWidth > document.documentElement.clientWidth,
            unlabelled: [...document.querySelectorAll("input:not([type=hidden])")].filter(i => !i.labels.length).length,
            images: [...document.images].filter(image => !image.alt).length,
        })"""
    )
    assert facts.pop("lang") in {"en", "es"}
    assert facts == {"headings": 1, "inline": 0, "scrolls": False, "unlabelled": 0, "images": 0}
    assert page.title()
    assert visitor.wrong == []
