"""Spanish readers are addressed with tú, by our own texts and by those of the libraries."""

import re
from collections.abc import Iterator
from typing import Any

import polib
import pytest
from django.contrib.admin import site
from django.test import RequestFactory
from django.urls import get_resolver
from django.utils.translation import override, trans_real
from rest_framework.serializers import ModelSerializer, Serializer

from breathecode.authenticate.models import User
from tests.support.translations import APPS, catalogue_of, texts_of_libraries

# Imperatives and other forms of usted, and the possessive, which belongs to usted in nearly every sentence of a form.
FORMAL = re.compile(
    r"\b(usted(es)?|sus?|aseg[uú]rese|introdu[zc]c?a|ingrese|seleccione|elija|escoja|corrija|envíe|verifique|compruebe|"
    r"vuelva|observe|desmarque|mantenga|pulse|escriba|vaya|adjunte|marque|elim[ií]nelos|confirme|contacte|inicie|"
    r"desea|est[aá] seguro|intente|revise|arrastre|rellene|solicite|actualice|"
    r"ha (olvidado|configurado))\b",
    re.IGNORECASE,
)
# Of pages that Django shows to developers, in place of which this product has its own.
FOR_DEVELOPERS = re.compile("Referer|configured your browser|DEBUG=True")
THIRD_PERSON = {"The groups this user belongs to. A user will get all permissions granted to each of their groups."}


def spanish(msgid: str) -> list[str]:
    """What Django answers for a text in Spanish: each of its plural forms."""
    catalogue: Any = trans_real.translation("es")
    found = [catalogue._catalog.get(key) for key in (msgid, *((msgid, number) for number in range(3)))]
    return [text for text in found if text]


def test_the_sentences_of_libraries():
    """V5: Django and Django REST framework say usted; `breathecode/locale` overrides each sentence that does."""
    assert spanish("Enter a valid email address.") == ["Escribe un correo electrónico válido."]
    msgids = {msgid for msgid in texts_of_libraries() - THIRD_PERSON if not FOR_DEVELOPERS.search(msgid)}
    assert len(msgids) > 500
    assert {(msgid, text) for msgid in msgids for text in spanish(msgid) if FORMAL.search(text)} == set()


@pytest.mark.parametrize("app", [app for app in APPS if catalogue_of(app).exists()])
def test_our_own_sentences(app):
    """V5: no sentence of ours addresses the reader with usted."""
    imperatives = re.compile(FORMAL.pattern.replace("|sus?|", "|"), re.IGNORECASE)
    entries = polib.pofile(str(catalogue_of(app)))
    texts = [text for entry in entries for text in (entry.msgstr, *entry.msgstr_plural.values())]
    assert [text for text in texts if imperatives.search(text)] == []


# Other words for things that have their word in `docs/glossary.md`.
NOT_OUR_TERMS = re.compile(
    r"\b(alumn[oa]s?|inscripci[oó]n|inscrito|en directo|horarios? de clase|borrar|borrad[oa]|fichero|festividad|"
    r"direcci[oó]n de correo|mail|email|inválid[oa]|membresía|persona)\b",
    re.IGNORECASE,
)
NAMES_IN_CODE = re.compile(r"\b[a-z_]*email\b(?=[.,]?$)|[{(]email[})]")


@pytest.mark.parametrize("app", [app for app in APPS if catalogue_of(app).exists()])
def test_the_terms_of_the_glossary(app):
    """V5: one Spanish word for each thing, that of `docs/glossary.md`."""
    entries = polib.pofile(str(catalogue_of(app)))
    texts = [NAMES_IN_CODE.sub("", text) for entry in entries for text in (entry.msgstr, *entry.msgstr_plural.values())]
    assert [text for text in texts if NOT_OUR_TERMS.search(text)] == []


def subclasses(of: Any) -> Iterator[Any]:
    for each in of.__subclasses__():
        yield each
        yield from subclasses(each)


def _is_abstract(serializer: type) -> bool:
    return issubclass(serializer, ModelSerializer) and not hasattr(serializer, "Meta")


def forms_of_the_admin() -> Iterator[Any]:
    request = RequestFactory().get("/admin/")
    request.user = User(is_superuser=True, is_staff=True)
    for model_admin in site._registry.values():
        if model_admin.has_add_permission(request):
            yield model_admin.get_form(request)
    yield site.login_form


def fields() -> Iterator[tuple[str, Any]]:
    """Each field of each serializer of the API and of each form of the admin, under a name to find it by."""
    get_resolver().url_patterns  # noqa: B018  (imports every view)
    for serializer in subclasses(Serializer):
        if serializer.__module__.startswith("breathecode.") and not _is_abstract(serializer):
            for name, field in serializer().fields.items():
                yield f"{serializer.__name__}.{name}", field
    for form in forms_of_the_admin():
        for name, field in form.base_fields.items():
            yield f"{form.__name__}.{name}", field


def refusals(language: str) -> list[tuple[str, str]]:
    """Each sentence with which a field refuses a value, as it reads in this language."""
    with override(language):
        found = []
        for name, field in fields():
            messages = [*field.error_messages.values(), *(getattr(each, "message", "") for each in field.validators)]
            found += [(name, str(message)) for message in messages if str(message)]
        return found


def test_the_sentences_of_fields():
    """V5: each sentence with which a field of the API or the admin refuses a value is Spanish, and says tú."""
    english, in_spanish = refusals("en"), refusals("es")
    assert len(in_spanish) == len(english) > 500
    assert {sentence for sentence in in_spanish if FORMAL.search(sentence[1])} == set()
    assert set(in_spanish) & set(english) == set(), "not translated"
