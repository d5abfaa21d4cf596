"""What other apps' writes lead to here."""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save, pre_delete
from django.dispatch import receiver
from django.utils import timezone

from breathecode.admissions.models import Cohort, CohortTimeSlot, Holiday, Syllabus
from breathecode.admissions.signals import cohort_schedule_changing
from breathecode.authenticate.models import Academy, AcademyMember, User
from breathecode.common.queue import enqueue, enqueue_after_commit
from breathecode.events.domain.scheduling.generation import due_time_slot_ids_of_cohort
from breathecode.events.domain.scheduling.limits import check_class_count
from breathecode.events.domain.scheduling.substitutes import remove_from_coming_classes
from breathecode.events.models import LiveClass
from breathecode.events.tasks import build_due_live_classes, build_live_classes_from_timeslot


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


@receiver(pre_delete, sender=LiveClass)
def live_class_deleted(instance: LiveClass, **kwargs: Any) -> None:
    """O2: a deleted class is in no list any more, whoever deleted it, also along with its time slot.

    Before the deletion, in its transaction: the cohort is locked before its classes, here as in a build.
    """
    Cohort.objects.filter(time_slots=instance.cohort_time_slot_id).bump_classes_version()


@receiver([post_save, post_delete], sender=AcademyMember)
def member_changed(instance: AcademyMember, **kwargs: Any) -> None:
    """P4: who is not a member any more, or not with this role, is no substitute for a class to come."""
    remove_from_coming_classes(instance.user_id, academy_id=instance.academy_id, now=timezone.now())


@receiver(post_save, sender=User)
def user_changed(instance: User, created: bool, update_fields: Any = None, **kwargs: Any) -> None:
    """O2: lists of classes show the name of a substitute (rule P4)."""
    if not created and (update_fields is None or {"first_name", "last_name"} & set(update_fields)):
        Cohort.objects.filter(time_slots__live_classes__teacher=instance).bump_classes_version()


@receiver(post_save, sender=Academy)
def academy_changed(instance: Academy, created: bool, **kwargs: Any) -> None:
    """O2: lists of classes show the academy's name, slug and logo."""
    if not created:
        Cohort.objects.filter(academy=instance).bump_classes_version()


@receiver([post_save, pre_delete], sender=Syllabus)
def syllabus_changed(instance: Syllabus, **kwargs: Any) -> None:
    """O2: lists of classes are filtered by the syllabus' slug."""
    Cohort.objects.filter(syllabus=instance).bump_classes_version()


@receiver([post_save, post_delete], sender=Holiday)
def holiday_changed(instance: Holiday, **kwargs: Any) -> None:
    """G13: classes on closed dates are cancelled, and return with them."""
    enqueue_after_commit(build_due_live_classes)


def _build_due_slots_of(cohort_id: int) -> None:
    for timeslot_id in due_time_slot_ids_of_cohort(cohort_id):
        if not enqueue(build_live_classes_from_timeslot, timeslot_id=timeslot_id):
            break  # each further try would wait for the same broker, and the request with it
