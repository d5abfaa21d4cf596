"""Every write of the API and of the pages while the broker is down (rules C1, G9).

The list is the product's own routes: a new write has to have a row in `tests/support/flat/`.
"""

from contextlib import contextmanager

import pytest
from django.db import transaction
from django.utils import timezone

from benchmarks.filling.school import make_due, make_links, make_school, make_things
from breathecode.celery import PERIODIC_TASKS, app
from breathecode.events.domain.lifecycle import classes_with_lost_starts
from breathecode.jobs.models import Job
from breathecode.notify.domain.claims import due_mails
from breathecode.schedules.domain.generation import count_due_time_slots
from tests.support.flat.calls import everything, measured, row_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
WRITES = [
    called for called in everything() if called.kind in ("api", "page") and called.method not in ("GET", "SEARCH")
]
MAILING = [name for name in PERIODIC_TASKS if name.split(".")[1] in ("calendars", "reminders", "notify")]
ROUNDS = 3  # of all periodic tasks: what one makes due, another does in its next round


@pytest.fixture
def school(db, mail_server):
    now = timezone.now()
    school = make_school(now=now)
    for make in (make_things, make_due, make_links):
        make(school, now=now)
    return school


@contextmanager
def unmeasured():
    yield []


def sweep_until_done():
    for _ in range(ROUNDS):
        for name in PERIODIC_TASKS:
            app.tasks[name].apply(throw=True)


def undone():
    """What a request left to the queue, and no periodic task has done."""
    now = timezone.now()
    return {
        "time slots": count_due_time_slots(),
        "mails": due_mails(now=now).count(),
        "jobs": Job.objects.filter(state__in=Job.UNFINISHED).count(),
        "starts": classes_with_lost_starts(now=now).count(),
    }


@pytest.fixture
def broker_down():
    """The queue as the server with a broker has it; nobody listens at its address."""
    app.loader.import_default_modules()
    before = app.conf.task_always_eager, app.conf.broker_url
    app.conf.task_always_eager, app.conf.broker_url = False, "redis://127.0.0.1:1/0"
    yield
    app.conf.task_always_eager, app.conf.broker_url = before


def test_each_write_is_in_the_list():
    """C1: a route that writes and that nobody calls here is found."""
    assert [str(called) for called in WRITES if row_of(called) is None] == []


def test_each_write_is_answered_and_done_later(school, broker_down, caplog):
    """C1, G9: a write succeeds while the broker is down, and the periodic tasks do what it could not queue."""
    for name in MAILING:  # what the school has due before
        app.tasks[name].apply(throw=True)
    left = {}
    for called in WRITES:
        caplog.clear()
        with transaction.atomic():
            measured(called, school, unmeasured)  # fails where the answer is not what it always is
            lost = [record.getMessage() for record in caplog.records if "not queued" in record.getMessage()]
            if lost:
                sweep_until_done()
                left[str(called)] = undone()
            transaction.set_rollback(True)
    assert len(left) > 5  # so many leave something to the queue
    assert {called: rest for called, rest in left.items() if any(rest.values())} == {}
