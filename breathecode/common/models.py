from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.core.validators import RegexValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# A slug of digits alone would be taken for an id wherever both are accepted.
SLUG_PATTERN = r"^(?=.*[a-zA-Z_-])[-a-zA-Z0-9_]+\Z"
validate_slug = RegexValidator(
    SLUG_PATTERN, _("Use letters, digits, hyphens and underscores, and not only digits."), "invalid"
)


class TimestampedModel(models.Model):
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As Django's, in one transaction with what the save leads to: versions and revisions raised by receivers."""
        with transaction.atomic(using=kwargs.get("using")):
            super().save(*args, **kwargs)


class SystemFieldsModel(TimestampedModel):
    """A model with columns that only statements of their own write (`update(x=F("x") + 1)`).

    A plain `save()` leaves them alone: the instance may have loaded them long ago.
    """

    SYSTEM_FIELDS: ClassVar[frozenset[str]] = frozenset()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("update_fields") is None and not self._state.adding and not kwargs.get("force_insert"):
            loaded = {f.name for f in self._meta.concrete_fields if f.attname in self.__dict__ and not f.primary_key}
            kwargs["update_fields"] = loaded - self.SYSTEM_FIELDS
        super().save(*args, **kwargs)


class PeriodicRun(models.Model):
    """When a periodic task last ran: one row, or none before the first run (see `common.beat`)."""

    ONLY: ClassVar[int] = 1

    last_run_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"last run at {self.last_run_at:%Y-%m-%d %H:%M:%S}"


def assign(instance: models.Model, fields: Mapping[str, Any]) -> set[str]:
    """Sets these fields; returns the names of those whose value was another one before."""
    changed = {name for name, value in fields.items() if getattr(instance, name) != value}
    for name in changed:
        setattr(instance, name, fields[name])
    return changed


def lock(model: type[models.Model], pk: int) -> None:
    """Holds the row until the transaction ends. Lock first and read afterwards: what is read is then the last word.

    A query that reads related rows too cannot do both at once: PostgreSQL reads anew only the row it waited for.
    """
    list(model._default_manager.select_for_update(no_key=True).filter(pk=pk).values_list("pk"))


def differs_from_row(instance: models.Model, names: Iterable[str]) -> bool:
    """Whether saving these fields would change the row; False where there is no row.

    Compared with the row under lock, not with what the instance once loaded: another may have saved since.
    """
    fields = sorted(names)
    if not fields:
        return False
    # no_key: rows that refer to this one may be written meanwhile, and their writers hold locks of their own.
    rows = type(instance)._default_manager.select_for_update(no_key=True).filter(pk=instance.pk)
    stored = rows.values(*fields).first()
    return stored is not None and any(_differs(instance, name, stored[name]) for name in fields)


def save_changes(instance: models.Model, names: Iterable[str], update_fields: Iterable[str] | None) -> bool:
    """Whether a save of `update_fields` (None: all) changes the row in one of the fields `names`. Locks the row."""
    saved = set(names) if update_fields is None else set(names).intersection(update_fields)
    fields = {instance._meta.get_field(name).name for name in saved} - instance.get_deferred_fields()
    return not instance._state.adding and differs_from_row(instance, fields)


def stamp_changes(instance: models.Model, stamp: str, names: Iterable[str], save_arguments: dict[str, Any]) -> None:
    """Sets the field `stamp` to now where a save with these arguments changes the row in one of the fields `names`."""
    update_fields = save_arguments.get("update_fields")
    if save_changes(instance, names, update_fields):
        setattr(instance, stamp, timezone.now())
        if update_fields is not None:
            save_arguments["update_fields"] = {*update_fields, stamp}


def _differs(instance: models.Model, name: str, stored: Any) -> bool:
    field = instance._meta.get_field(name)
    value = getattr(instance, field.attname)  # type: ignore[union-attr]
    # What the database is yet to work out (an F expression) may be anything.
    return hasattr(value, "resolve_expression") or bool(field.to_python(value) != stored)  # type: ignore[union-attr]
