"""Celery tasks. Each may run twice, late, or beside itself."""

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from breathecode.admissions.domain.enrolment import update_periods


@shared_task
def update_enrolment_periods() -> int:
    """Notes the changes of memberships that sent no signal (rule A5). Returns how many."""
    return update_periods(within=Q(), now=timezone.now())
