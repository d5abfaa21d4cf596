"""A first build beside the bare insert of the same rows, and an expansion beside dateutil's, alternating in one run."""

import datetime
import gc
import secrets
import statistics
import time
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, rrule
from django.db import connection, transaction
from psycopg import sql

from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.authenticate.models import Academy
from breathecode.events.models import LiveClass
from breathecode.events.schedule.recurrence import Frequency, Timetable, expand
from breathecode.schedules.domain.generation import build_time_slot

ROUNDS = {24: 40, 730: 15, 50_000: 3}
KICKOFF = datetime.date(2030, 1, 1)
NOW = datetime.datetime(2029, 12, 1, tzinfo=datetime.UTC)
INSERT_BATCH = 3500  # rows; the wire protocol allows 65 535 parameters a statement, and a row has 18 columns at most


def main() -> None:
    print(f"{'classes':>8} {'build ms':>10} {'bare insert ms':>15} {'ratio':>6} {'unchanged ms':>13}")
    for classes, rounds in ROUNDS.items():
        build, bare, unchanged = _generation(classes, rounds)
        print(f"{classes:>8} {build:>10.1f} {bare:>15.1f} {build / bare:>6.2f} {unchanged:>13.1f}")
    ours, theirs = _expansion()
    print(f"\nexpand() {ours:.2f} µs an occurrence, dateutil.rrule {theirs:.2f} µs: {ours / theirs:.2f} of it")


def _generation(classes: int, rounds: int) -> tuple[float, float, float]:
    """Median milliseconds of a first build, of the bare insert of its rows, and of a build with nothing to do."""
    slot = _slot(classes)
    build_time_slot(time_slot_id=slot.pk, now=NOW)
    columns, rows = _as_plain_rows(slot)
    durations: tuple[list[float], list[float], list[float]] = ([], [], [])
    for _ in range(rounds):
        _forget(slot)
        durations[0].append(_milliseconds(lambda: build_time_slot(time_slot_id=slot.pk, now=NOW)))
        durations[2].append(_milliseconds(lambda: build_time_slot(time_slot_id=slot.pk, now=NOW)))
        _forget(slot)
        fresh = [(secrets.token_hex(20), *row) for row in rows]
        durations[1].append(_milliseconds(lambda values=fresh: _insert(columns, values)))  # type: ignore[misc]
    _forget(slot)
    build, bare, unchanged = (statistics.median(values) for values in durations)
    return build, bare, unchanged


def _slot(classes: int) -> CohortTimeSlot:
    academy = Academy.objects.create(slug=f"bench-{classes}", name="Bench", timezone="America/New_York")
    last = KICKOFF + datetime.timedelta(days=classes - 1)
    cohort = Cohort.objects.create(
        academy=academy, slug="bench", name="Bench", stage="STARTED", kickoff_date=KICKOFF, ending_date=last
    )
    slot = CohortTimeSlot(cohort=cohort, starting_at=1400, ending_at=1600, recurrency_type="DAILY", timezone="UTC")
    slot.timezone = academy.timezone
    return CohortTimeSlot.objects.bulk_create([slot])[0]


def _forget(slot: CohortTimeSlot) -> None:
    LiveClass.objects.filter(cohort_time_slot=slot)._raw_delete("default")
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # without the triggers, which forbid it
        CohortTimeSlot.objects.filter(pk=slot.pk).update(built_revision=0, first_built_at=None)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM events_liveclass")  # outside of the measurement: dead rows of the round before


def _as_plain_rows(slot: CohortTimeSlot) -> tuple[list[str], list[tuple[Any, ...]]]:
    """What the build wrote: the columns, `hash` first, and the rows without it."""
    fields = [field for field in LiveClass._meta.concrete_fields if field.name not in ("id", "hash")]
    values = LiveClass.objects.filter(cohort_time_slot=slot).values_list(*(field.attname for field in fields))
    json = {index for index, field in enumerate(fields) if field.get_internal_type() == "JSONField"}
    rows = [tuple("{}" if index in json else value for index, value in enumerate(row)) for row in values]
    return ["hash", *(field.column for field in fields)], rows


def _insert(columns: list[str], rows: list[tuple[Any, ...]]) -> None:
    """Plain multi-row inserts with psycopg, in one transaction: the least that these rows cost."""
    with transaction.atomic(), connection.cursor() as cursor:
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        row = "(" + ", ".join(["%s"] * len(columns)) + ")"
        for start in range(0, len(rows), INSERT_BATCH):
            batch = rows[start : start + INSERT_BATCH]
            statement = sql.SQL("INSERT INTO events_liveclass ({}) VALUES ").format(names)
            values = ", ".join([row] * len(batch))
            cursor.execute(statement.as_string(cursor.connection) + values, [value for item in batch for value in item])


def _milliseconds(job: Callable[[], Any]) -> float:
    gc.collect()
    began = time.perf_counter()
    job()
    return (time.perf_counter() - began) * 1000


def _expansion(days: int = 20_000, rounds: int = 7) -> tuple[float, float]:
    """Median microseconds an occurrence, for the same daily dates in the same zone, both with start and end in UTC."""
    zone, utc = ZoneInfo("America/New_York"), datetime.UTC
    last = KICKOFF + datetime.timedelta(days=days - 1)
    table = Timetable(zone=zone, starting_at=1400, ending_at=1600, first=KICKOFF, last=last, frequency=Frequency.DAILY)
    first = datetime.datetime.combine(KICKOFF, datetime.time(14))
    until = datetime.datetime.combine(last, datetime.time(23))

    def theirs() -> None:
        for start in rrule(DAILY, dtstart=first, until=until):
            start.replace(tzinfo=zone).astimezone(utc)
            start.replace(hour=16, tzinfo=zone).astimezone(utc)

    def ours() -> None:
        for _ in expand(table):
            pass

    durations = [(_milliseconds(ours), _milliseconds(theirs)) for _ in range(rounds)]
    mine, others = (statistics.median(values) * 1000 / days for values in zip(*durations, strict=True))
    return mine, others
