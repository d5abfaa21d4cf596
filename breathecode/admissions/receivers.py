from typing import Any

from django.db.models import Q
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils import timezone

from breathecode.admissions.domain.enrolment import update_periods
from breathecode.admissions.models import CohortUser


@receiver([post_save, post_delete], sender=CohortUser)
def membership_changed(instance: CohortUser, **kwargs: Any) -> None:
    """A5: the history of enrolments. By person and by cohort, since the row may have been moved from another one."""
    update_periods(within=Q(user=instance.user_id) | Q(cohort=instance.cohort_id), now=timezone.now())
