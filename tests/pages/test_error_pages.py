"""The small pages that say what is wrong: complete, in both languages, with a way onward (rules H3, V2, V5, O6)."""

import re
from urllib.parse import urlencode

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404
from django.test import Client

from breathecode.pages.views.home import HomeView

HTML = {"Accept": "text/html,*/*;q=0.8"}
PAGES = {
    403: (PermissionDenied(), "You cannot open this page", "No puedes abrir esta página"),
    404: (Http404(), "Page not found", "Página no encontrada"),
    500: (RuntimeError("secret"), "Something went wrong", "Algo ha fallado"),
    503: (OperationalError("secret"), "Not available right now", "No disponible en este momento"),
}


def browser(person=None, **options):
    client = Client(headers=HTML, raise_request_exception=False, **options)
    if person:
        client.force_login(person)
    return client


def check_is_a_page(page, heading, language):
    assert f'<html lang="{language}">' in page
    assert f"<title>{heading}</title>" in page
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", page) == [heading]
    assert page.count("<main") == 1
    assert "secret" not in page
    return re.findall(r'<a class="button[^"]*" href="([^"]*)"', page)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("status", PAGES)
def test_each_of_them(world, monkeypatch, status, language):
    """H3, V2, V5, O6: title, heading, language, a link onward; who could try again has a link for it."""
    error, *headings = PAGES[status]

    def broken(self, request):
        raise error

    monkeypatch.setattr(HomeView, "get", broken)
    answer = browser(world.student).get("/", headers={"Accept-Language": language})
    assert answer.status_code == status
    links = check_is_a_page(answer.content.decode(), headings[language == "es"], language)
    assert links == (["", "/"] if status >= 500 else ["/"])
    assert answer.headers.get("Retry-After") == ("5" if status == 503 else None)
    assert "no-store" in answer["Cache-Control"]


def test_no_reader_no_database(world, monkeypatch):
    """H3, O6: while the database fails, nothing of the page asks for it: not who reads it, nor their messages."""

    def gone(*arguments, **options):
        raise OperationalError("gone")

    client = browser(world.student)
    monkeypatch.setattr("django.db.models.sql.compiler.SQLCompiler.execute_sql", gone)
    answer = client.get("/calendar")
    assert answer.status_code == 503
    assert check_is_a_page(answer.content.decode(), PAGES[503][1], "en") == ["", "/"]
    assert client.post("/calendar").content.decode().count('href=""') == 0  # what failed would not be sent again


def test_signed_out(db):
    """V1: who might find the page with an account is led to the sign-in."""
    assert check_is_a_page(browser().get("/nowhere").content.decode(), "Page not found", "en") == ["/sign-in"]


@pytest.mark.parametrize(
    ("language", "heading"), [("en", "The form was not sent"), ("es", "No se ha enviado el formulario")]
)
def test_a_form_that_was_open_too_long(world, language, heading):
    """V3, V5: the page of a failed CSRF check, with the reader's bar and a way onward."""
    client = browser(world.student, enforce_csrf_checks=True)
    answer = client.post("/me", headers={"Accept-Language": language})
    assert answer.status_code == 403
    page = answer.content.decode()
    assert check_is_a_page(page, heading, language) == ["/"]
    assert "student@example.org" in page


def test_htmx_of_who_is_signed_out(world):
    """V1: no sign-in page inside of a page: htmx is sent to sign in, and then back to the page it is on."""
    board = f"/academy/{world.miami.slug}"
    at = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{board}?page=2&token=secret"}
    answer = browser().get(board, headers={**at, "Accept": "*/*"})
    assert (answer.status_code, answer.json()["slug"]) == (401, "authentication-required")
    assert answer["HX-Redirect"] == f"/sign-in?{urlencode({'next': f'{board}?page=2'})}"
    answer = browser().get(board, headers={**at, "HX-Current-URL": "https://evil.example/board"})
    assert (answer.status_code, answer["HX-Redirect"]) == (401, "/sign-in?next=%2F")
    answer = browser().get(board, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (401, f"/sign-in?{urlencode({'next': board})}")


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://testserver/calendar?view=week&token=secret", "/calendar?view=week"),
        ("http://testserver/calendar/address", "/"),  # takes forms alone
        ("http://testserver/nowhere", "/"),
        ("http://testserver//evil.example/", "/"),
        ("https://evil.example/calendar", "/"),
        ("", "/"),
    ],
)
def test_a_form_of_who_is_signed_out(world, referer, back):
    """V1: signing in leads back to the page that held the form, and it can be opened."""
    answer = browser().post("/calendar/address", headers={"Referer": referer})
    assert (answer.status_code, answer["Location"]) == (302, f"/sign-in?{urlencode({'next': back})}")
    typed = {"next": back, "email": world.student.email, "password": "pass-word-9"}
    assert browser().post("/sign-in", typed, follow=True).status_code == 200
