"""In which language a page, a mail and the sentence of an error are."""

import inspect
import re
from importlib import import_module

import pytest
from django.contrib.auth.forms import SetPasswordForm
from django.core import mail
from django.test import Client
from django.utils import translation

from breathecode.admissions.models import Cohort
from breathecode.authenticate.models import Academy, AcademyMember, User
from breathecode.common.errors import ApiError
from tests.support.client import error
from tests.support.processes import ROOT

HTML = {"Accept": "text/html"}
JOIN = "/v1/events/me/event/liveclass/join/"


def lang_of(response):
    found = re.search(r'<html lang="(\w+)"', response.content.decode())
    assert found is not None
    assert response["Content-Language"] == found[1]
    return found[1]


@pytest.mark.parametrize(
    ("own", "accepted", "cohort", "expected"),
    [
        ("es", "en", "en", "es"),
        ("en", "es", "es", "en"),
        ("", "es-MX,en;q=0.5", "en", "es"),
        ("", "en;q=0.2, es;q=0.9", "en", "es"),
        ("", "fr", "es", "es"),
        ("", "es;q=0", "en", "en"),
        ("", "*", "es", "es"),
        ("", "", "es", "es"),
        ("", "", "en", "en"),
        ("ES_mx", "en", "en", "es"),
    ],
)
@pytest.mark.usefixtures("clock")
def test_the_language_of_a_join_page(world, make_class, own, accepted, cohort, expected):
    """V5, J1: the person's, else the browser's, else the cohort's; on the countdown and on errors alike."""
    User.objects.filter(pk=world.student.pk).update(language=own)
    Cohort.objects.filter(pk=world.cohort.pk).update(language=cohort)
    client = Client(headers={**HTML, "Accept-Language": accepted} if accepted else HTML)
    client.force_login(world.student)
    for live_class in (make_class(start=5), make_class(start=7, cancelled_at="2025-03-05T00:00:00Z")):
        response = client.get(JOIN + live_class.hash)
        assert lang_of(response) == expected
        assert "Accept-Language" in response["Vary"]


@pytest.mark.usefixtures("clock")
def test_the_academys_language_is_the_last_resort(world, make_class):
    """V5: for a cohort without one; a new cohort takes the academy's over."""
    Academy.objects.filter(pk=world.miami.pk).update(language="es")
    Cohort.objects.filter(pk=world.cohort.pk).update(language="")
    client = Client(headers=HTML)
    client.force_login(world.student)
    assert lang_of(client.get(JOIN + make_class(start=5).hash)) == "es"
    world.miami.refresh_from_db()
    assert Cohort.objects.create(academy=world.miami, slug="new", name="New").language == "es"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/sign-in", "Contraseña"),
        ("/nothing", "Página no encontrada"),
        ("/survey/1?token=x", "Este enlace de encuesta no es válido."),
        ("/survey/999", "Este enlace de encuesta no es válido."),
        ("/reminders/off/x", "Este enlace no es válido."),
        ("/invite/x", "Este enlace no es válido."),
        ("/password/reset", "Elige una contraseña nueva"),
        ("/sign-out", "No has iniciado sesión."),
        (JOIN + "0" * 40, "Iniciar sesión"),
    ],
)
def test_pages_and_their_errors_follow_the_browser(db, path, text):
    """V5: the sentences of errors too, which were once fixed in English before the language was chosen."""
    response = Client(headers={**HTML, "Accept-Language": "es-MX,es"}).get(path, follow=True)
    assert (lang_of(response), text in response.content.decode()) == ("es", True)
    assert lang_of(Client(headers=HTML).get(path, follow=True)) == "en"


def test_an_unknown_class_in_the_readers_own_language(world):
    """V5: the person's own language, without the header and against it."""
    User.objects.filter(pk=world.student.pk).update(language="es")
    client = Client(headers={**HTML, "Accept-Language": "en"})
    client.force_login(world.student)
    for path in (JOIN + "0" * 40, "/nothing", "/"):
        assert lang_of(client.get(path)) == "es", path


@pytest.mark.usefixtures("clock")
def test_signing_in_speaks_as_the_page_that_it_leads_to(world, make_class):
    """V5: the browser's language, else that of the class behind the link."""
    Cohort.objects.filter(pk=world.cohort.pk).update(language="es")
    hash_ = make_class(start=5).hash
    assert lang_of(Client(headers=HTML).get(JOIN + hash_, follow=True)) == "es"
    assert lang_of(Client(headers={**HTML, "Accept-Language": "en"}).get(JOIN + hash_, follow=True)) == "en"
    wrong = {"email": "student@example.org", "password": "x", "next": JOIN + hash_}
    response = Client(headers=HTML).post("/sign-in", wrong)
    assert (lang_of(response), "no son correctos" in response.content.decode()) == ("es", True)
    for path in ("/", "/nothing", JOIN + "x%00", JOIN):
        assert lang_of(Client(headers=HTML).get("/sign-in", {"next": path})) == "en"


def test_the_sentences_of_the_api(call, world):
    """V5: the caller's own language, else the header's, else English; slugs and the documented wording stay."""
    path = "/v1/events/academy/event/liveclass/999"
    who = {"as_": world.admin, "academy": world.miami}
    assert call("GET", path, **who).json()["detail"] == "Live class not found for this academy"
    spanish = call("GET", path, **who, headers={"Accept-Language": "es"})
    assert spanish.json() == {"detail": "Esta academia no tiene esa clase", "slug": "not-found"}
    assert spanish["Content-Language"] == "es"
    User.objects.filter(pk=world.admin.pk).update(language="es")
    own = call("GET", path, **who, headers={"Accept-Language": "en"})
    assert (own.json()["detail"], own["Content-Language"]) == ("Esta academia no tiene esa clase", "es")
    User.objects.filter(pk=world.student.pk).update(language="es")
    refused = call("GET", path, as_=world.student, academy=world.miami)
    assert (error(refused), refused.json()["detail"]) == (
        (403, "not-academy-member"),
        "No eres miembro de esta academia.",
    )
    assert call("GET", path, as_=world.coordinator, academy=world.miami)["Content-Language"] == "en"


def test_the_schema_is_english_for_everybody(call, world):
    """V5, O1: it is one document, whoever asks for it first."""
    spanish = call("GET", "/v1/schema?format=json", headers={"Accept-Language": "es"})
    assert spanish.content == call("GET", "/v1/schema?format=json").content
    assert spanish["Content-Language"] == "en"


@pytest.mark.parametrize(
    ("own", "cohort", "academy", "expected"),
    [("en", "es", "es", "en"), ("", "es", "en", "es"), ("", None, "es", "es"), ("", None, "en", "en")],
)
def test_the_language_of_an_invitation(call, world, own, cohort, academy, expected):
    """V5, U4: the person's, else the cohort's, else the academy's; students and staff alike."""
    Academy.objects.filter(pk=world.miami.pk).update(language=academy)
    who = {"as_": world.admin, "academy": world.miami}
    body = {"email": "new@example.org"}
    if cohort:
        Cohort.objects.filter(pk=world.cohort.pk).update(language=cohort)
        body["cohort"] = "web-dev"
    User.objects.create_user("new@example.org", language=own)
    assert call("POST", "/v1/auth/academy/student", **who, body=body).status_code in {200, 201}
    if not cohort:
        User.objects.create_user("teacher2@example.org", language=own)
        staff = {"email": "teacher2@example.org", "role": "teacher"}
        assert call("POST", "/v1/auth/academy/member", **who, body=staff).status_code == 201
    subject = {"en": "invites you to", "es": "te invita a"}[expected]
    assert [subject in message.subject for message in mail.outbox] == [True] * (1 if cohort else 2)


@pytest.mark.parametrize(
    ("own", "accepted", "academy", "expected"),
    [("en", "es", "es", "Choose"), ("", "es", "en", "Elige"), ("", "", "es", "Elige"), ("", "", "en", "Choose")],
)
def test_the_language_of_a_password_mail(call, world, own, accepted, academy, expected):
    """V5, U4: the person's, else that of the browser that asked, else the academy's."""
    User.objects.filter(pk=world.reader.pk).update(language=own)
    Academy.objects.filter(pk=world.miami.pk).update(language=academy)
    assert AcademyMember.objects.filter(user=world.reader, academy=world.miami).exists()
    headers = {"Accept-Language": accepted} if accepted else {}
    call("POST", "/v1/auth/password/reset", body={"email": "reader@example.org"}, headers=headers)
    assert mail.outbox[-1].subject.startswith(expected)


@pytest.mark.parametrize("module", ["common", "authenticate", "admissions", "events", "feedback"])
def test_every_error_has_a_spanish_sentence(module):
    """V5: none is left in English."""
    errors = import_module(f"breathecode.{module}.errors")
    kinds = [kind for _name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, ApiError)]
    with translation.override("en"):
        english = {kind: str(kind.default_detail) for kind in kinds}
    with translation.override("es"):
        left = [kind.__name__ for kind in kinds if str(kind.default_detail) == english[kind]]
    assert left == []


def test_every_text_of_a_page_has_its_spanish():
    """V5: what stands in the templates of the pages and of the accounts' mails."""
    folders = [ROOT / "breathecode/pages/templates", ROOT / "breathecode/notify/templates"]
    texts = [path.read_text() for folder in folders for path in folder.rglob("*.*")]
    found = {text for page in texts for text in re.findall(r'{% translate ["\']([^"\']+)["\'] %}', page)}
    assert len(found) > 50
    with translation.override("es"):
        left = sorted(text for text in found if text != "d" and translation.gettext(text) == text)
    assert left == []


def test_the_admin_takes_no_unknown_language(world):
    """V5: a language that the product has no texts in is refused on its field, any spelling of another is kept."""
    client = Client()
    client.force_login(world.superuser)
    page = f"/admin/authenticate/academy/{world.miami.pk}/change/"
    form = {"slug": "downtown-miami", "name": "Miami", "timezone": "America/New_York"}
    refused = client.post(page, {**form, "language": "fr"})
    assert (refused.status_code, "is not a supported language" in refused.content.decode()) == (200, True)
    assert client.post(page, {**form, "language": "es_MX"}).status_code == 302
    assert Academy.objects.get(pk=world.miami.pk).language == "es"


def test_the_form_that_sets_a_password_says_tu(world):
    """V5: also in the sentences that are Django's own, which say usted."""
    with translation.override("es"):
        form = SetPasswordForm(world.student, {"new_password1": "a-good-password", "new_password2": "another"})
        page = form.as_p()
    assert "Las dos contraseñas no coinciden." in page
    assert "Tu contraseña debe tener al menos 8 caracteres." in page
    assert not re.search(r"\b(Su|su|sus|introduzca|Introduzca)\b", page)
