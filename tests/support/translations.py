"""The texts that each app marks for translation, and its catalogues."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import django
import django_filters
import polib
import rest_framework
from django.utils.translation.template import templatize

from tests.support.processes import ROOT

PRODUCT = Path(ROOT) / "breathecode"
# Django's and Django REST framework's own sentences, in this product's Spanish.
OVERRIDES = PRODUCT / "locale" / "es" / "LC_MESSAGES" / "django.po"
APPS = sorted(path.parent.name for path in PRODUCT.glob("*/apps.py"))
LIBRARIES = [Path(module.__path__[0]) for module in (django, rest_framework, django_filters)]
# As `templatize` writes them: the marker and its first text.
IN_TEMPLATES = re.compile(r"""\b(?:_|n?gettext)\(u?("{3}.*?"{3}|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""", re.DOTALL)


def catalogue_of(app: str) -> Path:
    return PRODUCT / app / "locale" / "es" / "LC_MESSAGES" / "django.po"


def msgids(source: Path) -> set[str]:
    return {entry.msgid for entry in polib.pofile(str(source))} if source.exists() else set()


def texts_of_libraries() -> set[str]:
    """What Django, Django REST framework and django-filter bring in Spanish."""
    paths = (path for folder in LIBRARIES for path in folder.rglob("locale/es/LC_MESSAGES/django.mo"))
    return {entry.msgid for path in paths for entry in polib.mofile(str(path))}


def marked_texts(folder: Path) -> dict[str, str]:
    """Text -> the file that marks it, of the code and the templates below this folder."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        found.update(dict.fromkeys(_texts_in(ast.parse(path.read_text())), str(path.relative_to(ROOT))))
    for path in sorted([*folder.rglob("templates/**/*.html"), *folder.rglob("templates/**/*.txt")]):
        source = templatize(path.read_text(), origin=path.name)
        texts = [ast.literal_eval(literal) for literal in IN_TEMPLATES.findall(source)]
        found.update(dict.fromkeys(texts, str(path.relative_to(ROOT))))
    return found


def _texts_in(tree: ast.AST) -> Iterator[str]:
    """The first text of every call that marks one for translation."""
    markers = _markers_of(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in markers:
            continue
        text = node.args[0]
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            yield text.value


def _markers_of(tree: ast.AST) -> set[str]:
    """The names by which a module calls Django's `gettext` and its relatives."""
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    names = (name for node in imports if node.module == "django.utils.translation" for name in node.names)
    return {name.asname or name.name for name in names if "gettext" in name.name}
