"""What has to hold after a soak: nothing is lost or done twice, and no process has grown."""

from __future__ import annotations

import collections
from collections.abc import Iterator

from tests.support.product import until
from tests.support.soak.load import Seen
from tests.support.soak.site import Site

SETTLED = 200  # seconds for what is due to be done, on a machine that does much else
IN_FLIGHT = 60  # seconds after which the process that claimed a mail must have been killed
MIB = 2**20
MAX_GROWTH = 20 * MIB  # of one process since its warm-up; the lists grow too, by the classes that are written
MAX_MEMORY = 200 * MIB  # of one process, of which the documents say some 160
SENT_BY_A_WORKER = 2  # mails that may be on their way when it is killed, or when the database goes away
DUE = "SELECT count(*) FROM admissions_cohorttimeslot WHERE revision != built_revision"
WAITING = "SELECT count(*) FROM notify_outgoingmail WHERE state != 'SENT'"
NOT_STARTED = "SELECT count(*) FROM events_liveclass WHERE planned_date IS NULL AND started_at IS NULL"
TWICE = (
    "SELECT cohort_time_slot_id, planned_date FROM events_liveclass WHERE planned_date IS NOT NULL"
    " GROUP BY 1, 2 HAVING count(*) > 1"
)
OTHER_HOURS = (
    "SELECT c.id FROM events_liveclass c JOIN admissions_cohorttimeslot s ON s.id = c.cohort_time_slot_id"
    " WHERE c.planned_date IS NOT NULL"
    " AND to_char(c.ending_at AT TIME ZONE s.timezone, 'HH24MI')::int != s.ending_at"
)
# As if the ten minutes of such a claim had passed (notify/domain/claims.py).
CLAIMS_END = """
from django.utils import timezone
from breathecode.notify.models import OutgoingMail
OutgoingMail.objects.filter(state="SENDING").update(next_try_at=timezone.now())
"""
BY_HAND = "SELECT id FROM events_liveclass WHERE planned_date IS NULL"
ATTENDED = "SELECT live_class_id, user_id FROM attendance_attendance WHERE status IN ('PRESENT', 'LATE')"
# Nobody can wait for a class to pass: what has happened is put back in time.
ALL_CLASSES_PASS = """
import datetime
from django.db.models import F
from django.utils import timezone
from breathecode.events.models import ClassJoin, LiveClass
hours = datetime.timedelta(hours=2)
ClassJoin.objects.update(joined_at=F("joined_at") - hours)
LiveClass.objects.filter(planned_date=None).update(
    starting_at=F("starting_at") - hours, started_at=F("started_at") - hours,
    ending_at=timezone.now() - datetime.timedelta(minutes=31),
)
from breathecode.events.tasks import close_overdue_live_classes
close_overdue_live_classes.delay()
"""
OPEN = "SELECT count(*) FROM events_liveclass WHERE planned_date IS NULL AND ended_at IS NULL"


def problems(site: Site, seen: Seen, *, drills: list[str]) -> Iterator[str]:
    """A sentence for each thing that is not as it has to be, once all that is due was done."""
    yield from seen.errors
    yield from (sentence for sql in (DUE, NOT_STARTED) for sentence in _left(site, sql))
    if any(_left(site, WAITING, seconds=IN_FLIGHT)):
        site.product.python(CLAIMS_END)
        yield from _left(site, WAITING)
    yield from (f"built twice: {row}" for row in site.product.rows(TWICE))
    yield from (f"not at the hours of its time slot: {row}" for row in site.product.rows(OTHER_HOURS))
    made = {live_class["id"] for live_class in seen.classes}
    if (found := {pk for (pk,) in site.product.rows(BY_HAND)}) != made:
        yield f"classes by hand: {sorted(found ^ made)}"
    yield from _lists(site)
    site.product.python(ALL_CLASSES_PASS)
    yield from _left(site, OPEN)
    if (rows := sorted(site.product.rows(ATTENDED))) != sorted(seen.joins):
        yield f"attendance and joins differ: {sorted(set(rows) ^ seen.joins)}"
    yield from _mails(site, seen, drills=drills)


def _left(site: Site, sql: str, *, seconds: float = SETTLED) -> Iterator[str]:
    """Waits until a query counts nothing any more; a sentence where it goes on."""
    try:
        until(lambda: site.product.rows(sql) == [(0,)], seconds=seconds)
    except AssertionError:
        yield f"{site.product.rows(sql)[0][0]} left: {sql}"


def _lists(site: Site) -> Iterator[str]:
    """What the cache shows a student is what the database has (rule O2)."""
    key = next(iter(site.students.values()))
    site.product.token, admin = key, site.product.token
    try:
        _, answer, _ = site.product.call(site.web.url, "GET", "/v1/events/me/event/liveclass?limit=100")
        shown = {row["id"]: row["title"] for row in answer}
    finally:
        site.product.token = admin
    for pk, title in site.product.rows("SELECT id, title FROM events_liveclass WHERE planned_date IS NULL"):
        if shown.get(pk, title) != title:
            yield f"an old title in the list: {pk}"
    newest = "SELECT id FROM events_liveclass WHERE planned_date IS NULL ORDER BY starting_at DESC, id LIMIT 10"
    yield from (f"not in the list: {pk}" for (pk,) in site.product.rows(newest) if pk not in shown)


def _mails(site: Site, seen: Seen, *, drills: list[str]) -> Iterator[str]:
    """One mail to each who was invited; a sender that was cut off may repeat it, with the same Message-ID."""
    invited = collections.defaultdict(set)
    repeated = -len({message["Message-ID"] for message in site.mails.messages}) + len(site.mails.messages)
    for message in list(site.mails.messages):
        invited[message["X-RcptTo"]].add(message["Message-ID"])
    for email in seen.invited:
        if len(invited[email]) != 1:
            yield f"{len(invited[email])} mails for {email}"
    if repeated > SENT_BY_A_WORKER * (drills.count("kill_worker") + drills.count("restart_database")):
        yield f"{repeated} mails were sent again"


def memory_of(samples: list[dict[str, int]]) -> dict[str, tuple[int, int]]:
    """Bytes of each process that is there at the end: at the start and at the end (medians of a tenth each)."""
    return {name: _ends([sample[name] for sample in samples if name in sample]) for name in samples[-1]}


def _ends(life: list[int]) -> tuple[int, int]:
    tenth = len(life) // 10 + 1
    return sorted(life[:tenth])[tenth // 2], sorted(life[-tenth:])[tenth // 2]


def grown(memory: dict[str, tuple[int, int]]) -> Iterator[str]:
    """A sentence for each process that takes more than it may."""
    for name, (first, last) in memory.items():
        if last - first > MAX_GROWTH or last > MAX_MEMORY:
            yield f"{name}: {first / MIB:.0f} MiB after the warm-up, {last / MIB:.0f} MiB at the end"
