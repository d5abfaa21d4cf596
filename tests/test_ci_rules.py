"""What the test run itself promises: in CI no test is skipped."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import ROOT

SKIPPED_ONE = """
import pytest

def test_runs():
    pass

@pytest.mark.skip(reason="too hard")
def test_waits():
    pass
"""
SKIPPED_FILE = "import pytest\n\npytest.skip('too hard', allow_module_level=True)\n"
EXPECTED = "import pytest\n\n@pytest.mark.xfail(reason='known')\ndef test_fails():\n    assert False\n"


def run_pytest(folder: Path, source: str, *arguments: str, ci: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_sample.py").write_text(source)
    (folder / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    command = [sys.executable, "-m", "pytest", "-q", "-p", "xdist", "-p", "no:cacheprovider", *arguments]
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    # Without the plugins of other tests: they take seconds to load.
    env |= {"CI": ci, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("source", [SKIPPED_ONE, SKIPPED_FILE], ids=["a test", "a file"])
@pytest.mark.parametrize("arguments", [(), ("-n", "1")], ids=["alone", "in parallel"])
def test_a_skip_fails_the_run_in_ci(tmp_path, source, arguments):
    result = run_pytest(tmp_path, source, *arguments, ci="true")
    assert result.returncode not in (0, 5), result.stdout
    assert "CI skips no test. Skipped: too hard" in result.stdout


def test_a_skip_is_allowed_elsewhere(tmp_path):
    assert run_pytest(tmp_path, SKIPPED_ONE, ci="").returncode == 0


def test_an_expected_failure_is_no_skip(tmp_path):
    assert run_pytest(tmp_path, EXPECTED, ci="true").returncode == 0
