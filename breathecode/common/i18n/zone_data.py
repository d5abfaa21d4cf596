"""Makes this process read the newest IANA time zone data that is installed (rule G16).

`zoneinfo` prefers the system's files, however old, to the package `tzdata`. So the settings compare the two versions
first, in every process.
"""

import re
import zoneinfo
from pathlib import Path

import tzdata

_VERSION = re.compile(r"\d{4}[a-z]+")


def use_newest_zone_data() -> str:
    """Makes `zoneinfo` read the newer of the system's data and the package's; returns its version, like "2026f".

    Versions are compared as text: a letter follows the year, and "za" follows "z". System data without a version
    counts as older.
    """
    system = system_version()
    package = str(tzdata.IANA_VERSION)
    if system > package:
        return system
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache()
    return package


def system_version() -> str:
    """The version in the first existing folder of `zoneinfo.TZPATH`; empty if it has none."""
    folder = next((Path(name) for name in zoneinfo.TZPATH if Path(name).is_dir()), None)
    if folder is None:
        return ""
    texts = (_first_line(folder / name) for name in ("+VERSION", "tzdata.zi"))
    return next((found[0] for text in texts if (found := _VERSION.search(text))), "")


def _first_line(file: Path) -> str:
    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            return lines.readline(200)
    except OSError:
        return ""
