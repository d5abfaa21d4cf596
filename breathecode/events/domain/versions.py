"""The cohort's `classes_version`: raised in the same transaction as every change that a list of its classes shows.

Raising it also takes the cohort's row lock, which is the first lock of every write to classes (see generation).
Model `save()`, `QuerySet.update()` and deletions raise it by themselves; these are for writes that go round them.
"""

from collections.abc import Iterable

from django.db import models
from django.db.models import F

from breathecode.admissions.models import Cohort


def bump_classes_version(*, cohort_ids: Iterable[int]) -> None:
    """Makes cached lists and feeds of these cohorts old. Call it inside the transaction, before the classes' rows."""
    Cohort.objects.filter(pk__in=list(cohort_ids)).bump_classes_version()


def bump_versions_of_locked_cohorts(cohort_ids: Iterable[int]) -> None:
    """The same in one statement, for a caller that holds the cohorts' locks."""
    models.QuerySet(Cohort).filter(pk__in=list(cohort_ids)).update(classes_version=F("classes_version") + 1)
