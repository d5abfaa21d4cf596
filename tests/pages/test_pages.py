"""What holds of every page, by the table in tests/support/pages.py (rules V1 to V6)."""

import gzip
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import get_resolver, reverse
from playwright.sync_api import sync_playwright

from breathecode.pages.urls import urlpatterns
from tests.support.database import database_url
from tests.support.gallery import picture_path
from tests.support.pages import EVERYBODY, PAGES, PUBLIC, WITHOUT_A_PAGE
from tests.support.queries import captured_queries
from tests.support.servers import chromium_path, web_server

HTML = {"Accept": "text/html,*/*;q=0.8"}
SIZES = {1280: 800, 390: 844}
BROWSERS = 4  # that the pages are shared among
pages = pytest.mark.parametrize("name", PAGES)


def address(name, world):
    page = PAGES[name]
    return reverse(name, args=page.arguments(world)) + page.query


def opened(name, world, person, **headers):
    client = Client(headers={**HTML, **headers})
    if person:
        client.force_login(getattr(world, person))
    return client.get(address(name, world))


def reader_of(name):
    return min(PAGES[name].for_whom)


def test_every_route_has_a_row():
    """V1: a new page is in the table, or it is public."""
    names = {pattern.name for pattern in urlpatterns if pattern.name}
    assert names == set(PAGES) | PUBLIC | WITHOUT_A_PAGE


@pages
def test_who_opens_it(name, world):
    """V1: 200 for those it is for, and the same 404 page for everybody else; the signed-out sign in and come back."""
    unknown = Client(headers=HTML)
    for person in sorted(EVERYBODY):
        answer = opened(name, world, person)
        if person in PAGES[name].for_whom:
            assert answer.status_code == 200, (person, answer.content[:500])
            continue
        unknown.force_login(getattr(world, person))
        nowhere = unknown.get("/academy/no-such-academy")
        assert (answer.status_code, without_tokens(answer)) == (404, without_tokens(nowhere)), person
    answer = opened(name, world, None)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in?next=%2F")


def without_tokens(answer):
    return re.sub(r'value="\w{64}"', "", answer.content.decode())


@pages
def test_its_html(name, world):
    """V2: language, viewport, a title, one h1, a main, a label for each field, nothing inline, a strict policy."""
    answer = opened(name, world, reader_of(name))
    html = answer.content.decode()
    assert '<html lang="en"' in html
    assert '<meta name="viewport"' in html
    assert re.search(r"<title>\s*\S", html)
    assert len(re.findall(r"<h1[ >]", html)) == 1
    assert len(re.findall(r"<main[ >]", html)) == 1
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", html)
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    assert unlabelled(html) == []


def unlabelled(html):
    fields = re.findall(r"<(?:input|select|textarea)\b[^>]*>", html)
    shown = [tag for tag in fields if 'type="hidden"' not in tag]
    labels = set(re.findall(r'<label[^>]*\bfor="([^"]+)"', html))
    return [
        tag
        for tag in shown
        if ("aria-label" not in tag and (m := re.search(r'\bid="([^"]+)"', tag)) is None) or (m and m[1] not in labels)
    ]


@pages
def test_opening_it_changes_nothing(name, world):
    """V3: a GET writes no row."""
    path, client = address(name, world), Client(headers=HTML)
    client.force_login(getattr(world, reader_of(name)))
    with captured_queries() as statements:
        client.get(path)
    writes = [sql for sql in statements if re.match(r"INSERT|UPDATE|DELETE", sql) and "django_session" not in sql]
    assert [sql for sql in writes if "last_login" not in sql] == []


@pages
def test_a_form_without_a_token(name, world):
    """V3: what changes something needs a CSRF token, and is refused as a page that says so."""
    client = Client(headers=HTML, enforce_csrf_checks=True)
    client.force_login(getattr(world, reader_of(name)))
    assert client.post(address(name, world)).status_code == 403


@pages
def test_its_moments(name, world, make_class):
    """V4: each is a `<time datetime="…Z">`."""
    make_class()
    html = opened(name, world, reader_of(name)).content.decode()
    moments = re.findall(r"<time\b[^>]*>", html)
    assert all(re.search(r'datetime="[\d-]+T[\d:]+Z"', tag) for tag in moments)


@pages
def test_its_language(name, world):
    """V5: the browser's, and `lang` says which."""
    html = opened(name, world, reader_of(name), **{"Accept-Language": "es-MX"}).content.decode()
    assert '<html lang="es"' in html
    assert "Cerrar sesión" in html


@pages
def test_who_is_signed_in_and_what_it_costs(name, world):
    """V6: the reader's address and a sign-out form, at most 12 queries and 60 KB."""
    person, path = reader_of(name), address(name, world)
    client = Client(headers=HTML)
    client.force_login(getattr(world, person))
    with captured_queries() as statements:
        answer = client.get(path)
    html = answer.content.decode()
    assert f"{person}@example.org" in html
    assert re.search(r'<form method="post" action="/sign-out">', html)
    assert len(statements) <= 12
    assert len(gzip.compress(answer.content)) < 60 * 1024


@pytest.mark.any_database
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(300)
@pytest.mark.parametrize("names", [list(PAGES)[part::BROWSERS] for part in range(BROWSERS)], ids=lambda names: names[0])
def test_axe_finds_nothing_serious(world, make_class, static_files, names):
    """V2: on every page, on a phone and a laptop, light and dark; nothing is wider than the screen."""
    make_class(start=1, title="A class with a long title, as schools like to write them: HTML, CSS and JavaScript")
    found: list[str] = []
    # Before the browser starts, whose loop Django takes for its own.
    visits = {name: (address(name, world), session_of(getattr(world, reader_of(name)))) for name in names}
    environment = {"DATABASE_URL": database_url(), "SECRET_KEY": settings.SECRET_KEY}  # which sessions depend on
    with web_server(environment) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        for name, (path, session) in visits.items():
            context = browser.new_context()
            context.add_cookies([{"name": "sessionid", "value": session, "url": server.url}])
            page = context.new_page()
            for width, height in SIZES.items():
                page.set_viewport_size({"width": width, "height": height})
                answer = page.goto(server.url + path)
                assert answer
                assert (answer.status, page.url) == (200, server.url + path)
                for scheme in ("light", "dark"):
                    page.emulate_media(color_scheme=scheme)
                    found += [f"{name} {width} {scheme}: {problem}" for problem in serious(page)]
                    if target := picture_path(f"{name}-{width}-{scheme}.png"):
                        page.screenshot(path=target, full_page=True)
                wide = page.evaluate("document.documentElement.scrollWidth")
                found += [f"{name} {width}: {wide} pixels wide"] if wide > width else []
            context.close()
        browser.close()
    assert found == []


def session_of(person):
    client = Client()
    client.force_login(person)
    return client.cookies["sessionid"].value


def serious(page):
    violations = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {violation['nodes'][0]['html'][:200]}"
        for violation in violations
        if violation["impact"] in ("serious", "critical")
    ]


def test_the_names_resolve():
    """V1: the table names routes that exist."""
    known = get_resolver().reverse_dict
    assert all(name in known for name in PAGES)
