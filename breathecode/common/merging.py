"""A JSON object that several people write at once: `save()` writes the keys that its caller changed, and no others."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any, ClassVar, Self

from django.db import transaction

from breathecode.common.models import TimestampedModel


def merge_changes(*, stored: Mapping[str, Any], loaded: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """`stored` with what was changed, added and removed on the way from `loaded` to `wanted`."""
    kept = {key: value for key, value in stored.items() if key in wanted or key not in loaded}
    return kept | {key: value for key, value in wanted.items() if key not in loaded or loaded[key] != value}


class MergedObjectModel(TimestampedModel):
    """A model with one JSON object, `MERGED_OBJECT`, that no stale instance may undo.

    The object counts as bookkeeping: statements of their own write it, under the row's lock. Where somebody sets it
    on an instance all the same (a shell, the admin), `save()` compares it with what the instance had loaded and
    brings the difference, key by key, onto the row as it is then.
    """

    MERGED_OBJECT: ClassVar[str]
    # The object, and what depends on it: fields that a plain `save()` leaves out.
    MERGED_FIELDS: ClassVar[frozenset[str]]

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any]) -> Self:
        instance = super().from_db(db, field_names, values)
        instance._remember_object()
        return instance

    def refresh_from_db(
        self, using: str | None = None, fields: Iterable[str] | None = None, from_queryset: Any = None
    ) -> None:
        wanted = None if fields is None else list(fields)
        super().refresh_from_db(using=using, fields=wanted, from_queryset=from_queryset)
        if wanted is None or self.MERGED_OBJECT in wanted:  # also how Django loads a deferred field
            self._remember_object()

    def _remember_object(self) -> None:
        if self.MERGED_OBJECT in self.__dict__:
            # As text: the caller may change the object itself.
            self._loaded_object = json.dumps(self.__dict__[self.MERGED_OBJECT])

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding or kwargs.get("force_insert"):
            super().save(*args, **kwargs)
            self._remember_object()
            return
        named = kwargs.get("update_fields")
        if named is None:
            loaded = {f.name for f in self._meta.concrete_fields if f.attname in self.__dict__ and not f.primary_key}
            kwargs["update_fields"] = loaded - self.MERGED_FIELDS
        else:
            kwargs["update_fields"] = set(named) - {self.MERGED_OBJECT}
        with transaction.atomic(using=kwargs.get("using")):
            super().save(*args, **kwargs)
            if (named is None or self.MERGED_OBJECT in named) and self.MERGED_OBJECT in self.__dict__:
                self._merge_object()

    def _merge_object(self) -> None:
        wanted = self.__dict__[self.MERGED_OBJECT]
        if not isinstance(wanted, dict):
            raise TypeError(f"{self.MERGED_OBJECT} must be a dict, not {type(wanted).__name__}.")
        # Assigned without having been read: nothing is known to have been removed.
        loaded = json.loads(getattr(self, "_loaded_object", "{}"))
        if loaded == wanted:
            return
        row = type(self)._default_manager.filter(pk=self.pk)
        stored = row.select_for_update(no_key=True).values_list(self.MERGED_OBJECT, flat=True).get()
        merged = merge_changes(stored=stored, loaded=loaded, wanted=wanted)
        self.write_object(merged)
        setattr(self, self.MERGED_OBJECT, merged)
        self._remember_object()

    def write_object(self, merged: dict[str, Any]) -> None:
        """Writes the object of the locked row, with what depends on it."""
        type(self)._default_manager.filter(pk=self.pk).update(**{self.MERGED_OBJECT: merged})
