"""The translations that ship are the ones that are written in the .po files, and every text has one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib
import pytest
from django.utils.translation import trans_real
from django.utils.translation.template import templatize

from tests.support.processes import ROOT

PRODUCT = Path(ROOT) / "breathecode"
SOURCES = sorted(PRODUCT.glob("**/locale/*/LC_MESSAGES/*.po"))
# As `templatize` writes them: the marker and its first text.
IN_TEMPLATES = re.compile(r"""\b(?:_|n?gettext)\(u?("{3}.*?"{3}|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""", re.DOTALL)


def entries(catalogue):
    return {
        (entry.msgctxt, entry.msgid, entry.msgid_plural): entry.msgstr_plural or entry.msgstr
        for entry in catalogue
        if not entry.obsolete
    }


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.relative_to(ROOT).parts[1])
def test_what_is_compiled_is_what_is_written(source):
    """J1: a text that somebody corrects in the .po and does not compile would never be seen (`compilemessages`)."""
    written = polib.pofile(str(source))
    assert not written.fuzzy_entries()
    assert not written.untranslated_entries()
    assert entries(polib.mofile(str(source.with_suffix(".mo")))) == entries(written)


def markers_of(tree: ast.AST) -> set[str]:
    """The names by which a module calls Django's `gettext` and its relatives."""
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    names = (name for node in imports if node.module == "django.utils.translation" for name in node.names)
    return {name.asname or name.name for name in names if "gettext" in name.name}


def texts_in(tree: ast.AST) -> Iterator[str]:
    """The first text of every call that marks one for translation."""
    markers = markers_of(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in markers:
            continue
        text = node.args[0]
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            yield text.value


def marked_texts() -> dict[str, str]:
    """Text -> the file that marks it, of the code and the templates of the product."""
    found = {}
    for path in sorted(PRODUCT.rglob("*.py")):
        found.update(dict.fromkeys(texts_in(ast.parse(path.read_text())), str(path.relative_to(ROOT))))
    for path in sorted([*PRODUCT.rglob("templates/**/*.html"), *PRODUCT.rglob("templates/**/*.txt")]):
        source = templatize(path.read_text(), origin=path.name)
        texts = [ast.literal_eval(literal) for literal in IN_TEMPLATES.findall(source)]
        found.update(dict.fromkeys(texts, str(path.relative_to(ROOT))))
    return found


def spanish_texts() -> set[str]:
    """What Django finds in Spanish: the catalogues of the product and Django's own."""
    catalogue: Any = trans_real.translation("es")
    return {key[0] if isinstance(key, tuple) else key for key in catalogue._catalog.keys()}  # noqa: SIM118 (no mapping)


def test_every_text_has_its_spanish():
    """V5: a text that lacks Spanish is English in the midst of a Spanish page, mail, error or file."""
    marked, known = marked_texts(), spanish_texts()
    assert {"My classes", "There is nothing at this address."} <= marked.keys(), "templates and code are read"
    assert {text: path for text, path in marked.items() if text not in known} == {}
