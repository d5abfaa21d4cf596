"""The cohort's `classes_version`: raised in the same transaction as every change that a list of its classes shows.

Raising it also takes the cohort's row lock, which is the first lock of every write to classes (see generation).
"""

from collections.abc import Iterable

from django.db.models import F

from breathecode.admissions.models import Cohort


def raise_classes_version(*, cohort_ids: Iterable[int]) -> None:
    """Makes cached lists and feeds of these cohorts old. Call it inside the transaction, before the classes' rows."""
    ids = sorted(set(cohort_ids))
    cohorts = Cohort.objects.filter(pk__in=ids)
    if len(ids) > 1:  # an update locks in whatever order it finds them: two callers could wait for each other
        list(cohorts.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    cohorts.update(classes_version=F("classes_version") + 1)
