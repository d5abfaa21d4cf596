"""docs/configuration.md is the table of rule O3: complete, and true."""

import ast
import re
from pathlib import Path

from tests.support.processes import ROOT

SETTINGS = ROOT / "breathecode" / "settings"
DOCUMENT = (ROOT / "docs" / "configuration.md").read_text()
READERS = re.compile(r"_read|url|os\.environ\.get|read\.\w+")


def reads(file: Path) -> dict[str, ast.Call]:
    """Environment variables that a settings file reads by name, with the call that does."""
    found = {}
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = node.args[0].value
            if (
                READERS.fullmatch(ast.unparse(node.func))
                and isinstance(name, str)
                and re.fullmatch(r"[A-Z][A-Z_]+", name)
            ):
                found[name] = node
    return found


def table(heading: str) -> dict[str, list[str]]:
    """The rows under a heading, by the name in their first cell."""
    section = DOCUMENT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:3] == "| `"]
    names = [row[0].strip("`") for row in rows]
    assert len(names) == len(set(names)), names
    return dict(zip(names, rows, strict=True))


def test_every_setting_is_in_the_table_and_no_other():
    """O3: a variable that is read and not documented, or the other way round, fails here."""
    read = reads(SETTINGS / "base.py") | reads(SETTINGS / "environment.py")
    assert {"DATABASE_URL", "CACHE_URL", "EMAIL_URL", "DEBUG"} <= set(read)  # the reader above reads
    assert set(table("Settings")) == set(read)


def test_the_defaults_in_the_table_are_the_ones_in_the_code():
    """O3: where the default is a plain number, the table says that number."""
    checked = 0
    for name, call in reads(SETTINGS / "base.py").items():
        default = call.args[1] if len(call.args) > 1 else None
        if isinstance(default, ast.Constant) and isinstance(default.value, int):
            assert table("Settings")[name][3] == f"`{default.value}`", name
            checked += 1
    assert checked >= 8


def test_the_web_servers_variables_are_there_too():
    """O3: those that gunicorn.conf.py says it reads."""
    docstring = ast.get_docstring(ast.parse((ROOT / "gunicorn.conf.py").read_text())) or ""
    named = set(re.findall(r"[A-Z][A-Z_]+", docstring.partition("it reads:")[2]))
    assert named - {"PORT"} == set(table("Web server"))
