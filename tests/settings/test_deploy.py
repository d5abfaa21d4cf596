"""The files of `deploy/` and the tables of docs/operations.md, against the program that they are for (rule O3)."""

import ast
import configparser
import re
import runpy

import pytest
from django.conf import settings
from django.core.management import get_commands

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


def section(text: str, heading: str) -> str:
    return text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def interval(seconds: int) -> str:
    """As the table of docs/operations.md names it."""
    names = {settings.SWEEP_INTERVAL_SECONDS: "every `SWEEP_INTERVAL_SECONDS`", 300: "every 5 minutes"}
    return {3600: "hourly", 24 * 3600: "daily", **names}[seconds]


def test_the_table_of_the_periodic_tasks_is_the_schedule():
    """C1: each with its interval; no other row claims to be periodic."""
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ", section(OPERATIONS, "Workers"), re.MULTILINE)
    periodic = {task: when for task, when in rows if not when.startswith("after ")}
    assert periodic == {name.rpartition(".")[2]: interval(seconds) for name, seconds in PERIODIC_TASKS.items()}


def test_the_steps_of_the_installation_name_what_exists():
    """O3: every file of `deploy/`, and every command of manage.py, that the steps use; every unit is installed."""
    steps = section(OPERATIONS, "Install")
    files = set(re.findall(r"deploy/[\w/.*-]*\w", steps))
    assert {"deploy/manage.sh", "deploy/nginx/live-classes.conf"} <= files
    assert [name for name in sorted(files - {"deploy/live-classes.env"}) if not (ROOT / name).exists()] == []
    assert "deploy/systemd/* " in steps
    commands = re.findall(r"deploy/manage\.sh (\w+)", OPERATIONS)
    assert {"migrate", "collectstatic", "createsuperuser"} <= set(commands)
    assert set(commands) - set(get_commands()) == set()
    enabled = re.findall(r"systemctl enable --now (.*)", steps)[0].split()
    units = {path.name.removesuffix(".service") for path in (DEPLOY / "systemd").iterdir()}
    assert set(enabled) == units


def functions_of(path):
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


def test_each_fault_was_tried():
    """O6, C1: every row of the table of faults names a test, and there is one of that name."""
    faults = OPERATIONS.partition("### What happens when…\n")[2].partition("\n## ")[0]
    rows = [line for line in faults.splitlines() if line.startswith("| ")][2:]
    assert rows
    for row in rows:
        named = re.search(r"`(tests/[\w/]+\.py)::(test_\w+)` \|$", row)
        assert named, row
        assert named[2] in functions_of(ROOT / named[1]), row
