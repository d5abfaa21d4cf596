"""Cohorts with random classes, students and marks, and what rule A5 makes of them, reckoned without the product."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from breathecode.admissions.models import CohortTimeSlot, CohortUser, EnrolmentPeriod
from breathecode.attendance.models import Attendance
from breathecode.authenticate.models import User
from breathecode.events.models import LiveClass

MARKS = ("PRESENT", "LATE", "ABSENT", "EXCUSED")
KINDS = ("started", "by staff", "not held", "cancelled", "running")
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
Span = tuple[datetime.datetime, datetime.datetime | None]


@dataclass
class Facts:
    """What was made: each class's kind, each student's spans, each mark by class and student, all by id."""

    slot: CohortTimeSlot
    classes: list[LiveClass] = field(default_factory=list)
    kinds: dict[int, str] = field(default_factory=dict)
    spans: dict[int, list[Span]] = field(default_factory=dict)
    current: set[int] = field(default_factory=set)
    marks: dict[tuple[int, int], str] = field(default_factory=dict)

    def outcomes(self) -> Iterator[tuple[LiveClass, int, str]]:
        """Each class and student of the report with what counts there: a mark, or "UNMARKED" of who was expected."""
        reported = self.current | {user for _class, user in self.marks}
        for live_class in self.classes:
            for user in reported:
                outcome = self._outcome(live_class, user)
                if outcome:
                    yield live_class, user, outcome

    def _outcome(self, live_class: LiveClass, user: int) -> str:
        kind, mark = self.kinds[live_class.pk], self.marks.get((live_class.pk, user))
        if kind == "cancelled" or mark:
            return "" if kind == "cancelled" else mark or ""
        if kind not in ("started", "by staff"):
            return ""
        begin, end = live_class.starting_at, live_class.ending_at
        there = any(since < end and (until is None or until > begin) for since, until in self.spans.get(user, []))
        return "UNMARKED" if there else ""


def sums(facts: Sequence[Facts], key: Callable[[LiveClass, int], Any]) -> dict[Any, tuple[int, int]]:
    """(attended, expected) by what `key` makes of a class and a student's id."""
    attended: Counter[Any] = Counter()
    expected: Counter[Any] = Counter()
    for some in facts:
        for live_class, user, outcome in some.outcomes():
            if outcome != "EXCUSED":
                expected[key(live_class, user)] += 1
                attended[key(live_class, user)] += outcome in ("PRESENT", "LATE")
    return {name: (attended[name], expected[name]) for name in expected}


def random_facts(
    random: Random,
    slot: CohortTimeSlot,
    students: Sequence[User],
    *,
    now: datetime.datetime,
    classes: int,
    days_apart: int = 2,
) -> Facts:
    """Classes of the last weeks, of every kind; students who came, left and came back."""
    facts = Facts(slot)
    for number in range(classes):
        start = now - (days_apart * number + 1) * DAY
        kind = random.choice(KINDS)
        facts.classes.append(_class(slot, start, kind))
    LiveClass.objects.bulk_create(facts.classes)
    kinds = [_kind_of(live_class) for live_class in facts.classes]
    facts.kinds = {live_class.pk: kind for live_class, kind in zip(facts.classes, kinds, strict=True)}
    for student in students:
        _enrol(random, facts, student, first=facts.classes[-1].starting_at, now=now)
    _mark(random, facts, students, now=now)
    return facts


def _class(slot: CohortTimeSlot, start: datetime.datetime, kind: str) -> LiveClass:
    live_class = LiveClass(cohort_time_slot=slot, starting_at=start, ending_at=start + 2 * HOUR)
    if kind == "cancelled":
        live_class.cancelled_at = start
    elif kind == "running":
        live_class.started_at = start
    else:
        live_class.ended_at = start + 2 * HOUR
        live_class.started_at = start if kind == "started" else None
        live_class.attended = kind == "by staff"
    return live_class


def _kind_of(live_class: LiveClass) -> str:
    if live_class.cancelled_at:
        return "cancelled"
    if not live_class.ended_at:
        return "running"
    if live_class.started_at:
        return "started"
    return "by staff" if live_class.attended else "not held"


def _enrol(random: Random, facts: Facts, student: User, *, first: datetime.datetime, now: datetime.datetime) -> None:
    """One to three spans; some begin and end in the middle of a class."""
    times = sorted(random.sample(facts.classes, k=min(5, len(facts.classes))), key=lambda found: found.starting_at)
    moments = [found.starting_at + random.choice((-HOUR, 0 * HOUR, HOUR, 2 * HOUR)) for found in times]
    stays = random.random() < 0.6
    bounds: list[datetime.datetime | None] = [first - DAY, *moments]
    if stays == (len(bounds) % 2 == 0):
        bounds.pop()
    if stays:
        bounds.append(None)
    spans: list[Any] = list(zip(bounds[::2], bounds[1::2], strict=True))
    facts.spans[student.pk] = spans
    EnrolmentPeriod.objects.bulk_create(
        EnrolmentPeriod(cohort=facts.slot.cohort, user=student, since=since, until=until) for since, until in spans
    )
    if stays:
        facts.current.add(student.pk)
        CohortUser.objects.bulk_create([CohortUser(cohort=facts.slot.cohort, user=student)])  # sends no signal


def _mark(random: Random, facts: Facts, students: Sequence[User], *, now: datetime.datetime) -> None:
    marked = [student for student in students if random.random() < 0.8]
    for live_class in facts.classes:
        for student in marked:
            if random.random() < 0.5:
                facts.marks[live_class.pk, student.pk] = random.choice(MARKS)
    Attendance.objects.bulk_create(
        Attendance(live_class_id=class_id, user_id=user_id, status=mark, source="STAFF", recorded_at=now)
        for (class_id, user_id), mark in facts.marks.items()
    )
