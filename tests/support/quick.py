"""The option `--quick`: leaves out what starts programs, draws many examples from a database or is marked as slow."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

# Real servers and products, each of which takes seconds to start.
SLOW_FIXTURES = {"databases", "live_server", "product", "room", "template", "valkey"}
# A module that imports one of these by name starts programs of its own.
SLOW_IMPORTS = {"Process", "servers", "subprocess", "sync_playwright"}


def is_slow(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    names = set(vars(getattr(item, "module", None) or object).keys())
    # Some tests call Hypothesis themselves, so its marker does not tell.
    draws_from_a_database = "given" in names and "db" in fixtures
    marked = item.get_closest_marker("slow") is not None
    return marked or bool(SLOW_FIXTURES & fixtures or SLOW_IMPORTS & names) or draws_from_a_database


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="leave out tests that start programs or fuzz the database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("quick"):
        slow = [item for item in items if is_slow(item)]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not is_slow(item)]
