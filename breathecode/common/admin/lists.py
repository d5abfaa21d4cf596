"""Lists of the admin whose cost depends on the page that is shown, and not on the table."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property, reduce
from operator import and_, or_
from typing import Any

from django.core.paginator import Paginator
from django.db.models import IntegerField, Model, Q, QuerySet
from django.utils.text import smart_split, unescape_string_literal

from breathecode.common.ids import parse_id

MAX_COUNTED = 10_000  # rows; a longer list is to be filtered or searched
MAX_RELATED = 500  # ids of related rows that a search goes through
MAX_WORDS = 5
SIGNS = "^="  # of fields: what begins with a word, what is equal to it


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # takes no argument at run time
    """Counts no more than `MAX_COUNTED` rows, and has no pages beyond them."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:MAX_COUNTED].count())


def search(queryset: QuerySet[Any], *, fields: Sequence[str], text: str, own: Q | None = None) -> QuerySet[Any]:
    """The rows that have every word of `text`, or all of it as one phrase, in one of `fields`.

    `fields` are those of `ModelAdmin.search_fields`: `^` finds what begins with the word, by the index of a
    `PrefixKey`; `=` the whole value, a number or a text in lower case; without a sign it is found anywhere, which reads
    the whole table. `own` is a further condition of the own columns, for an index that begins with others.

    Columns of related tables are searched there first, and the rows then found by the index of their foreign key: one
    condition over several tables would read each of them whole. The number of statements depends on the number of
    words alone.
    """
    words = _words(text)
    if not words:
        return queryset
    model, own = queryset.model, own or Q()
    by_word = [_condition(model, fields, word, own) for word in words]
    found = [None if None in by_word else reduce(and_, by_word)]
    if len(words) > 1:
        found.append(_condition(model, fields, " ".join(words), own))
    return queryset.filter(_any(model, found) or Q(pk__in=[]))


def _words(text: str) -> list[str]:
    """Words and "quoted phrases", as Django splits them."""
    found = [word for word in smart_split(text.replace("\x00", "")) if word]
    return [unescape_string_literal(w) if w[0] in "\"'" and w[0] == w[-1] else w for w in found][:MAX_WORDS]


def _condition(model: type[Model], fields: Sequence[str], word: str, own: Q) -> Q | None:
    """The rows that have the word in one of the fields; None where there are none."""
    columns: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)  # by their path, with their sign
    for field in fields:
        path, _separator, name = field.lstrip(SIGNS).rpartition("__")
        columns[path].append((field[: len(field) - len(field.lstrip(SIGNS))], name))
    of_paths = (
        _through(model, path, names, word) if path else _own(model, names, word, own) for path, names in columns.items()
    )
    return _any(model, list(of_paths))


def _any(model: type[Model], conditions: Sequence[Q | None]) -> Q | None:
    """Each condition may have an index of its own, which one condition made of all of them would not use."""
    found = [condition for condition in conditions if condition is not None]
    if len(found) <= 1:
        return found[0] if found else None
    keys = [model._default_manager.filter(condition).order_by().values("pk") for condition in found]
    return Q(pk__in=keys[0].union(*keys[1:]))


def _own(model: type[Model], columns: list[tuple[str, str]], word: str, own: Q) -> Q | None:
    found = [lookup for sign, name in columns if (lookup := _lookup(model, sign, name, word)) is not None]
    return reduce(or_, found) & own if found else None


def _lookup(model: type[Model], sign: str, name: str, word: str, path: str = "") -> Q | None:
    """Of a column of the model; None where it cannot have such a value."""
    if sign != "=":
        return Q(**{f"{path}{name}__{'istartswith' if sign == '^' else 'icontains'}": word})
    if isinstance(model._meta.get_field(name), IntegerField):
        number = parse_id(word)
        return None if number is None else Q(**{f"{path}{name}": number})
    return Q(**{f"{path}{name}": word.lower()})


def _through(model: type[Model], path: str, columns: list[tuple[str, str]], word: str) -> Q | None:
    related = _model_at(model, path)
    conditions = _own(related, columns, word, Q())
    if conditions is None:
        return None
    ids = list(related._default_manager.filter(conditions).order_by().values_list("pk", flat=True)[: MAX_RELATED + 1])
    if len(ids) <= MAX_RELATED:
        return Q(**{f"{path}__in": ids}) if ids else None
    # So many match that the list itself is read until the page is full, and up to MAX_COUNTED rows are counted.
    wanted = (_lookup(related, sign, name, word, f"{path}__") for sign, name in columns)
    return reduce(or_, (lookup for lookup in wanted if lookup is not None))


def _model_at(model: Any, path: str) -> type[Model]:
    for name in path.split("__"):
        model = model._meta.get_field(name).related_model
    found: type[Model] = model
    return found
