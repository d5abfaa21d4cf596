"""The code of the previous release, as it was: `previous_release.tar.xz`, which `make previous-release` writes.

An archive, and not the repository's history: a shallow checkout has none. git writes the commit into its header.
"""

from __future__ import annotations

import tarfile
from pathlib import Path

ARCHIVE = Path(__file__).with_suffix(".tar.xz")


def commit() -> str:
    """The commit that the archive was made of."""
    with tarfile.open(ARCHIVE) as archive:
        return archive.pax_headers["comment"]


def migrations() -> set[tuple[str, str]]:
    """App and name of each migration that it had."""
    with tarfile.open(ARCHIVE) as archive:
        paths = [Path(name) for name in archive.getnames()]
    return {
        (path.parts[-3], path.stem)
        for path in paths
        if path.parent.name == "migrations" and path.suffix == ".py" and path.stem != "__init__"
    }


def unpack(folder: Path) -> Path:
    """Writes its files below `folder`, from where its `manage.py` and web server run; returns the folder."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder
