"""Parts that fail under real processes: what is done is done once, and what is left is done soon (rules G9, C1, O6).

docs/operations.md, "When a part is down", says what people see; here and in the modules that it names it is tried.
"""

import json
import resource
import socket
import time
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection

from tests.support import servers
from tests.support.product import CLASSES, until

pytestmark = [pytest.mark.timeout(600), pytest.mark.slow]
SOON = 200  # seconds; a lease of a killed worker runs out after half a minute
HELD, COMING, STUDENTS = 60, 60, 3
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
    return servers.celery_worker(product.env, "--concurrency=2", *arguments)


def sent(sink):
    """How often each person was sent each mail."""
    return Counter(
        (address, str(message["Message-ID"])) for message, address in zip(sink.messages, sink.recipients, strict=True)
    )


def after_a_sweep(product, sql):
    """What there is, with the sweeps that come every five minutes queued now."""
    product.python(
        "from breathecode.events.tasks import close_overdue_live_classes\n"
        "from breathecode.feedback.tasks import send_due_surveys\n"
        "close_overdue_live_classes.delay(), send_due_surveys.delay()"
    )
    return product.rows(sql)


def test_workers_that_are_killed_in_closing_reminding_and_asking(product, smtp_sink):
    """G9, A3, N2, S2: each class is closed once, with one mark and one survey a student, and reminded of once."""
    product.env |= {"EMAIL_URL": smtp_sink.url}
    product.python(BUSY_HOUR)
    for number in range(5):
        with worker(product) as doomed:
            time.sleep(number * 0.2)
            doomed.kill()
    with worker(product):
        # A killed worker has its lease of a sweep for half a minute.
        until(lambda: after_a_sweep(product, OPEN) == [(0,)], seconds=SOON)
        until(lambda: after_a_sweep(product, "SELECT count(*) FROM feedback_survey") == [(HELD,)], seconds=SOON)
        asked_and_reminded = (HELD + COMING) * STUDENTS
        # A mail that a killed worker had in flight is claimed for ten minutes, and then sent once more.
        until(lambda: len(sent(smtp_sink)) >= asked_and_reminded - 5, seconds=SOON)
    assert product.rows(MARKS) == [(HELD * STUDENTS, HELD, "PRESENT")]
    queued = "SELECT count(*), count(DISTINCT purpose) FROM notify_outgoingmail"
    assert product.rows(queued) == [(asked_and_reminded, asked_and_reminded)]
    assert max(sent(smtp_sink).values()) <= 2  # the one in flight; with one Message-ID, so that mailboxes show it once


def test_a_worker_whose_clock_is_ahead(product, smtp_sink):
    """G9, C1, N2: beside one that is right, by five minutes: nothing is done twice, and nothing is left."""
    product.env |= {"EMAIL_URL": smtp_sink.url}
    product.python(BUSY_HOUR)
    with worker(product), servers.celery_worker(product.env, "--concurrency=2", app="tests.support.clock_ahead"):
        product.add_unbuilt_slots(5)
        # A killed worker has its lease of a sweep for half a minute.
        until(lambda: after_a_sweep(product, OPEN) == [(0,)], seconds=SOON)
        until(lambda: product.classes_by_slot()[-5:] == [CLASSES] * 5, seconds=SOON)
        until(lambda: len(sent(smtp_sink)) == COMING * STUDENTS, seconds=SOON)  # surveys have a sweep of their own
    assert product.rows(MARKS) == [(HELD * STUDENTS, HELD, "PRESENT")]
    assert max(sent(smtp_sink).values()) == 1


def test_poisoned_messages(product):
    """G9, C1: a task that nobody knows, one with broken arguments and one that raises hold up nothing, and end."""
    poison = """
from breathecode.celery import app
app.send_task("breathecode.nothing.of_this_name")
app.send_task("breathecode.schedules.tasks.build_live_classes_from_timeslot", args=["not", "these"])
app.send_task("breathecode.schedules.tasks.build_live_classes_from_timeslot", kwargs={"timeslot_id": {"a": 1}})
app.send_task("breathecode.notify.tasks.send_outgoing_mail", args=[10**30])
with app.connection_for_write() as connection:
    queue = connection.SimpleQueue("celery")
    queue.put(b"\\x80 not by celery", serializer=None, content_type="application/data", content_encoding="binary")
"""
    broker = product.env["CELERY_BROKER_URL"]
    with worker(product) as working:
        product.python(f"import os; os.environ['CELERY_BROKER_URL'] = {broker!r}\n{poison}")
        product.add_unbuilt_slots(3)
        until(lambda: product.classes_by_slot() == [CLASSES] * 3, seconds=SOON)
        until(lambda: "nothing.of_this_name" in working.log(), seconds=SOON)
        told = working.log().count("breathecode.nothing.of_this_name")
        product.add_unbuilt_slots(2)
        until(lambda: product.classes_by_slot() == [CLASSES] * 5, seconds=SOON)
        assert working.running
        assert working.log().count("breathecode.nothing.of_this_name") == told  # it does not come again


def test_a_mail_server_that_accepts_and_hangs(product, valkey):
    """Mail, G9: builds go on beside it, and the mail goes out by the server that works later."""
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


def children_of(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


if connection.vendor == "sqlite":

    def test_a_full_disk(template, databases):
        """O6, G9: writes get an error that says so, reads go on, nothing is half done, and it heals by itself."""
        product = template.copy(databases(template.database_url), CELERY_BROKER_URL="", SWEEP_INTERVAL_SECONDS="1")
        with servers.web_server(product.env) as web:
            assert product.add_slot(web.url)[0] == 201
            until(lambda: product.classes_by_slot() == [CLASSES], seconds=SOON)
            processes = [web.pid, *children_of(web.pid)]
            kept = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in processes}
            for pid in processes:  # no file can grow any more, as on a full disk
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, kept[pid][1]))
            status, answer, seconds = product.add_slot(web.url)
            assert (status, answer["slug"]) == (503, "database-unavailable")
            assert "Traceback" not in json.dumps(answer)
            assert seconds < SOON
            assert product.call(web.url, "GET", f"/v1/admissions/academy/cohort/{product.cohort}")[0] == 200
            for pid in processes:
                resource.prlimit(pid, resource.RLIMIT_FSIZE, kept[pid])
            assert product.add_slot(web.url)[0] == 201
            until(lambda: product.classes_by_slot() == [CLASSES] * 2, seconds=SOON)
