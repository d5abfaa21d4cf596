"""`make bench` at its smallest size, as it is run from outside (topic Speed)."""

import json
import subprocess
import sys

import pytest

from benchmarks.lines import Line, results, table
from benchmarks.simulation import FEWER, MORE, at_many, height
from tests.support.processes import ROOT

MEASURED = (
    "first build", "two workers:", "list: own, cached", "list: own, counted", "list: academy", "join storm", "feed of",
    "closing", "reminders", "surveys", "20 reminders queued", "20 mails sent", "import of 20 users",
    "growth, own list: pages at", "growth, join: pages but for levels of trees", "growth, board: CPU",
    "growth, calendar month", "growth, send_due_invitations",
)  # fmt: skip


@pytest.mark.any_database
@pytest.mark.slow
@pytest.mark.timeout(900)  # everything runs once, which is minutes where a machine has other work
def test_the_smallest_bench(tmp_path):
    """Speed: every part measures; the file has name, ratio, target and whether it is met, and every line a target."""
    file = tmp_path / "bench.json"
    command = [sys.executable, "-m", "benchmarks", "--size", "tiny", "--json", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = json.loads(file.read_text())
    names = [line["name"] for line in lines]
    assert len(set(names)) == len(names)
    assert [start for start in MEASURED if not any(name.startswith(start) for name in names)] == []
    for line in lines:
        assert set(line) == {"name", "ratio", "target", "met"}
        assert line["ratio"] >= 0
        assert line["target"] > 0
        assert line["met"] == (line["ratio"] <= line["target"])
        assert line["name"] in done.stdout


def test_a_part_that_does_not_exist_fails():
    """Speed: a misspelled name measures nothing, and says so."""
    command = [sys.executable, "-m", "benchmarks", "growht"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "growht" in done.stderr


def test_a_line_is_met_up_to_its_target():
    """Speed: what misses its target says so, in the file and in the table."""
    met, missed = Line("a", 1.3, 1.3, "b"), Line("c", 1.31, 1.3, "b", cpu_ms=2.5)
    assert json.loads(results([met, missed])) == [
        {"name": "a", "ratio": 1.3, "target": 1.3, "met": True},
        {"name": "c", "ratio": 1.31, "target": 1.3, "met": False},
    ]
    assert table([met, missed]).splitlines()[1:] == [
        "a     b        1.30     1.3  yes",
        "c     b        1.31     1.3   NO     2.5",
    ]


def test_the_simulation_carries_on_in_a_straight_line():
    """Speed: what does not differ between the two sizes stays, and a tree grows by its height."""
    assert at_many(7, 7) == 7
    assert at_many(FEWER * 2, MORE * 2, classes=1_000_000) == 2_000_000
    assert [height(8192), height(8192 * 250), height(8192 * 250**2)] == [1, 2, 3]
