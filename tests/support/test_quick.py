"""What `--quick` leaves out."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support.processes import ROOT

CONFTEST = """
import pytest

pytest_plugins = ["tests.support.quick"]

@pytest.fixture
def db(): ...

@pytest.fixture
def world(db): ...

@pytest.fixture
def valkey(): ...

def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes seconds")
"""
SAMPLE = """
def test_plain(world): ...

def test_with_a_server(valkey): ...
"""
PROPERTIES = """
from hypothesis import given, strategies as st

@given(st.integers())
def test_pure_property(number): ...

@given(number=st.integers())
def test_property_of_the_database(world, number): ...
"""
MARKED = "import pytest\n\n@pytest.mark.slow\ndef test_that_is_marked(): ...\n"
PROGRAMS = "import subprocess\n\ndef test_that_starts_programs(): ...\n"


@pytest.mark.parametrize(
    ("arguments", "chosen"),
    [
        (("--quick",), {"test_plain", "test_pure_property"}),
        (
            (),
            {
                "test_plain",
                "test_pure_property",
                "test_property_of_the_database",
                "test_that_is_marked",
                "test_that_starts_programs",
                "test_with_a_server",
            },
        ),
    ],
)
def test_selection(tmp_path, arguments, chosen):
    files = {"conftest": CONFTEST, "test_sample": SAMPLE, "test_properties": PROPERTIES, "test_programs": PROGRAMS}
    files["test_marked"] = MARKED
    for name, source in files.items():
        (tmp_path / f"{name}.py").write_text(source)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--collect-only",
        "-p",
        "no:cacheprovider",
        "-p",
        "_hypothesis_pytestplugin",
    ]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    ran = subprocess.run([*command, *arguments], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert {line.rpartition("::")[2] for line in ran.stdout.splitlines() if "::" in line} == chosen, ran.stderr
