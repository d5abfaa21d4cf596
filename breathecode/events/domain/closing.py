"""Ends overdue classes (rule A1)."""

import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from breathecode.events.domain.joining import GRACE
from breathecode.events.domain.lifecycle import end_class, lock_class, set_start_by_joins
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
    """Ends one overdue class, in a transaction of its own. True where this call ended it.

    Safe beside a second runner, a PUT at the same moment, and a `kill -9`: looked at again under its lock.
    """
    with transaction.atomic():
        overdue = overdue_classes(now=now).filter(pk=live_class_id)
        if not overdue.exists():  # spares the cohort's lock and its cached lists
            return False
        live_class = lock_class(live_class_id)
        if not overdue.exists():  # ended, cancelled or moved while this waited for the lock
            return False
        changed = set_start_by_joins(live_class)  # a start whose message got lost is still one (rule J6)
        end_class(live_class, at=end_of(live_class), now=now, changed=changed)
        return True


def end_of(live_class: LiveClass) -> datetime.datetime:
    """30 minutes after the planned end; not before the start, if the class was started after that."""
    planned = live_class.ending_at + GRACE
    return max(planned, live_class.started_at) if live_class.started_at else planned
