"""The table of faults in docs/operations.md names the test that tries out each."""

import ast
import re

from tests.support.processes import ROOT

TABLE = (ROOT / "docs" / "operations.md").read_text().partition("### What happens when…\n")[2].partition("\n## ")[0]
ROWS = [line for line in TABLE.splitlines() if line.startswith("| ")][2:]


def functions_of(path):
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


def test_each_fault_has_its_test():
    """O6, C1: every row names a test, and there is one of that name."""
    assert ROWS
    for row in ROWS:
        named = re.search(r"`(tests/[\w/]+\.py)::(test_\w+)` \|$", row)
        assert named, row
        assert named[2] in functions_of(ROOT / named[1]), row
