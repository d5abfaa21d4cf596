"""What is due for many classes at once: closing, reminding, asking. Statements must not grow with a batch's classes."""

import datetime
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from benchmarks.lines import Line
from benchmarks.sizes import Size
from benchmarks.timing import Cost, cost_of, peak_mb, statements_of
from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser
from breathecode.attendance.models import Attendance
from breathecode.authenticate.models import Academy, User
from breathecode.events import tasks as closing
from breathecode.events.models import LiveClass
from breathecode.feedback import tasks as surveys
from breathecode.feedback.models import FeedbackSettings, SurveyLink
from breathecode.notify.models import OutgoingMail
from breathecode.reminders import tasks as reminders

STUDENTS, FEW = 10, 2
HOUR = datetime.timedelta(hours=1)
SECONDS_FOR_REMINDERS = 60


def measure(size: Size) -> Iterator[Line]:
    settings.CELERY_TASK_ALWAYS_EAGER = True
    students = User.objects.bulk_create(User(email=f"s{n}@example.org", password="!") for n in range(STUDENTS))
    for name, task, per_batch, make in (
        ("closing", closing.close_overdue_live_classes, closing.CLASSES_PER_BATCH, _overdue),
        ("reminders", reminders.send_due_reminders, reminders.CLASSES_PER_BATCH, _soon),
        ("surveys", surveys.send_due_surveys, surveys.CLASSES_PER_BATCH, _unasked),
    ):
        yield _batch(name, task, make, students, min(size.batch, per_batch))
    yield _many_reminders(size.reminders)


def _batch(name: str, task: Callable[[], Any], make: Callable[..., None], students: list[User], batch: int) -> Line:
    few, _cost = _swept(task, make, students, FEW)
    many, cost = _swept(task, make, students, batch)
    return Line(
        f"{name}: statements for {batch} classes", many / few, 1.0, f"for {FEW} classes", cpu_ms=cost.cpu_ms,
        p50_ms=cost.p50_ms, statements=many, peak_mb=peak_mb(),
    )  # fmt: skip


def _swept(task: Callable[[], Any], make: Callable[..., None], students: list[User], classes: int) -> tuple[int, Cost]:
    """Statements and cost of a task with so many classes due; what it wrote is rolled back. No mail is sent."""
    task()  # nothing is due: it connects
    with transaction.atomic():
        make(students, classes)
        with transaction.atomic():
            statements = statements_of(task)
            transaction.set_rollback(True)
        cost = cost_of(task, times=1)
        transaction.set_rollback(True)
    return statements, cost


def _slots(count: int, students: list[User]) -> list[CohortTimeSlot]:
    """A time slot each of so many cohorts of one academy, all with the same students and a teacher."""
    academy = Academy.objects.create(slug="sweeps", name="Sweeps")
    FeedbackSettings.objects.create(academy=academy)
    cohorts = Cohort.objects.bulk_create(
        Cohort(academy=academy, slug=f"c{n}", name=f"Cohort {n}", stage="STARTED", language="en") for n in range(count)
    )
    roles = ["TEACHER", *["STUDENT"] * (len(students) - 1)]
    CohortUser.objects.bulk_create(
        CohortUser(cohort=cohort, user=user, role=role)
        for cohort in cohorts
        for user, role in zip(students, roles, strict=True)
    )
    return CohortTimeSlot.objects.bulk_create(
        CohortTimeSlot(cohort=cohort, starting_at=900, ending_at=1000, timezone="UTC") for cohort in cohorts
    )


def _classes(students: list[User], count: int, start: datetime.datetime, **fields: Any) -> list[LiveClass]:
    return LiveClass.objects.bulk_create(
        LiveClass(cohort_time_slot=slot, starting_at=start, ending_at=start + HOUR, **fields)
        for slot in _slots(count, students)
    )


def _overdue(students: list[User], count: int) -> None:
    _classes(students, count, timezone.now() - 3 * HOUR)


def _soon(students: list[User], count: int) -> None:
    _classes(students, count, timezone.now() + HOUR / 6)


def _unasked(students: list[User], count: int) -> None:
    start = timezone.now() - 3 * HOUR
    ended = {"started_at": start, "ended_at": start + HOUR, "marked": True, "attended": True}
    Attendance.objects.bulk_create(
        Attendance(live_class=live_class, user=user, status="PRESENT", source="JOIN", recorded_at=start)
        for live_class in _classes(students, count, start, **ended)
        for user in students[1:]
    )


def _many_reminders(mails: int) -> Line:
    """How long it takes to queue reminders of classes with 100 students each."""
    students = User.objects.bulk_create(User(email=f"r{n}@example.org", password="!") for n in range(min(100, mails)))
    with transaction.atomic():
        _soon(students, mails // len(students))
        begun, cpu = time.perf_counter(), time.process_time()
        statements = statements_of(reminders.send_due_reminders)
        seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
        queued = OutgoingMail.objects.count()
        transaction.set_rollback(True)
    if queued != mails or SurveyLink.objects.exists():
        raise RuntimeError(f"{queued} reminders were queued instead of {mails}.")
    allowed = SECONDS_FOR_REMINDERS * mails / 20_000
    return Line(
        f"{mails:,} reminders queued", seconds / allowed, 1.0, f"{allowed:g} s (20,000 a minute)", cpu_ms=cpu * 1000,
        p50_ms=seconds * 1000, statements=statements, peak_mb=peak_mb(),
    )  # fmt: skip
