"""The Spanish of every text: in the catalogue of the app that uses it, complete, compiled and in one voice."""

from collections import defaultdict
from typing import Any

import polib
import pytest
from django.utils.translation import trans_real

from tests.support.processes import ROOT
from tests.support.translations import (
    APPS,
    LIBRARIES,
    OVERRIDES,
    PRODUCT,
    catalogue_of,
    marked_texts,
    msgids,
    texts_of_libraries,
)

SOURCES = sorted(PRODUCT.glob("**/locale/*/LC_MESSAGES/*.po"))


def entries(catalogue):
    return {
        (entry.msgctxt, entry.msgid, entry.msgid_plural): entry.msgstr_plural or entry.msgstr
        for entry in catalogue
        if not entry.obsolete
    }


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.relative_to(ROOT).parts[1])
def test_what_is_compiled_is_what_is_written(source):
    """J1: a text that is corrected in the .po and not compiled would never be seen (`compilemessages`)."""
    written = polib.pofile(str(source))
    assert not written.fuzzy_entries()
    assert not written.untranslated_entries()
    assert not written.obsolete_entries()
    assert entries(polib.mofile(str(source.with_suffix(".mo")))) == entries(written)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.relative_to(ROOT).parts[1])
def test_every_number_has_its_form(source):
    """V5: gettext shows the English text for a number whose form is missing."""
    written = polib.pofile(str(source))
    forms = int(written.metadata["Plural-Forms"].split(";")[0].removeprefix("nplurals="))
    plurals = [entry for entry in written if entry.msgid_plural]
    assert {entry.msgid: len(entry.msgstr_plural) for entry in plurals if len(entry.msgstr_plural) != forms} == {}


def test_every_text_has_its_spanish():
    """V5: a text that lacks Spanish is English in the midst of a Spanish page, mail, error or file."""
    catalogue: Any = trans_real.translation("es")
    known = {key[0] if isinstance(key, tuple) else key for key in catalogue._catalog.keys()}  # noqa: SIM118 (no mapping)
    marked = marked_texts(PRODUCT)
    assert {"My classes", "Nothing was found at this URL."} <= marked.keys(), "templates and code are read"
    assert {text: path for text, path in marked.items() if text not in known} == {}


@pytest.mark.parametrize("app", APPS)
def test_each_catalogue_holds_the_texts_of_its_own_app(app):
    """V5: a text stays with the app that uses it, and none is left behind when the app no longer does."""
    marked, written = marked_texts(PRODUCT / app).keys(), msgids(catalogue_of(app))
    assert written - marked == set(), "no longer used by this app"
    assert marked - written - texts_of_libraries() == set(), "in the catalogue of another app"


def test_a_text_has_one_translation():
    """V5: of two translations of one text, Django shows that of the app which comes first."""
    found = defaultdict(set)
    for app in APPS:
        for entry in polib.pofile(str(catalogue_of(app))) if catalogue_of(app).exists() else ():
            found[entry.msgid].add(entry.msgstr or tuple(entry.msgstr_plural.values()))
    assert {msgid: texts for msgid, texts in found.items() if len(texts) > 1} == {}


def test_the_overrides_are_texts_of_the_libraries():
    """V5: an override whose English the library has changed would override nothing."""
    sources = "".join(path.read_text() for folder in LIBRARIES for path in folder.rglob("*.py"))
    missing = msgids(OVERRIDES) - texts_of_libraries()
    assert {text for text in missing if text not in sources} == set()
