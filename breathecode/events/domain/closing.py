"""Ends overdue classes (rule A1)."""

import datetime
from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from breathecode.events.domain.joining import GRACE
from breathecode.events.domain.lifecycle import end_classes, lock_classes, set_starts_by_joins
from breathecode.events.models import LiveClass


def overdue_classes(*, now: datetime.datetime) -> QuerySet[LiveClass]:
    """The classes that are to be closed: 30 minutes past their planned end, neither ended nor cancelled."""
    return LiveClass.objects.filter(ended_at__isnull=True, cancelled_at__isnull=True, ending_at__lte=now - GRACE)


def count_overdue_classes() -> float:
    """For `/metrics`."""
    return overdue_classes(now=timezone.now()).count()


def overdue_class_ids(*, now: datetime.datetime) -> list[int]:
    """Oldest first, so that surveys are sent in the order in which the classes ended."""
    return list(overdue_classes(now=now).order_by("ending_at", "pk").values_list("pk", flat=True))


def close_class(*, live_class_id: int, now: datetime.datetime) -> bool:
    """Ends one overdue class, in a transaction of its own. True where this call ended it."""
    return bool(close_classes(live_class_ids=[live_class_id], now=now))


def close_classes(*, live_class_ids: Collection[int], now: datetime.datetime) -> list[int]:
    """Ends those of the classes that are overdue, in one transaction; the ids of those that this call ended.

    As many statements for many classes as for one. Safe beside a second runner, a PUT at the same moment, and a
    `kill -9`: looked at again under their locks.
    """
    with transaction.atomic():
        overdue = overdue_classes(now=now).filter(pk__in=live_class_ids)
        found = list(overdue.values_list("pk", flat=True))  # spares the locks of other cohorts, and their cached lists
        # Some may have been ended, cancelled or moved while this waited for the lock.
        classes = [live_class for live_class in lock_classes(found) if is_overdue(live_class, now=now)] if found else []
        if classes:
            changed = set_starts_by_joins(classes)  # a start whose message got lost is still one (rule J6)
            for live_class in classes:
                live_class.ended_at = end_of(live_class)
            end_classes(sorted(classes, key=_by_end), now=now, changed=changed)
    return [live_class.pk for live_class in classes]


def is_overdue(live_class: LiveClass, *, now: datetime.datetime) -> bool:
    """The same as `overdue_classes`, of a class that is locked."""
    return live_class.ended_at is None and live_class.cancelled_at is None and live_class.ending_at <= now - GRACE


def _by_end(live_class: LiveClass) -> tuple[datetime.datetime, int]:
    return live_class.ending_at, live_class.pk


def end_of(live_class: LiveClass) -> datetime.datetime:
    """30 minutes after the planned end; not before the start, if the class was started after that."""
    planned = live_class.ending_at + GRACE
    return max(planned, live_class.started_at) if live_class.started_at else planned
