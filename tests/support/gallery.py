"""Pictures of the pages for people to look at, in the folder that the environment variable GALLERY names."""

import os
from pathlib import Path


def picture_path(name: str) -> str | None:
    """Where to save the picture; None where nobody asked for pictures."""
    folder = os.environ.get("GALLERY")
    if not folder:
        return None
    Path(folder).mkdir(parents=True, exist_ok=True)
    return str(Path(folder) / name)
