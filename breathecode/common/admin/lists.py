"""Lists of the admin whose cost depends on the page that is shown, and not on the table."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.utils.text import smart_split, unescape_string_literal

MAX_COUNTED = 10_000  # rows; a longer list is to be filtered or searched
MAX_RELATED = 500  # ids of related rows that a search goes through
MAX_WORDS = 5


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # takes no argument at run time
    """Counts no more than `MAX_COUNTED` rows, and has no pages beyond them."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:MAX_COUNTED].count())


def search(queryset: QuerySet[Any], *, fields: Sequence[str], text: str) -> QuerySet[Any]:
    """The rows that have every word of `text` in one of `fields`, lookups as those of `ModelAdmin.search_fields`.

    Columns of related tables are searched there first, and the rows then found by the index of their foreign key: one
    condition over several tables would read each of them whole. The number of statements depends on the number of
    words alone.
    """
    for word in _words(text):
        queryset = queryset.filter(_condition(queryset.model, fields, word))
    return queryset


def _words(text: str) -> list[str]:
    """Words and "quoted phrases", as Django splits them."""
    found = [word for word in smart_split(text.replace("\x00", "")) if word]
    return [unescape_string_literal(w) if w[0] in "\"'" and w[0] == w[-1] else w for w in found][:MAX_WORDS]


def _condition(model: type[Model], fields: Sequence[str], word: str) -> Q:
    own, related = Q(pk__in=[]), defaultdict(list)
    for field in fields:
        path, _separator, name = field.removeprefix("=").rpartition("__")
        if path:
            related[path].append(name)
        else:
            own |= Q(**{f"{name}__iexact" if field.startswith("=") else f"{name}__icontains": word})
    return reduce(or_, (_through(model, path, names, word) for path, names in related.items()), own)


def _through(model: type[Model], path: str, names: list[str], word: str) -> Q:
    conditions = reduce(or_, (Q(**{f"{name}__icontains": word}) for name in names))
    ids = list(
        _model_at(model, path)._default_manager.filter(conditions).values_list("pk", flat=True)[: MAX_RELATED + 1]
    )
    if len(ids) <= MAX_RELATED:
        return Q(**{f"{path}__in": ids})
    # So many match that the first page is found soon.
    return reduce(or_, (Q(**{f"{path}__{name}__icontains": word}) for name in names))


def _model_at(model: Any, path: str) -> type[Model]:
    for name in path.split("__"):
        model = model._meta.get_field(name).related_model
    found: type[Model] = model
    return found
