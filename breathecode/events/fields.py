"""Columns of a live class that are filled from its time slot when the class is inserted."""

import datetime
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models


class CopiedKey(models.ForeignKey):  # type: ignore[type-arg]  # generic to the type checker alone
    """A copy of a key that the class's time slot leads to, filled by `save()` and `bulk_create()` on insert.

    `source`: the attributes to follow from the slot, with dots. Where the instance has the slot at hand, its key is
    taken; an instance that knows only the slot's id keeps the key that it has. The database does not check the key by
    itself: that would repeat the check of the slot's own key for each of thousands of rows.
    """

    def __init__(self, to: Any, *, source: str = "", **options: Any) -> None:
        self.source = source
        super().__init__(to, **{"editable": False, "db_constraint": False, "db_index": False, **options})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "source": self.source}

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        slot_is_read = "cohort_time_slot" in model_instance._state.fields_cache
        if add and (slot_is_read or getattr(model_instance, self.attname) is None):
            setattr(model_instance, self.name, attrgetter(self.source)(model_instance.cohort_time_slot))  # type: ignore[attr-defined]
        return super().pre_save(model_instance, add)


class ClassDayField(models.DateField):  # type: ignore[type-arg]  # generic to the type checker alone
    """The day that a class belongs to, filled on insert (rule A4): see `day_of_class`.

    It does not change with the time zone of the slot. Who moves a class by hand sets it again.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"editable": False, **options})

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        if getattr(model_instance, self.attname) is None:
            setattr(model_instance, self.attname, day_of_class(model_instance))
        return super().pre_save(model_instance, add)


def day_of_class(live_class: Any) -> datetime.date:
    """The planned date; of a class made or moved by hand the date of its start in its slot's zone.

    A class that ends after midnight belongs to the day on which it begins.
    """
    if live_class.planned_date is not None and not live_class.moved_by_hand:
        planned: datetime.date = live_class.planned_date
        return planned
    # As the column takes it: a caller may have set the text of a moment.
    starting_at: datetime.datetime = live_class._meta.get_field("starting_at").get_prep_value(live_class.starting_at)
    return local_date(starting_at, zone=live_class.cohort_time_slot.timezone)


def local_date(moment: datetime.datetime, *, zone: str) -> datetime.date:
    """The date of an aware moment in an IANA time zone."""
    return moment.astimezone(ZoneInfo(zone)).date()
