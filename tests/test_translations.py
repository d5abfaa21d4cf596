"""The translations that ship are the ones that stand in the texts."""

from pathlib import Path

import polib
import pytest

from tests.support.processes import ROOT

SOURCES = sorted((Path(ROOT) / "breathecode").glob("*/locale/*/LC_MESSAGES/*.po"))


def entries(catalogue):
    return {
        (entry.msgctxt, entry.msgid, entry.msgid_plural): entry.msgstr_plural or entry.msgstr
        for entry in catalogue
        if not entry.obsolete
    }


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.relative_to(ROOT).parts[1])
def test_what_is_compiled_is_what_is_written(source):
    """J1: a text that somebody corrects in the .po and does not compile would never be seen (`compilemessages`)."""
    written = polib.pofile(str(source))
    assert not written.fuzzy_entries()
    assert not written.untranslated_entries()
    assert entries(polib.mofile(str(source.with_suffix(".mo")))) == entries(written)
