"""Rule A5 as conditions of statements that count in the database; in Python it is `report.is_expected`."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import Exists, OuterRef, Q

from breathecode.admissions.models import EnrolmentPeriod
from breathecode.attendance.domain.report import rate

# Of classes: they count for everybody who was an active student then. The same as `LiveClass.held`.
HELD = Q(ended_at__isnull=False) & (Q(started_at__isnull=False) | Q(attended=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What marks come to: numbers of students in classes.

    `absent`: marked so, or without a mark at a held class at which they were expected. `excused` is not expected.
    """

    present: int = 0
    late: int = 0
    absent: int = 0
    excused: int = 0

    @property
    def attended(self) -> int:
        return self.present + self.late

    @property
    def expected(self) -> int:
        return self.attended + self.absent

    @property
    def rate(self) -> float | None:
        """From 0 to 1; None where nobody was expected yet."""
        return rate(self.attended, self.expected)

    @classmethod
    def total(cls, parts: "Iterable[Tally]") -> Self:
        """The sums of all parts."""
        found = list(parts)
        return cls(**{name: sum(getattr(part, name) for part in found) for name in _COUNTS})


_COUNTS = ("present", "late", "absent", "excused")


def active_then(user: Any) -> Exists:
    """Of classes: the user was an active student of the class's cohort at some moment of it.

    `user`: an id, or a reference to the outer query's.
    """
    periods = EnrolmentPeriod.objects.filter(cohort=OuterRef("cohort"), user=user).order_by()
    lasting = Q(until__isnull=True) | Q(until__gt=OuterRef("starting_at"))
    return Exists(periods.filter(lasting, since__lt=OuterRef("ending_at")))
