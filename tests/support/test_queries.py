"""A test that counted statements and fails prints them."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.processes import ROOT

CONFTEST = 'pytest_plugins = ["tests.support.queries"]\n'
SAMPLE = """
import pytest
from django.db import connection

from tests.support.queries import assert_num_queries, captured_queries

pytestmark = pytest.mark.django_db

def run(*numbers):
    with connection.cursor() as cursor:
        for number in numbers:
            cursor.execute(f"SELECT {number} AS answer")

def test_a_failing_count():
    with assert_num_queries(1):
        run(41, 42)

def test_counts_that_differ():
    counts = []
    for numbers in ((1,), range(2, 203)):
        with captured_queries() as queries:
            run(*numbers)
        counts.append(len(queries))
    assert counts[0] == counts[1]

def test_a_right_count():
    with assert_num_queries(1):
        run(43)

def test_another_failure():
    assert False
"""


def test_statements_are_printed(tmp_path):
    (tmp_path / "test_sample.py").write_text(SAMPLE)
    (tmp_path / "conftest.py").write_text(CONFTEST)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "pytest_django.plugin"]
    # On SQLite: the database of the server is the one that this test itself runs on.
    env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL" and "PYTEST_" not in name}
    env |= {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    env["DJANGO_SETTINGS_MODULE"] = "breathecode.settings.test"
    ran = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert "3 failed, 1 passed" in ran.stdout
    printed = [line.strip() for line in ran.stdout.splitlines() if line.strip().startswith(("SELECT ", "1. ", "2. "))]
    assert printed[:3] == ["1. count: 2", "SELECT 41 AS answer", "SELECT 42 AS answer"]
    assert printed[3:6] == ["1. count: 1", "SELECT 1 AS answer", "2. count: 201"]
    assert printed[6:] == [f"SELECT {number} AS answer" for number in range(2, 102)]
    assert "… and 101 more" in ran.stdout
