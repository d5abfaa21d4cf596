"""Reading a CSV file of time slots: every row that cannot be taken is named with its line (rule P11)."""

import dataclasses
import datetime
import re
from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from breathecode.admissions.models import Cohort
from breathecode.common.csv_files import read_rows
from breathecode.common.dates import validate_plausible_date
from breathecode.common.errors import NotFound
from breathecode.common.i18n.time_zones import validate_timezone
from breathecode.events.schedule.recurrence import WEEKDAYS
from breathecode.schedules.domain.bulk.adding import Addition, add_time_slots

COLUMNS = ("weekday", "starting_at", "ending_at", "timezone", "starts_on", "interval")
MAX_INTERVAL = 52
_CLOCK = re.compile(r"(\d{1,2}):?(\d{2})")


@dataclasses.dataclass(frozen=True, slots=True)
class TimeSlotRow:
    """A weekly time slot. `starting_at` and `ending_at` are HHMM as integers."""

    line: int
    weekdays: tuple[str, ...]
    starting_at: int
    ending_at: int
    timezone: str
    starts_on: datetime.date | None
    interval: int

    @property
    def fields(self) -> dict[str, Any]:
        """As a time slot has them."""
        found = dataclasses.asdict(self)
        return {**{name: found[name] for name in found if name != "line"}, "weekdays": list(self.weekdays)}


def read_time_slots(raw: bytes) -> list[TimeSlotRow]:
    """Raises `payload-too-large` (over 1 MiB) and `validation-error`, its errors keyed `file` or `line 3`."""
    return read_rows(
        raw,
        columns=COLUMNS,
        required="starting_at",
        read=_row,
        identity=lambda row: (dataclasses.replace(row, line=0), _("This time slot")),
        nothing=_("The file contains no time slots."),
    )


def import_time_slots(rows: Sequence[TimeSlotRow], *, cohort: Cohort, now: datetime.datetime) -> Addition:
    """Gives the cohort, whose lock the caller holds, the time slots that it lacks.

    Raises `not-found` for a deleted cohort, and `too-many-classes`.
    """
    if cohort.stage == Cohort.Stage.DELETED:
        raise NotFound
    return add_time_slots([cohort], [row.fields for row in rows], now=now)[cohort.pk]


def _row(line: int, values: dict[str, str]) -> TimeSlotRow:
    problems: list[str] = []

    def read(name: str, parse: Callable[[str], Any]) -> Any:
        try:
            return parse(values[name])
        except ValidationError as error:
            problems.extend(f"{name}: {message}" for message in error.messages)
            return None

    starting_at, ending_at = read("starting_at", _clock), read("ending_at", _clock)
    row = TimeSlotRow(
        line,
        read("weekday", _weekdays),
        starting_at,
        ending_at,
        read("timezone", _zone),
        read("starts_on", _date),
        read("interval", _interval),
    )
    if starting_at is not None and starting_at == ending_at:
        problems.append(_("starting_at and ending_at must be different."))
    if problems:
        raise ValidationError(problems)
    return row


def _weekdays(text: str) -> tuple[str, ...]:
    """One or more of MO to SU, separated by blanks; empty: the weekday of the first date."""
    names = text.upper().split()
    if unknown := [name for name in names if name not in WEEKDAYS]:
        sentence = _("{value} is not a weekday. Weekdays are: {expected}.")
        raise ValidationError(sentence.format(value=unknown[0][:50], expected=", ".join(WEEKDAYS)))
    return tuple(sorted(set(names), key=WEEKDAYS.index))


def _clock(text: str) -> int:
    found = _CLOCK.fullmatch(text)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValidationError(_("{value} is not a time of day (example: 14:00).").format(value=text[:50] or "-"))
    return int(found[1]) * 100 + int(found[2])


def _zone(text: str) -> str:
    if text:
        validate_timezone(text)
    return text


def _date(text: str) -> datetime.date | None:
    if not text:
        return None
    try:
        found = datetime.date.fromisoformat(text)
    except ValueError as error:
        raise ValidationError(_("{value} is not a date (example: 2030-02-28).").format(value=text[:50])) from error
    validate_plausible_date(found)
    return found


def _interval(text: str) -> int:
    if not text:
        return 1
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MAX_INTERVAL):
        sentence = _("{value} is not a number from 1 to {maximum}.")
        raise ValidationError(sentence.format(value=text[:50], maximum=MAX_INTERVAL))
    return int(text)
