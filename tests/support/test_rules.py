"""How rules are read from docstrings and from text, and the option `--rule`."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support.processes import ROOT
from tests.support.rules import cited, labels


@pytest.mark.parametrize(
    ("docstring", "found"),
    [
        ("G6: moved in place.", ("G6",)),
        ("J2, L7: a stranger.", ("J2", "L7")),
        ("R1 to R3, T1: for one and for many.", ("R1", "R2", "R3", "T1")),
        ("I3 (RFC 5546, 3.2.2): a request.", ("I3",)),
        ("U4, Mail: one mail.", ("U4", "Mail")),
        ("G12: to G14: no range.", ("G12",)),
        ("The hours (G6): not at the start.", ()),
        ("A test of G6: nor here.", ()),
        ("G6 moves in place.", ()),
        ("UTF8: no rule.", ()),
        ("", ()),
        (None, ()),
    ],
)
def test_labels(docstring, found):
    assert labels(docstring) == found


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("a.py", '"""Builds (rules G1 to G3 and T3)."""\n', {"G1", "G2", "G3", "T3"}),
        ("a.py", 'def f():\n    """G9: after the commit."""\n', {"G9"}),
        ("a.py", "x = 1  # G4\n", {"G4"}),
        ("a.py", "# T5 beats the last day of G2 here\n", {"T5", "G2"}),
        ("a.py", "# P2 is of a later version, but (rule P2) is a reference\n", {"P2"}),
        ("a.py", 'cell = "G99"\n"""Freezes `A2`; UTF8, U+200C, SHA-256, X509, d/A1 and B2."""\n', set()),
        ("a.md", "See H3 and `A4` paper.\n```\nC3 T00\n```\n[G6](rules.md#g6)\n", {"H3", "G6"}),
        ("a.html", "<!-- rule J3 --><h1>H1</h1>", {"J3"}),
    ],
)
def test_citations(tmp_path, name, text, found):
    (tmp_path / name).write_text(text)
    assert cited(tmp_path / name) == found


SAMPLE = '''
def test_one():
    """A3: at the end of a class."""

def test_two():
    """A4, G1: two rules."""

class TestThree:
    def test_three(self):
        """Mail: a topic."""

def test_four():
    """Nothing is named here."""
'''
CONFTEST = 'pytest_plugins = ["tests.support.rules"]\n'


def run(folder, *arguments):
    (folder / "test_sample.py").write_text(SAMPLE)
    (folder / "conftest.py").write_text(CONFTEST)
    command = [sys.executable, "-m", "pytest", "-q", "--strict-markers", "-p", "no:cacheprovider", *arguments]
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    env |= {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("arguments", "chosen"),
    [
        ((), ["test_one", "test_two", "TestThree::test_three", "test_four"]),
        (("--rule", "A4"), ["test_two"]),
        (("--rule", "A"), ["test_one", "test_two"]),
        (("--rule", "A3", "--rule", "Mail"), ["test_one", "TestThree::test_three"]),
        (("-m", "rule"), ["test_one", "test_two", "TestThree::test_three"]),
        (("-m", "rule(name='G1')"), ["test_two"]),
    ],
)
def test_selection(tmp_path, arguments, chosen):
    listed = run(tmp_path, "--collect-only", *arguments).stdout.splitlines()
    assert [line.removeprefix("test_sample.py::") for line in listed if "::" in line] == chosen


def test_an_unknown_rule_is_refused(tmp_path):
    result = run(tmp_path, "--rule", "A4", "--rule", "A44")
    assert (result.returncode, result.stderr.strip()) == (4, "ERROR: docs/rules.md has no rule A44")
