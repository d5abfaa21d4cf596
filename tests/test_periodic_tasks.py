"""What periodic tasks read where nothing is due: an index, and none of what ever was (decision 0016)."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection

from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser, EnrolmentPeriod
from breathecode.attendance.models import Attendance
from breathecode.authenticate.models import User
from breathecode.calendars.models import CalendarInvitation
from breathecode.celery import PERIODIC_TASKS, app
from breathecode.common.models import PendingCheck
from breathecode.events.models import ClassJoin, ClassNotice, LiveClass
from breathecode.feedback.models import FeedbackSettings
from breathecode.notify.models import OutgoingMail
from breathecode.schedules.domain.generation import count_due_time_slots
from tests.support.classes import NOW
from tests.support.database import plan_again
from tests.support.explain import noted_statements, scanned

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("clock")]
GROWING = {
    model._meta.db_table
    for model in (
        *(Attendance, CalendarInvitation, ClassJoin, ClassNotice, Cohort, CohortTimeSlot, CohortUser, EnrolmentPeriod),
        *(LiveClass, OutgoingMail, User),
    )
}
# SQLite does not compare the list of states in the condition of `mail_due` with that of the statement.
READ_BY_SQLITE = {"breathecode.notify.tasks.send_due_mails": {"notify_outgoingmail"}}
MANY = 3000
HOUR = timedelta(hours=1)


@pytest.fixture
def years(world):
    """Three thousand classes, people and time slots, all of them dealt with; the cohorts never end."""
    app.loader.import_default_modules()
    FeedbackSettings.objects.create(academy=world.miami)
    common = {"academy": world.miami, "stage": "STARTED", "never_ends": True, "kickoff_date": "2024-01-15"}
    cohorts = Cohort.objects.bulk_create(Cohort(slug=f"c{n}", name=f"C{n}", **common) for n in range(MANY // 3))
    users = User.objects.bulk_create(User(email=f"u{number}@example.org") for number in range(MANY))
    pairs = [(user, cohorts[number % len(cohorts)]) for number, user in enumerate(users)]
    CohortUser.objects.bulk_create(CohortUser(cohort=cohort, user=user) for user, cohort in pairs)
    EnrolmentPeriod.objects.bulk_create(EnrolmentPeriod(cohort=cohort, user=user, since=NOW) for user, cohort in pairs)
    slots = CohortTimeSlot.objects.bulk_create(
        CohortTimeSlot(
            cohort=cohort, starting_at=900, ending_at=1100, timezone="UTC", built_revision=1,
            built_until=NOW.date() + timedelta(days=settings.GENERATION_HORIZON_DAYS),
            extends_at=NOW + 5 * HOUR, horizon_days=settings.GENERATION_HORIZON_DAYS,
            zone_data_version=settings.TIME_ZONE_DATA_VERSION,
        )
        for cohort in cohorts
    )  # fmt: skip
    CohortTimeSlot.objects.exclude(pk__in=[slot.pk for slot in slots]).update(removed_at=NOW)
    plan_again()
    _add_classes(slots, users)
    plan_again()
    PendingCheck.objects.all().delete()
    for name in PERIODIC_TASKS:
        app.tasks[name].apply(throw=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _add_classes(slots, users):
    """A third is to come, a tenth is cancelled; the others were held, with a join, a mark, a notice and a mail each."""
    rows = []
    for number in range(MANY):
        start = NOW + 6 * HOUR * (number - 2 * MANY // 3) - timedelta(days=2 if number <= 2 * MANY // 3 else -3)
        held, cancelled = start < NOW and number % 10 > 0, NOW - HOUR if number % 10 == 0 else None
        rows.append(
            LiveClass(
                cohort_time_slot=slots[number % len(slots)], starting_at=start, ending_at=start + HOUR,
                started_at=start if held else None, ended_at=start + HOUR if held else None, cancelled_at=cancelled,
            )
        )  # fmt: skip
    rows = LiveClass.objects.bulk_create(rows)
    told = [(row, users[number % len(users)]) for number, row in enumerate(rows) if row.ended_at]
    ClassJoin.objects.bulk_create(
        ClassJoin(live_class=row, user=user, joined_at=row.starting_at, starts_class=True) for row, user in told
    )
    Attendance.objects.bulk_create(
        Attendance(live_class=row, user=user, status="PRESENT", source="JOIN", recorded_at=NOW) for row, user in told
    )
    ClassNotice.objects.bulk_create(
        ClassNotice(
            user=user, cohort_id=row.cohort_id, live_class_id=row.pk, hash=row.hash, title="C", channel="REMINDER",
            starting_at=row.starting_at, ending_at=row.ending_at, cancelled=False, sent_at=NOW, mail_count=1,
        )
        for row, user in told
    )  # fmt: skip
    CalendarInvitation.objects.bulk_create(
        CalendarInvitation(
            user=users[0], cohort_id=row.cohort_id, class_id=row.pk, hash=row.hash, email=users[0].email, title="C",
            starting_at=row.starting_at, ending_at=row.ending_at, sequence=0, withdrawn=True, sent_at=NOW,
        )
        for row in rows
        if row.starting_at > NOW
    )  # fmt: skip
    OutgoingMail.objects.bulk_create(
        OutgoingMail(
            purpose=f"mail:{row.pk}", to=user.email, template="t", language="en", subject="s",
            state="SENT" if number % 9 else "FAILED", next_try_at=NOW, created_at=NOW - 300 * HOUR,
        )
        for number, (row, user) in enumerate(told)
    )  # fmt: skip


def test_no_task_reads_what_ever_was(years):
    """O2, A1, N2: no statement of a periodic task, or of a scrape, reads a table that grows from end to end."""
    read = {}
    for name in PERIODIC_TASKS:
        with noted_statements() as asked:
            app.tasks[name].apply(throw=True)
        read[name] = set().union(*(scanned(*statement) for statement in asked)) & GROWING
    with noted_statements() as asked:
        assert count_due_time_slots() == 0
    read["metrics"] = set().union(*(scanned(*statement) for statement in asked)) & GROWING
    assert {name: tables for name, tables in read.items() if tables} == (
        READ_BY_SQLITE if connection.vendor == "sqlite" else {}
    )
