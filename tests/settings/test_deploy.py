"""The files of `deploy/` and the tables of docs/operations.md, against the program that they are for (rule O3)."""

import configparser
import re
import runpy

import pytest

from breathecode.celery import PERIODIC_TASKS
from tests.settings.test_documented import table
from tests.support.processes import ROOT

DEPLOY = ROOT / "deploy"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


def test_the_environment_file_has_every_name_and_no_other():
    """O3: each name of the tables once, set or as a comment with its default."""
    lines = (DEPLOY / "live-classes.env.example").read_text().splitlines()
    names = [match[1] for line in lines if (match := re.match(r"#?([A-Z][A-Z_]+)=", line))]
    assert len(names) == len(set(names))
    assert set(names) == {*table("Settings"), *table("Web server")}


def test_the_defaults_of_the_environment_file_are_true():
    """O3: a commented number is the default of the table."""
    text = (DEPLOY / "live-classes.env.example").read_text()
    rows = {**table("Settings"), **table("Web server")}
    for name, value in re.findall(r"^#([A-Z][A-Z_]+)=(\d+)$", text, re.MULTILINE):
        default = rows[name][3].strip("`")
        assert not default.isdecimal() or value == default, name


@pytest.mark.parametrize("unit", ["web", "worker"])
def test_units_start_what_exists(unit):
    """O3, C1: the programs of the documents, with the environment file, and time to finish what they do."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.read(DEPLOY / "systemd" / f"live-classes-{unit}.service")
    service = parser["Service"]
    assert service["EnvironmentFile"] == "/etc/live-classes.env"
    program = {
        "web": "-m gunicorn -c gunicorn.conf.py breathecode.asgi",
        "worker": "-A breathecode.celery worker -l info",
    }
    assert program[unit] in service["ExecStart"]
    graceful = runpy.run_path(str(ROOT / "gunicorn.conf.py"))["graceful_timeout"]
    assert int(service["TimeoutStopSec"]) > graceful


def test_every_periodic_task_is_in_the_table():
    """C1: with what it does, by its name."""
    rows = set(
        re.findall(r"^\| `(\w+)` \| ", OPERATIONS.partition("## Workers")[2].partition("\n## ")[0], re.MULTILINE)
    )
    assert {name.rpartition(".")[2] for name in PERIODIC_TASKS} - rows == set()
