"""The folders of tests/ mirror those of breathecode/."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.processes import ROOT

PRODUCT, TESTS = ROOT / "breathecode", ROOT / "tests"
# Folders with modules of their own whose tests are elsewhere.
TESTED_ELSEWHERE = {
    "demo/management": "the command demo: test_demo.py of demo runs it",
    "events/domain/staffing": "tested through the API: test_conflicts.py and test_substitutes.py of events/api",
    "schedules/domain/bulk": "tested through the API: test_time_slot_imports.py and test_templates.py of schedules/api",
    "schedules/domain/holidays": "tested through the API: test_holiday_imports.py of schedules/api",
}


def without_commands(folder: str) -> str:
    """`management/` holds nothing but the folder `commands/`; their tests are one level higher."""
    return folder.removesuffix("/commands")


def folders_with(pattern: str, root: Path) -> set[str]:
    """Folders below `root` that hold a file of the pattern, relative to it."""
    return {path.parent.relative_to(root).as_posix() for path in root.rglob(pattern)} - {"."}


def product_folders() -> set[str]:
    found = {
        path.parent.relative_to(PRODUCT).as_posix()
        for path in PRODUCT.rglob("*.py")
        if path.name != "__init__.py" and "migrations" not in path.parts
    }
    return {without_commands(folder) for folder in found - {"."}}


def test_every_test_is_where_the_tested_folder_is():
    assert folders_with("test_*.py", TESTS) - {"support"} - product_folders() == set()


def test_every_folder_of_the_product_has_a_folder_of_tests():
    """Apps whose tests are all in folders of their layers have no test module of their own."""
    tested = {TESTS / folder for folder in folders_with("test_*.py", TESTS)}
    tested |= {parent for folder in tested for parent in folder.parents}
    missing = {folder for folder in product_folders() if TESTS / folder not in tested}
    assert missing == set(TESTED_ELSEWHERE)


@pytest.mark.parametrize("folder", sorted(TESTED_ELSEWHERE))
def test_exceptions_name_folders_that_exist(folder):
    assert (PRODUCT / folder).is_dir()
