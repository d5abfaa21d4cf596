"""N1, N2: a sweep reads what is due, however long the history is."""

from datetime import timedelta

import pytest
from django.db import connection

from breathecode.admissions.models import CohortUser
from breathecode.authenticate.models import User
from breathecode.calendars.domain import invitations as calendar_invitations
from breathecode.calendars.models import CalendarInvitation
from breathecode.events.domain.class_notices import delete_past_notices
from breathecode.events.models import ClassNotice, LiveClass
from breathecode.reminders.domain import due, reminders
from tests.support.classes import NOW
from tests.support.explain import noted_statements, scanned
from tests.support.invitations import ask_for_invitations
from tests.support.queries import assert_num_queries, captured_queries

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("clock")]
GROWING = {"events_classnotice", "calendars_calendarinvitation", "events_liveclass"}
SWEEPS = {
    "corrections": lambda: reminders.classes_to_correct(now=NOW),
    "a day before": lambda: due.classes_to_remind("DAY_BEFORE", now=NOW),
    "15 minutes before": lambda: due.classes_to_remind("QUARTER_HOUR_BEFORE", now=NOW),
    "invitations": lambda: calendar_invitations.due_recipients(now=NOW),
}


@pytest.fixture
def history(world):
    """Four thousand past classes, each of which somebody was told of twice, and three classes to come."""
    slot = world.time_slot()
    LiveClass.objects.all().delete()
    times = [NOW - timedelta(hours=6 * number) for number in range(100, 4100)]
    times += [NOW + timedelta(hours=hours) for hours in (0.1, 2, 20)]  # one in the window of each reminder
    LiveClass.objects.bulk_create(
        LiveClass(cohort_time_slot=slot, starting_at=at, ending_at=at + timedelta(hours=1)) for at in times
    )
    everybody = {"user": world.student, "cohort": world.cohort, "title": world.cohort.name, "sent_at": NOW}
    told = [
        {**everybody, "hash": row.hash, "starting_at": row.starting_at, "ending_at": row.ending_at}
        for row in LiveClass.objects.order_by("starting_at")
    ]
    ids = LiveClass.objects.order_by("starting_at").values_list("pk", flat=True)
    ClassNotice.objects.bulk_create(
        ClassNotice(live_class_id=pk, cancelled=False, channel="REMINDER", mail_count=1, **row)
        for pk, row in zip(ids, told, strict=True)
    )
    CalendarInvitation.objects.bulk_create(
        CalendarInvitation(class_id=pk, email=world.student.email, sequence=0, **row)
        for pk, row in zip(ids, told, strict=True)
    )
    ask_for_invitations(world.student)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@pytest.mark.parametrize("sweep", SWEEPS.values(), ids=SWEEPS)
def test_no_sweep_reads_the_history(history, sweep):
    """N1, N2: what is over is found by no statement of a sweep; each reads an index of what is to come."""
    with noted_statements() as asked:
        sweep()
    assert asked
    for sql, params in asked:
        assert not scanned(sql, params) & GROWING, sql


def test_the_number_of_statements(world, make_class):
    """N2: reminding and correcting take as many statements for 43 people as for 3."""

    def statements(minutes):
        now = NOW + timedelta(minutes=minutes)
        with captured_queries() as captured:
            found = reminders.classes_to_correct(now=now)
            count = sum(reminders.correct(live_class_id=pk, now=now) for pk in found)
            count += reminders.remind(live_class_id=live_class.pk, kind="QUARTER_HOUR_BEFORE", now=now)
        return count, len(captured)

    live_class = make_class(start=2)
    few = statements(106)
    LiveClass.objects.update(cancelled_at=NOW)
    few_corrected = statements(107)
    LiveClass.objects.all().delete()
    live_class = make_class(start=2)
    users = User.objects.bulk_create(User(email=f"u{number}@example.org") for number in range(40))
    CohortUser.objects.bulk_create(CohortUser(cohort=world.cohort, user=user) for user in users)
    reminders.correct(live_class_id=ClassNotice.objects.all()[0].live_class_id, now=NOW)
    many = statements(106)
    LiveClass.objects.update(cancelled_at=NOW)
    many_corrected = statements(107)
    assert (few[0], many[0], few_corrected[0], many_corrected[0]) == (3, 43, 3, 43)
    assert (few[1], few_corrected[1]) == (many[1], many_corrected[1])


def test_the_number_of_statements_of_a_batch(world, make_class):
    """N1: reminding of twelve classes takes as many statements as reminding of one."""

    def statements(number):
        LiveClass.objects.all().delete()
        ClassNotice.objects.all().delete()
        for minute in range(number):
            make_class(start=2 + minute / 60)
        now = NOW + timedelta(hours=2, minutes=-2)
        with captured_queries() as captured:
            ids = due.classes_to_remind("QUARTER_HOUR_BEFORE", now=now)
            count = reminders.remind_of_classes(live_class_ids=ids, kind="QUARTER_HOUR_BEFORE", now=now)
        return count, len(captured)

    one, many = statements(1), statements(12)
    assert (one[0], many[0]) == (3, 36)
    assert one[1] == many[1]


@pytest.mark.parametrize("kind", due.WINDOWS)
def test_where_no_class_is_to_come_no_member_is_read(world, make_class, kind):
    """N1: one statement, of the classes alone."""
    make_class(start=2)
    with assert_num_queries(1):
        assert due.classes_to_remind(kind, now=NOW) == []


def test_what_is_long_over_is_forgotten(history):
    """N2: after 30 days nothing is kept of what was told."""
    assert delete_past_notices(now=NOW) == 3979
    assert min(ClassNotice.objects.values_list("starting_at", flat=True)) == NOW - timedelta(days=30)
