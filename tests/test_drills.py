"""Parts that fail under real processes: what is done is done once, and what is left is done soon (rules G9, C1, O6).

docs/operations.md, "When a part is down", says what people see; here and in the modules that it names it is tried.
"""

import socket
import time
from collections import Counter

import pytest
from django.db import connection

from tests.support import servers
from tests.support.product import CLASSES, until

pytestmark = [pytest.mark.timeout(600), pytest.mark.slow]
SOON = 200  # seconds; a lease of a killed worker runs out after half a minute
HELD, COMING, STUDENTS = 60, 60, 3
KILLS, PROCESSES = 5, 2
# Classes that have been held and want closing, and classes that begin within a quarter of an hour.
BUSY_HOUR = f"""
import datetime, itertools
from django.utils import timezone
from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser
from breathecode.authenticate.models import User
from breathecode.events.models import ClassJoin, LiveClass
from breathecode.feedback.models import FeedbackSettings
first, now, minutes = Cohort.objects.get(), timezone.now(), lambda number: datetime.timedelta(minutes=number)
FeedbackSettings.objects.create(academy=first.academy)
users = [User.objects.create_user(f"student{{number}}@example.org") for number in range({STUDENTS})]
cohorts = Cohort.objects.bulk_create(
    Cohort(
        academy=first.academy, slug=f"c-{{n}}", name=f"C {{n}}", stage="STARTED", kickoff_date=first.kickoff_date,
        ending_date=first.ending_date, online_meeting_url="https://zoom.us/j/1",
    )
    for n in range({HELD + COMING})
)
slots = CohortTimeSlot.objects.bulk_create(
    CohortTimeSlot(cohort=cohort, starting_at=1400, ending_at=1600, recurrency_type="WEEKLY", timezone="UTC")
    for cohort in cohorts
)
for cohort, user in itertools.product(cohorts, users):
    CohortUser.objects.create(cohort=cohort, user=user, role="STUDENT")
for number, slot in enumerate(slots):
    held = number < {HELD}
    start = now - minutes(150) if held else now + minutes(12)
    live_class = LiveClass.objects.create(
        cohort_time_slot=slot, starting_at=start, ending_at=start + minutes(100), started_at=start if held else None
    )
    if held:
        ClassJoin.objects.bulk_create(
            ClassJoin(live_class=live_class, user=user, joined_at=start, starts_class=False) for user in users
        )
"""
OPEN = "SELECT count(*) FROM events_liveclass WHERE started_at IS NOT NULL AND ended_at IS NULL"
MARKS = "SELECT count(*), count(DISTINCT live_class_id), min(status) FROM attendance_attendance"
WAITING = "SELECT count(*) FROM notify_outgoingmail WHERE state IN ('QUEUED', 'SENDING')"


def worker(product, *arguments):
    return servers.celery_worker(product.env, f"--concurrency={PROCESSES}", *arguments)


def sent(sink):
    """How often each person was sent each mail; of what the server has now, since it goes on taking mails."""
    return Counter((message["X-RcptTo"], message["Message-ID"]) for message in list(sink.messages))


def after_a_sweep(product, sql):
    """What there is, with the sweeps that come every five minutes queued now."""
    product.python(
        "from breathecode.events.tasks import close_overdue_live_classes\n"
        "from breathecode.feedback.tasks import send_due_surveys\n"
        "close_overdue_live_classes.delay(), send_due_surveys.delay()"
    )
    return product.rows(sql)


if connection.vendor == "postgresql":  # they are of an installation of several workers

    def test_workers_that_are_killed_in_closing_reminding_and_asking(product, smtp_sink):
        """G9, A3, N2, S2: each class is closed once, with one mark and one survey a student, and reminded of once.

        The mail that a killed process was sending comes once more.
        """
        product.env |= {"EMAIL_URL": smtp_sink.url}
        product.python(BUSY_HOUR)
        for number in range(KILLS):
            with worker(product) as doomed:
                time.sleep(number * 0.2)
                doomed.kill()
        with worker(product):
            # A killed worker has its lease of a sweep for half a minute.
            until(lambda: after_a_sweep(product, OPEN) == [(0,)], seconds=SOON)
            until(lambda: after_a_sweep(product, "SELECT count(*) FROM feedback_survey") == [(HELD,)], seconds=SOON)
            asked_and_reminded = (HELD + COMING) * STUDENTS
            # A mail that a killed worker had in flight is claimed for ten minutes, and then sent once more.
            until(lambda: len(sent(smtp_sink)) >= asked_and_reminded - KILLS * PROCESSES, seconds=SOON)
        assert product.rows(MARKS) == [(HELD * STUDENTS, HELD, "PRESENT")]
        queued = "SELECT count(*), count(DISTINCT purpose) FROM notify_outgoingmail"
        assert product.rows(queued) == [(asked_and_reminded, asked_and_reminded)]
        assert (
            max(sent(smtp_sink).values()) <= 2
        )  # the one in flight; with one Message-ID, so that mailboxes show it once

    def test_a_worker_whose_clock_is_ahead(product, smtp_sink):
        """G9, C1, N2: beside one that is right, by five minutes: nothing is done twice, and nothing is left."""
        product.env |= {"EMAIL_URL": smtp_sink.url}
        product.python(BUSY_HOUR)
        with worker(product), servers.celery_worker(product.env, "--concurrency=2", app="tests.support.clock_ahead"):
            product.add_unbuilt_slots(5)
            until(lambda: after_a_sweep(product, OPEN) == [(0,)], seconds=SOON)
            until(lambda: sorted(product.classes_by_slot())[-5:] == [CLASSES] * 5, seconds=SOON)
            until(lambda: after_a_sweep(product, "SELECT count(*) FROM feedback_survey") == [(HELD,)], seconds=SOON)
            until(lambda: len(sent(smtp_sink)) == (HELD + COMING) * STUDENTS, seconds=SOON)
        assert product.rows(MARKS) == [(HELD * STUDENTS, HELD, "PRESENT")]
        assert max(sent(smtp_sink).values()) == 1


@pytest.mark.any_database
def test_a_mail_server_that_accepts_and_hangs(product, valkey):
    """Mail, G9: builds go on beside it, and the mail goes out by the server that works later."""
    # The server is waited for longer than sweeps' messages are of use: they expire with the interval of a second.
    product.env |= {"EMAIL_TIMEOUT_SECONDS": "2"}
    with socket.create_server(("127.0.0.1", 0)) as silent, servers.smtp_sink() as sink:
        store = (
            "from breathecode.notify.domain.outbox import Mail, store_mails\n"
            "store_mails([Mail(purpose='x', to='ana@example.org', template='test', language='en', context={})])"
        )
        product.python(store)
        hanging = {**product.env, "EMAIL_URL": f"smtp://127.0.0.1:{silent.getsockname()[1]}"}
        with servers.celery_worker(hanging, "--concurrency=1") as working:
            product.add_unbuilt_slots(3)
            until(lambda: product.classes_by_slot() == [CLASSES] * 3, seconds=SOON)
            until(lambda: "timed out" in product.rows("SELECT last_error FROM notify_outgoingmail")[0][0], seconds=SOON)
            assert working.running
        # It was the server's fault, so the mail has lost none of its tries.
        assert product.rows("SELECT tries, state FROM notify_outgoingmail") == [(0, "QUEUED")]
        with servers.celery_worker(product.env | {"EMAIL_URL": sink.url}, "--concurrency=1"):
            until(lambda: sink.recipients == ["ana@example.org"], seconds=SOON)
