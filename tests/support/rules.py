"""The rules of docs/rules.md as the tests name them, and the option `--rule`.

A test's docstring begins with the rules that it proves, then a colon: `G6: …`, `J2, L7: …`, `R1 to R3, T1: …`,
`I3 (RFC 6868): …`. A topic of docs/rules.md ("Mail") may stand for a rule there.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).resolve().parents[2]

_RULE = r"[A-Z][0-9]{1,2}"
_RANGE = rf"{_RULE}(?: to {_RULE})?"
_LABEL = rf"(?:{_RANGE}|[A-Z][a-z]+)"
_HEADING = re.compile(r"^### (.+)$", re.MULTILINE)
_LABELS = re.compile(rf"({_LABEL}(?:, {_LABEL})*)(?: \([^)]*\))?: ")
# Neither U+200C, nor a part of a word, a path or a number: "UTF8", "#a4", "D2-3".
_CITED = re.compile(rf"(?<![\w+/#.-]){_RANGE}(?![\w/-])")
_NAMED = re.compile(rf"\brules? ({_RANGE}(?:(?:, | and |, and ){_RANGE})*)")
_CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)


@cache
def documented() -> tuple[str, ...]:
    """The rules and topics that docs/rules.md defines, in its order: one heading of the third level for each."""
    return tuple(_HEADING.findall((ROOT / "docs" / "rules.md").read_text()))


def labels(docstring: str | None) -> tuple[str, ...]:
    """The rules and topics that a test's docstring begins with; empty where it begins with none."""
    found = _LABELS.match(docstring or "")
    return tuple(_expanded(found[1])) if found else ()


def cited(path: Path) -> set[str]:
    """The rules that a file mentions: Python in docstrings and comments, Markdown outside code, others as "rule `X1`".

    What is meant as code (a cell of a spreadsheet, a size of paper) is written in backticks and does not count.
    """
    text = path.read_text()
    if path.suffix == ".py":
        return set(_mentions("\n".join(_prose(text))))
    if path.suffix == ".md":
        return set(_mentions(text))
    return {name for names in _NAMED.findall(text) for name in _expanded(names)}


def _mentions(text: str) -> Iterator[str]:
    text = _CODE.sub("", text)
    families = {name[0] for name in documented()}
    yield from (name for found in _CITED.findall(text) for name in _expanded(found) if name[0] in families)
    yield from (name for names in _NAMED.findall(text) for name in _expanded(names))


def _prose(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def _expanded(names: str) -> Iterator[str]:
    """ "R1 to R3, T1" -> R1, R2, R3, T1."""
    for name in re.split(r", and |, | and ", names):
        first, _, last = name.partition(" to ")
        if last:
            yield from (f"{first[0]}{number}" for number in range(int(first[1:]), int(last[1:]) + 1))
        else:
            yield name


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rule",
        action="append",
        default=[],
        metavar="NAME",
        help="run the tests of this rule of docs/rules.md (A4), or of all rules of a letter (A); may be repeated",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "rule(name): proves this rule of docs/rules.md; made from the test's docstring")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    import pytest

    wanted = set(config.getoption("rule"))
    if unknown := wanted - set(documented()) - {name[0] for name in documented()}:
        raise pytest.UsageError(f"docs/rules.md has no rule {', '.join(sorted(unknown))}")
    names = {item: labels(_docstring(item)) for item in items}
    for item, rules in names.items():
        for rule in rules:
            item.add_marker(pytest.mark.rule(name=rule))
    if wanted:
        chosen = [item for item in items if wanted & {part for name in names[item] for part in (name, _family(name))}]
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen


def _family(name: str) -> str:
    return name[0] if re.fullmatch(_RULE, name) else ""


def _docstring(item: pytest.Item) -> str | None:
    return getattr(item, "obj", None).__doc__ if hasattr(item, "obj") else None
