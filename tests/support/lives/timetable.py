"""When the classes of a time slot take place, by dateutil: rules G1 to G4, T3, written once more."""

from __future__ import annotations

import dataclasses
import datetime

from dateutil import rrule, tz
from dateutil.relativedelta import relativedelta
from dateutil.zoneinfo import get_zonefile_instance

UTC = datetime.UTC
DAY = datetime.timedelta(days=1)
HORIZON = 30  # days; the machine sets GENERATION_HORIZON_DAYS to it
Hours = tuple[datetime.datetime, datetime.datetime]


class Zones:
    """The zones' rules as dateutil has them; `new_york` is the zone whose rules New York has at present."""

    def __init__(self) -> None:
        self.new_york = "America/New_York"

    def get(self, name: str) -> datetime.tzinfo:
        zone = get_zonefile_instance().get(self.new_york if name == "America/New_York" else name)
        assert zone is not None
        return zone

    def today(self, name: str, now: datetime.datetime) -> datetime.date:
        return now.astimezone(self.get(name)).date()

    def instant(self, name: str, date: datetime.date, hhmm: int) -> datetime.datetime:
        """A time that the clocks skip moves forward by the gap; of one that occurs twice it is the first (G1)."""
        local = datetime.datetime.combine(date, datetime.time(hhmm // 100, hhmm % 100), tzinfo=self.get(name))
        return tz.resolve_imaginary(local).astimezone(UTC)


@dataclasses.dataclass
class CohortFields:
    """What the model knows of a cohort."""

    kickoff_date: datetime.date
    ending_date: datetime.date | None
    never_ends: bool = False
    stage: str = "STARTED"


@dataclasses.dataclass
class SlotFields:
    """What the model knows of a time slot; the fields are the API's."""

    id: int
    starting_at: int
    ending_at: int
    timezone: str
    recurrent: bool = True
    recurrency_type: str = "WEEKLY"
    starts_on: datetime.date | None = None
    weekdays: list[str] = dataclasses.field(default_factory=list)
    interval: int = 1
    removed_at: datetime.datetime | None = None
    built: bool = False

    def hours(self, date: datetime.date, zones: Zones) -> Hours:
        overnight = self.ending_at < self.starting_at
        start = zones.instant(self.timezone, date, self.starting_at)
        end = zones.instant(self.timezone, date + DAY if overnight else date, self.ending_at)
        if end <= start:
            minutes = [clock // 100 * 60 + clock % 100 for clock in (self.starting_at, self.ending_at)]
            end = start + datetime.timedelta(minutes=minutes[1] - minutes[0] + 24 * 60 * overnight)
        return start, end

    def first(self, cohort: CohortFields) -> datetime.date:
        return max(cohort.kickoff_date, self.starts_on or cohort.kickoff_date)

    def last(self, cohort: CohortFields, zones: Zones, now: datetime.datetime) -> datetime.date:
        ends = [cohort.ending_date or zones.today(self.timezone, now) + HORIZON * DAY]
        if self.removed_at:
            ends.append(zones.today(self.timezone, self.removed_at))
        return min(ends)

    def dates(self, cohort: CohortFields, zones: Zones, now: datetime.datetime) -> list[datetime.date]:
        first, last = self.first(cohort), self.last(cohort, zones, now)
        found = self._months(first, last) if self.recurrency_type == "MONTHLY" else self._days(first, last)
        return found if self.recurrent else found[:1]

    def _days(self, first: datetime.date, last: datetime.date) -> list[datetime.date]:
        daily = self.recurrency_type == "DAILY"
        names = self.weekdays or [["MO", "TU", "WE", "TH", "FR", "SA", "SU"][first.weekday()]]
        found = rrule.rrule(
            rrule.DAILY if daily else rrule.WEEKLY,
            dtstart=datetime.datetime.combine(first, datetime.time()),
            until=datetime.datetime.combine(last, datetime.time()),
            interval=self.interval,
            wkst=rrule.MO,
            byweekday=None if daily else [getattr(rrule, name) for name in names],
        )
        return [moment.date() for moment in found]

    def _months(self, first: datetime.date, last: datetime.date) -> list[datetime.date]:
        found = (first + relativedelta(months=number * self.interval) for number in range(24))
        return [date for date in found if date <= last]
