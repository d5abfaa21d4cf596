"""Celery tasks. Each may run twice, late, or beside itself."""

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from breathecode.admissions.domain.enrolment import update_periods
from breathecode.common.db.pending_checks import scopes, settle
from breathecode.common.models import PendingCheck


@shared_task
def update_enrolment_periods() -> int:
    """Notes the changes of memberships that sent no signal (rule A5). Returns how many."""
    changed = 0
    for scope in scopes(PendingCheck.Task.ENROLMENTS):
        changed += update_periods(within=Q(**scope.within()), now=timezone.now())
        settle(scope)
    return changed
