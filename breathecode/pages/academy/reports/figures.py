"""Attendance and scores side by side: by week, by cohort, and in all."""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from breathecode.attendance.domain.counting import Tally
from breathecode.attendance.domain.weekly import AttendanceOfWeek
from breathecode.feedback.domain.results import Scores, ScoresOfWeek


@dataclass(frozen=True, slots=True)
class Figures:
    """`classes`: how many were held."""

    classes: int
    attendance: Tally
    scores: Scores


@dataclass(slots=True)
class Weeks:
    """All that was counted, by cohort and week."""

    attendance: Sequence[AttendanceOfWeek]
    scores: Sequence[ScoresOfWeek] = field(default_factory=list)

    def total(self) -> Figures:
        return _figures(self.attendance, self.scores)

    def by_week(self) -> dict[datetime.date, Figures]:
        """By Monday; weeks without anything are left out."""
        return self._by(lambda part: part.monday)

    def by_cohort(self) -> dict[int, Figures]:
        return self._by(lambda part: part.cohort_id)

    def _by(self, key: Callable[[Any], Any]) -> dict[Any, Figures]:
        groups: dict[Any, tuple[list[AttendanceOfWeek], list[ScoresOfWeek]]] = defaultdict(lambda: ([], []))
        for week in self.attendance:
            groups[key(week)][0].append(week)
        for scores in self.scores:
            groups[key(scores)][1].append(scores)
        return {name: _figures(*parts) for name, parts in groups.items()}


NOTHING = Figures(0, Tally(), Scores())


def _figures(attendance: Iterable[AttendanceOfWeek], scores: Iterable[ScoresOfWeek]) -> Figures:
    weeks = list(attendance)
    return Figures(sum(week.classes for week in weeks), Tally.total(weeks), Scores.total(scores))
