"""Which IANA time zone data this process reads: the newest that is installed (rule G16).

`zoneinfo` takes the system's files wherever there are any, however old; the package `tzdata` comes second. So the
settings compare the two versions first, in every process.
"""

import re
import zoneinfo
from pathlib import Path

import tzdata

_VERSION = re.compile(r"\d{4}[a-z]+")


def use_newest_zone_data() -> str:
    """Has `zoneinfo` read the newer of the system's data and the package's; returns its version, like "2026f".

    Versions compare as text: a letter follows the year, and "za" follows "z". A system whose data does not say how
    old it is counts as older.
    """
    system = system_version()
    package = str(tzdata.IANA_VERSION)
    if system > package:
        return system
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache()
    return package


def system_version() -> str:
    """The version of the first folder of `zoneinfo.TZPATH` that holds zones; empty where it does not say."""
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
