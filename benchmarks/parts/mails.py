"""Many mails over one connection to a mail server, and an import of many users."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest import mock

from django.conf import settings
from django.core.mail import get_connection
from django.db import connection, transaction

from benchmarks.lines import Line
from benchmarks.sizes import Size
from benchmarks.timing import peak_mb, statements_of
from breathecode.admissions.domain.import_jobs import ROWS_PER_UNIT
from breathecode.admissions.domain.people import import_people
from breathecode.admissions.domain.people_file import read_people
from breathecode.admissions.models import Cohort
from breathecode.authenticate.domain import invitations
from breathecode.authenticate.models import Academy, User
from breathecode.common.sweeps import in_batches
from breathecode.notify.domain.message import build_message
from breathecode.notify.domain.outbox import Mail, store_mails
from breathecode.notify.models import OutgoingMail
from breathecode.notify.tasks import send_due_mails
from tests.support.processes import free_port

SECONDS_FOR_IMPORT = 2.0  # of 5,000 users, without their mails
TIMES_BARE = 3.0  # two versions of a row in place of one
STATEMENTS_A_MAIL = 1.2  # one, and what is read for many at once


def measure(size: Size) -> Iterator[Line]:
    settings.CELERY_TASK_ALWAYS_EAGER = True
    with _mail_server():
        yield from _sent(size.mails)
    yield _imported(size.imported)


@contextmanager
def _mail_server() -> Iterator[None]:
    """A process of its own, that takes mails and keeps none."""
    settings.EMAIL_PORT = free_port()
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-c", "aiosmtpd.handlers.Sink"]
    server = subprocess.Popen([*command, "-l", f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"])
    try:
        _wait_for_port()
        yield
    finally:
        server.terminate()
        server.wait()


def _wait_for_port() -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection((settings.EMAIL_HOST, settings.EMAIL_PORT), timeout=5).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _timed(action: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock, and of CPU."""
    begun, cpu = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - begun, time.process_time() - cpu


def _sent(count: int) -> Iterator[Line]:
    """What the outbox costs beside the least: each message is built and sent, and its row is written once."""
    addresses = [f"m{number}@example.org" for number in range(count)]
    store_mails([Mail(purpose=to, to=to, template="test", language="en", context={}) for to in addresses])
    bare, _cpu = _timed(_send_bare)
    spent: list[tuple[float, float]] = []
    statements = statements_of(lambda: spent.append(_timed(send_due_mails)))
    if OutgoingMail.objects.filter(state=OutgoingMail.State.SENT).count() != count:
        raise RuntimeError("Not all mails were sent.")
    [(seconds, cpu)] = spent
    yield Line(
        f"{count:,} mails sent", seconds / bare, TIMES_BARE, "the same messages, and a bare UPDATE each",
        cpu_ms=cpu * 1000, p50_ms=seconds * 1000, statements=statements, peak_mb=peak_mb(),
    )  # fmt: skip
    yield Line(f"{count:,} mails sent: statements", statements / count, STATEMENTS_A_MAIL, "the mails")


def _send_bare() -> None:
    server = get_connection()
    server.open()
    with connection.cursor() as cursor:
        for mail in OutgoingMail.objects.all():
            server.send_messages([build_message(mail)])
            cursor.execute("UPDATE notify_outgoingmail SET claimed_at = now() WHERE id = %s", [mail.pk])
    server.close()


def _imported(count: int) -> Line:
    """An import in the units of its job; their mails are neither written nor sent."""
    academy = Academy.objects.create(slug="import", name="Import")
    cohort = Cohort.objects.create(academy=academy, slug="import", name="Import", stage="STARTED", language="en")
    lines = [f"i{number}@example.org,Ana,Ruiz" for number in range(count)]
    content = "\n".join(["email,first_name,last_name", *lines]).encode()

    def run() -> None:
        for rows in in_batches(read_people(content), ROWS_PER_UNIT):
            import_people(cohort=cohort, rows=rows)

    with mock.patch.object(invitations, "queue_mails"):
        with transaction.atomic():
            statements = statements_of(run)
            transaction.set_rollback(True)
        seconds, cpu = _timed(run)
    if User.objects.filter(cohort_roles__cohort=cohort).count() != count:
        raise RuntimeError("Not all users were imported.")
    allowed = SECONDS_FOR_IMPORT * count / 5_000
    return Line(
        f"import of {count:,} users", seconds / allowed, 1.0, f"{allowed:g} s (5,000 in {SECONDS_FOR_IMPORT:g} s)",
        cpu_ms=cpu * 1000, p50_ms=seconds * 1000, statements=statements, peak_mb=peak_mb(),
    )  # fmt: skip
