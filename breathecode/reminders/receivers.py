from typing import Any

from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils import timezone

from breathecode.admissions.models import Cohort
from breathecode.reminders.domain.reminders import cancel_notices_of


@receiver(pre_delete, sender=Cohort)
def cohort_deleted(instance: Cohort, **kwargs: Any) -> None:
    """N2: recipients of notices are mailed that its classes are cancelled; its notices are deleted with it."""
    cancel_notices_of(instance, now=timezone.now())
