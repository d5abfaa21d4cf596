"""A first build beside a bare COPY of its rows, and an expansion beside dateutil's, alternating in one run."""

import datetime
import secrets
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, cast
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, rrule
from django.db import connection, transaction

from benchmarks.lines import Line
from benchmarks.sizes import Size
from benchmarks.timing import cost_of, costs_of, peak_mb, statements_of
from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.authenticate.models import Academy
from breathecode.events.models import LiveClass
from breathecode.events.schedule.recurrence import Frequency, Timetable, expand
from breathecode.schedules.domain.generation import build_time_slot

TARGETS = {24: 4.0, 730: 2.0, 50_000: 2.0}
KICKOFF = datetime.date(2030, 1, 1)
NOW = datetime.datetime(2029, 12, 1, tzinfo=datetime.UTC)


def measure(size: Size) -> Iterator[Line]:
    for classes, rounds in size.generation.items():
        yield _generation(classes, rounds)
    yield _expansion()


def _generation(classes: int, rounds: int) -> Line:
    slot = _slot(classes)

    def build() -> None:
        build_time_slot(time_slot_id=slot.pk, now=NOW)

    statements = statements_of(build)
    columns, rows = _as_plain_rows(slot)
    spent: dict[str, list[float]] = {"build": [], "copy": [], "cpu": []}
    for _round in range(rounds):
        _forget(slot)
        cost = cost_of(build, times=1)
        spent["build"].append(cost.p50_ms)
        spent["cpu"].append(cost.cpu_ms)
        _forget(slot)
        fresh = [(secrets.token_hex(20), *row) for row in rows]
        spent["copy"].append(_milliseconds(lambda values=fresh: _copy(columns, values)))  # type: ignore[misc]
    _forget(slot)
    build_ms, copy_ms, cpu_ms = (statistics.median(values) for values in spent.values())
    return Line(
        f"first build of {classes:,} classes", build_ms / copy_ms, TARGETS[classes], "bare COPY of the rows",
        cpu_ms=cpu_ms, p50_ms=build_ms, p99_ms=max(spent["build"]), statements=statements, peak_mb=peak_mb(),
    )  # fmt: skip


def _slot(classes: int) -> CohortTimeSlot:
    academy = Academy.objects.create(slug=f"bench-{classes}", name="Bench", timezone="America/New_York")
    last = KICKOFF + datetime.timedelta(days=classes - 1)
    cohort = Cohort.objects.create(
        academy=academy, slug="bench", name="Bench", stage="STARTED", kickoff_date=KICKOFF, ending_date=last
    )
    slot = CohortTimeSlot(cohort=cohort, starting_at=1400, ending_at=1600, recurrency_type="DAILY")
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


def _copy(columns: list[str], rows: list[tuple[Any, ...]]) -> None:
    """COPY with psycopg, in one transaction: the least that these rows cost."""
    names = ", ".join(f'"{column}"' for column in columns)
    statement = cast("Any", f"COPY events_liveclass ({names}) FROM STDIN")
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _milliseconds(job: Callable[[], Any]) -> float:
    began = time.perf_counter()
    job()
    return (time.perf_counter() - began) * 1000


def _expansion(days: int = 20_000, rounds: int = 5) -> Line:
    """The same daily dates in the same zone, both with start and end in UTC."""
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
        for _occurrence in expand(table):
            pass

    costs = costs_of({"ours": ours, "theirs": theirs}, times=rounds)
    ratio = costs["ours"].cpu_ms / costs["theirs"].cpu_ms
    return Line(f"expansion of {days:,} dates", ratio, 1.0, "dateutil.rrule", **costs["ours"].fields())
