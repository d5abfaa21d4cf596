"""The cohort's `classes_version`: raised in the same transaction as every change that a list of its classes shows.

Raising it also takes the cohort's row lock, which is the first lock of every write to classes (see generation).
"""

from collections.abc import Iterable

from django.db.models import F

from breathecode.admissions.models import Cohort


def raise_classes_version(*, cohort_ids: Iterable[int]) -> None:
    """Makes cached lists and feeds of these cohorts old. Call it inside the transaction, before the classes' rows."""
    Cohort.objects.filter(pk__in=list(cohort_ids)).update(classes_version=F("classes_version") + 1)
