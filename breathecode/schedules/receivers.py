"""Changes of cohorts, time slots and holidays queue builds (rule G9)."""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils import timezone

from breathecode.admissions.models import Cohort, CohortTimeSlot, Holiday
from breathecode.admissions.signals import cohort_schedule_changing
from breathecode.common.queue import enqueue, enqueue_after_commit
from breathecode.schedules.domain.generation import due_time_slot_ids_of_cohort
from breathecode.schedules.domain.limits import check_class_count
from breathecode.schedules.tasks import build_due_live_classes, build_live_classes_from_timeslot


@receiver(post_save, sender=CohortTimeSlot)
def post_save_cohort_time_slot(instance: CohortTimeSlot, raw: bool = False, **kwargs: Any) -> None:
    """G9: a saved time slot is built after the commit."""
    enqueue_after_commit(build_live_classes_from_timeslot, timeslot_id=instance.pk)


@receiver(post_save, sender=Cohort)
def post_save_cohort(instance: Cohort, **kwargs: Any) -> None:
    """G9: a cohort whose dates, stage, zone or link changed has its time slots built after the commit."""
    transaction.on_commit(partial(_build_due_slots_of, instance.pk), robust=True)


@receiver(cohort_schedule_changing, sender=Cohort)
def check_class_limits(cohort: Cohort, **kwargs: Any) -> None:
    """T7: the cohort's dates alone may make too many."""
    check_class_count(cohort, now=timezone.now())


@receiver([post_save, post_delete], sender=Holiday)
def holiday_changed(instance: Holiday, **kwargs: Any) -> None:
    """G13: classes on closed dates are cancelled, and return with them."""
    enqueue_after_commit(build_due_live_classes)


def _build_due_slots_of(cohort_id: int) -> None:
    for timeslot_id in due_time_slot_ids_of_cohort(cohort_id):
        if not enqueue(build_live_classes_from_timeslot, timeslot_id=timeslot_id):
            break  # each further try would wait for the same broker, and the request with it
