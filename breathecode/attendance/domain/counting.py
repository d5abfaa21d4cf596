"""Rule A5 as conditions of statements that count in the database; in Python it is `report.is_expected`."""

from typing import Any

from django.db.models import Exists, OuterRef, Q

from breathecode.admissions.models import EnrolmentPeriod
from breathecode.attendance.models import Mark

# Of classes: they count for everybody who was an active student then. The same as `LiveClass.held`.
HELD = Q(ended_at__isnull=False) & (Q(started_at__isnull=False) | Q(attended=True))
# Marks at which a student is expected: all but EXCUSED.
EXPECTED: tuple[str, ...] = (Mark.PRESENT, Mark.LATE, Mark.ABSENT)


def active_then(user: Any) -> Exists:
    """Of classes: the user was an active student of the class's cohort at some moment of it.

    `user`: an id, or a reference to the outer query's.
    """
    periods = EnrolmentPeriod.objects.filter(cohort=OuterRef("cohort"), user=user).order_by()
    lasting = Q(until__isnull=True) | Q(until__gt=OuterRef("starting_at"))
    return Exists(periods.filter(lasting, since__lt=OuterRef("ending_at")))
