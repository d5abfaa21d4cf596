"""Countries and their regions in words, for people who choose whose public holidays to import (rule P9)."""

import functools
from importlib.resources import files

from breathecode.schedules.domain.holidays.sources import countries


@functools.cache
def country_names() -> dict[str, str]:
    """English names by ISO 3166 code, in order of the names, of the countries whose holidays are known."""
    known = countries()  # some have a longer code of their own too
    names = [(code, name) for code, name in _rows("iso3166.tab") if code in known]
    return dict(sorted(names, key=lambda item: item[1]))


@functools.cache
def region_names(country: str) -> dict[str, str]:
    """By code, in order of the names; each as the country writes it. Empty for a country that is not known."""
    import holidays

    codes = countries().get(country, [])
    if not codes:
        return {}
    aliases = holidays.country_holidays(country).get_subdivision_aliases()
    names = {code: next(iter(aliases.get(code, ())), code) for code in codes}
    return dict(sorted(names.items(), key=lambda item: item[1]))


def country_of_zone(zone: str) -> str:
    """The ISO 3166 code of the country that a time zone belongs to; empty where it is of none, or of an unknown one."""
    code = _countries_of_zones().get(zone, "")
    return code if code in countries() else ""


@functools.cache
def _countries_of_zones() -> dict[str, str]:
    return {zone: code for code, _position, zone, *_comment in _rows("zone.tab")}


def _rows(name: str) -> list[list[str]]:
    """Of a table of the time zone database; lines that begin with # are comments."""
    text = (files("tzdata.zoneinfo") / name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
