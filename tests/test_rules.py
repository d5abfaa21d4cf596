"""docs/rules.md, the tests and the code name the same rules."""

from __future__ import annotations

import ast
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.rules import ROOT, cited, documented, labels

# Tests of the tools that the tests themselves are made with: no rule of the product speaks of them.
TOOLING = {
    "tests/support/test_queries.py",
    "tests/support/test_quick.py",
    "tests/support/test_rules.py",
    "tests/support/test_servers.py",
    "tests/test_ci_rules.py",
    "tests/test_architecture.py",
    "tests/test_layout.py",
    "tests/test_supply_chain.py",
    "tests/test_rules.py",
}
CITING = {".css", ".html", ".js", ".md", ".py", ".sh", ".toml", ".txt", ".yaml", ".yml", ""}


def sources() -> list[Path]:
    """The text files of the repository, those that are not committed yet included."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    paths = [ROOT / name for name in names if name]
    return [path for path in paths if path.suffix in CITING and path.is_file()]


def written_tests() -> Iterator[tuple[str, str, str | None]]:
    """File, name and docstring of every test function."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield path.relative_to(ROOT).as_posix(), node.name, ast.get_docstring(node)


def test_every_rule_has_a_test():
    tested = {name for _, _, docstring in written_tests() for name in labels(docstring)}
    assert set(documented()) - tested == set()


def test_every_rule_that_is_mentioned_exists():
    places = defaultdict(list)
    for path in sources():
        for name in cited(path) - set(documented()):
            places[name].append(path.relative_to(ROOT).as_posix())
    assert dict(places) == {}


def test_every_test_names_its_rule():
    """A label that docs/rules.md lacks ("Mial: …") counts as none."""
    known = set(documented())
    nameless = [
        f"{path}::{name}"
        for path, name, docstring in written_tests()
        if path not in TOOLING and not (labels(docstring) and set(labels(docstring)) <= known)
    ]
    assert nameless == []


def test_rules_are_defined_once_and_in_order():
    """Each letter counts from 1 without a gap."""
    numbers = defaultdict(list)
    for name in documented():
        if re.fullmatch("[A-Z][0-9]+", name):
            numbers[name[0]].append(int(name[1:]))
    assert {letter: found for letter, found in numbers.items() if found != list(range(1, len(found) + 1))} == {}


@pytest.mark.parametrize("name", ["architecture.md", "contributing.md"])
def test_the_documents_lead_to_the_rules(name):
    assert "(rules.md)" in (ROOT / "docs" / name).read_text()
