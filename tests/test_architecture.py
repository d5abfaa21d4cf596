"""docs/architecture.md names files, functions and classes that exist."""

from __future__ import annotations

import re

import pytest

from tests.support.processes import ROOT

MAP = (ROOT / "docs" / "architecture.md").read_text()
STEP = re.compile(r"^(\S+\.py) {2,}(.+)$", re.MULTILINE)
NAME = re.compile(r"[A-Z]\w+|[a-z]\w*_\w+|expand|join|record|claim|reconcile")
STEPS = [(path, NAME.findall(names.split(":")[0])) for path, names in STEP.findall(MAP)]


def test_the_walks_are_found():
    """The steps are read as the page writes them: a new layout must not leave the check without any."""
    assert len(STEPS) > 20
    assert len({path for path, _names in STEPS}) > 15


@pytest.mark.parametrize(("path", "names"), STEPS)
def test_a_step_of_a_walk_exists(path, names):
    """The file of a step defines what the step names."""
    source = (ROOT / "breathecode" / path).read_text()
    defined = set(re.findall(r"^\s*(?:def|class) (\w+)", source, re.MULTILINE))
    assert names
    assert set(names) <= defined
