"""A cohort's attendance as a table: students by classes, and each student's rate (rule A5).

    rate = attended / expected

- A student is expected at the held classes (rule A1) of the time in which they were an active student of the cohort,
  and at every class at which they have a mark other than EXCUSED. Leaving takes nothing back that was before it.
- EXCUSED and cancelled classes leave the sum. A class that runs still, or that nobody held, counts only for whom it
  has such a mark.
- Attended: `Attendance.ATTENDED`. A class without a mark counts as not attended.
- Expected at none: the rate is null.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from breathecode.admissions.domain.enrolment import active_students
from breathecode.admissions.models import Cohort, EnrolmentPeriod
from breathecode.attendance.models import Attendance, Mark
from breathecode.authenticate.models import User
from breathecode.events.models import LiveClass

Period = tuple[datetime.datetime, datetime.datetime | None]

# One byte a mark: a table of 1,500 students by 250 classes takes 375 kB, whatever it is written as.
_CODES = ("", *Mark.values)


def rate(part: int, whole: int) -> float | None:
    """The share, from 0 to 1 with four decimals; None of nothing."""
    return round(part / whole, 4) if whole else None


@dataclass(frozen=True, slots=True)
class ReportedClass:
    id: int
    title: str
    day: datetime.date
    starting_at: datetime.datetime  # in the report's zone
    ending_at: datetime.datetime
    status: str
    held: bool | None

    @property
    def is_cancelled(self) -> bool:
        return self.status == LiveClass.Status.CANCELLED

    @property
    def counts(self) -> bool:
        """Whether it counts for everybody who was an active student then."""
        return self.held is True and not self.is_cancelled


@dataclass(frozen=True, slots=True)
class ReportedStudent:
    """`periods`: when they were an active student of the cohort; the end is None of the one that lasts."""

    id: int
    name: str
    email: str
    periods: tuple[Period, ...]

    def was_active_during(self, reported: ReportedClass) -> bool:
        return any(
            since < reported.ending_at and (until is None or until > reported.starting_at)
            for since, until in self.periods
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One student's marks, in the order of the report's classes (None: nothing recorded), and what they come to."""

    student: ReportedStudent
    marks: list[str | None]
    attended: int
    expected: int

    @property
    def rate(self) -> float | None:
        return rate(self.attended, self.expected)


@dataclass(frozen=True, slots=True)
class Report:
    cohort: Cohort
    zone: str
    classes: list[ReportedClass]
    students: list[ReportedStudent]
    codes: dict[int, bytearray]

    def lines(self) -> Iterator[Line]:
        """Yields one at a time, so that writing a report needs memory for one line."""
        for student in self.students:
            yield self._line(student)

    def _line(self, student: ReportedStudent) -> Line:
        marks = [_CODES[code] or None for code in self.codes[student.id]]
        there = [
            mark in Attendance.ATTENDED
            for reported, mark in zip(self.classes, marks, strict=True)
            if is_expected(student, reported, mark)
        ]
        return Line(student=student, marks=marks, attended=sum(there), expected=len(there))


def is_expected(student: ReportedStudent, reported: ReportedClass, mark: str | None) -> bool:
    """Whether the class counts in the student's rate."""
    if reported.is_cancelled or mark == Mark.EXCUSED:
        return False
    return mark is not None or (reported.counts and student.was_active_during(reported))


def make_report(cohort: Cohort, *, now: datetime.datetime, people: Sequence[User] | None = None) -> Report:
    """Reads all that a report says, or what it says of some `people`: four statements, however large the cohort."""
    zone = ZoneInfo(cohort.effective_timezone)
    classes = [_reported_class(live_class, cohort, zone) for live_class in _begun_classes(cohort, now=now)]
    periods = _periods(cohort, people)
    students = [_reported_student(user, periods) for user in (people_of(cohort) if people is None else people)]
    codes = {student.id: bytearray(len(classes)) for student in students}
    column = {reported.id: index for index, reported in enumerate(classes)}
    for user_id, live_class_id, status in _marks(cohort, people).iterator(chunk_size=5_000):
        # A class or a person that came in between the statements is in the next report.
        if user_id in codes and live_class_id in column:
            codes[user_id][column[live_class_id]] = _CODES.index(status)
    return Report(cohort=cohort, zone=zone.key, classes=classes, students=students, codes=codes)


def _begun_classes(cohort: Cohort, *, now: datetime.datetime) -> QuerySet[LiveClass]:
    """Oldest first. Those to come have nothing to report."""
    begun = Q(starting_at__lte=now) | Q(started_at__isnull=False) | Q(ended_at__isnull=False)
    classes = LiveClass.objects.filter(begun, cohort=cohort)
    return classes.order_by("starting_at", "pk")


def _reported_class(live_class: LiveClass, cohort: Cohort, zone: ZoneInfo) -> ReportedClass:
    return ReportedClass(
        id=live_class.pk,
        title=live_class.title or cohort.name,
        day=live_class.day,
        starting_at=live_class.starting_at.astimezone(zone),
        ending_at=live_class.ending_at.astimezone(zone),
        status=live_class.status,
        held=live_class.held,
    )


def _marks(cohort: Cohort, people: Sequence[User] | None) -> QuerySet[Attendance, tuple[Any, ...]]:
    marks = Attendance.objects.filter(_about(people), live_class__cohort=cohort)
    return marks.values_list("user_id", "live_class_id", "status")


def _about(people: Sequence[User] | None) -> Q:
    return Q() if people is None else Q(user__in=people)


def _periods(cohort: Cohort, people: Sequence[User] | None) -> dict[int, tuple[Period, ...]]:
    found: dict[int, tuple[Period, ...]] = {}
    rows = EnrolmentPeriod.objects.filter(_about(people), cohort=cohort).values_list("user_id", "since", "until")
    for user_id, since, until in rows.iterator(chunk_size=5_000):
        found[user_id] = (*found.get(user_id, ()), (since, until))
    return found


def people_of(cohort: Cohort) -> QuerySet[User]:
    """The students of now, and everybody something is recorded about, by name."""
    current = active_students().filter(cohort=cohort).order_by()
    marked = Attendance.objects.filter(live_class__cohort=cohort).order_by()
    # Each side by an index, where OR would read all users.
    people = User.objects.filter(pk__in=current.values("user_id").union(marked.values("user_id")))
    return people.order_by("last_name", "first_name", "email")


def _reported_student(user: User, periods: Mapping[int, tuple[Period, ...]]) -> ReportedStudent:
    return ReportedStudent(id=user.pk, name=user.get_full_name(), email=user.email, periods=periods.get(user.pk, ()))
