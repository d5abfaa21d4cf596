"""Ids as text, in paths, query parameters, headers, bodies and commands: what is read as an id, and what is a slug."""

import re
from collections.abc import Iterable

from django.db.models import Q
from django.urls.converters import IntConverter

# 18 digits are below 2**63, the limit of the id columns, and a pattern in the API's schema can say so.
MAX_ID = 10**18 - 1
ID_PATTERN = "[0-9]{1,18}"


class IdConverter(IntConverter):
    """`<id:name>` in a URL pattern. A longer number is read as `MAX_ID`, which no row has: the route's own 404."""

    def to_python(self, value: str) -> int:
        return min(int(value), MAX_ID)


def parse_id(text: str) -> int | None:
    """The id; None unless the text is 1 to 18 ASCII digits."""
    return int(text) if re.fullmatch(ID_PATTERN, text) else None


def split_ids_and_slugs(names: Iterable[str]) -> tuple[list[int], list[str]]:
    """The ids among the names, and the others. A slug always has a character that is not a digit (`validate_slug`)."""
    found = {name: parse_id(name) for name in names}
    return [pk for pk in found.values() if pk is not None], [name for name, pk in found.items() if pk is None]


def id_or_slug(name: str) -> Q:
    """Looks a row up by its id or its slug. With NUL, which PostgreSQL does not take in text, nothing is found."""
    pk = parse_id(name)
    if pk is not None:
        return Q(pk=pk)
    return Q(pk__in=()) if "\x00" in name else Q(slug=name)
