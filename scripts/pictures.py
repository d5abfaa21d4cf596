"""Takes the pictures of README.md from the demo: `make pictures`.

It serves the demo to a browser, on a free port and with a database of its own, on a Wednesday morning that is always
the same, so that two runs show the same classes.
"""

from __future__ import annotations

import datetime
import os
import runpy
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import time_machine
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "pictures"
# 9:05 in New York: the morning class of the demo has just begun.
MOMENT = datetime.datetime(2026, 11, 18, 14, 5, tzinfo=datetime.UTC)
MAX_SIZE = 60 * 1024  # bytes of a picture in the repository
START_SECONDS = 60


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as url, sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, (os.environ.get("CHROMIUM", "chromium"), "chromium-browser"))), None)
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        start_class(browser, url)
        take(signed_in(browser, url, "Ava Collins", size=(390, 600)), "student.png")
        take(signed_in(browser, url, "Marcus Reed", size=(900, 520)), "board.png")
        browser.close()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The URL of a server with the demo, loaded and served at MOMENT."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://localhost:{port}"
    environment = {
        **os.environ, "PORT": str(port), "PUBLIC_URL": url, "DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}",
        "ALLOWED_HOSTS": "localhost", "CELERY_BROKER_URL": "", "CACHE_URL": "", "EMAIL_URL": "consolemail://console",
        "SECRET_KEY": secrets.token_urlsafe(64), "DJANGO_SETTINGS_MODULE": "breathecode.settings.base",
    }  # fmt: skip
    environment = {name: value for name, value in environment.items() if value}
    for arguments in (["migrate", "-v", "0"], ["collectstatic", "--noinput", "-v", "0"], ["demo"]):
        if code := start("manage.py", *arguments, environment=environment).wait():
            raise SystemExit(f"manage.py {arguments[0]} failed: {code}")
    server = start("gunicorn", "-c", "gunicorn.conf.py", "breathecode.asgi", environment=environment)
    try:
        wait_for(f"{url}/healthz")
        yield url
    finally:
        server.terminate()
        server.wait()


def start(*command: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """A program whose clock begins at MOMENT: this script with `--then`."""
    arguments = [sys.executable, __file__, "--then", *command]
    return subprocess.Popen(arguments, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


def run_then(program: str, *arguments: str) -> None:
    """In the process that `start` began."""
    sys.path.insert(0, str(ROOT))
    sys.argv = [program, *arguments]
    time_machine.travel(MOMENT, tick=True).start()
    if program.endswith(".py"):
        runpy.run_path(str(ROOT / program), run_name="__main__")
    else:
        runpy.run_module(program, run_name="__main__")


def wait_for(url: str) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310  (http, see `served`)
            return
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def signed_in(browser: Browser, url: str, name: str, *, size: tuple[int, int]) -> Page:
    """What this user of the demo sees after the click on their name."""
    width, height = size
    viewport = {"width": width, "height": height}
    context = browser.new_context(viewport=viewport, timezone_id="America/New_York")  # type: ignore[arg-type]
    page = context.new_page()
    page.clock.set_fixed_time(MOMENT)
    page.goto(url)
    page.get_by_role("button", name=name).click()
    page.wait_for_load_state("networkidle")
    return page


def start_class(browser: Browser, url: str) -> None:
    """By the teacher's join, as in life."""
    page = signed_in(browser, url, "Elena Brooks", size=(900, 600))
    link = page.get_by_role("link", name="Join").first.get_attribute("href")
    answer = page.request.get(str(link), max_redirects=0)
    if answer.status != 302:
        raise SystemExit(f"The teacher could not join: {answer.status}")


def take(page: Page, name: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    picture = page.screenshot(path=FOLDER / name, animations="disabled")
    if len(picture) > MAX_SIZE:
        raise SystemExit(f"{name} has {len(picture)} bytes; more than {MAX_SIZE} have no place in the repository.")
    print(f"docs/pictures/{name}: {len(picture)} bytes")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--then"]:
        run_then(*sys.argv[2:])
    else:
        main()
