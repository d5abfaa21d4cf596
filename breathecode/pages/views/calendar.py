"""`/calendar`: the user's classes by month, week or day, and the address to subscribe to (rules V1 to V6, I2)."""

import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from breathecode.authenticate.domain.tokens import calendar_token_of, renew_calendar_token
from breathecode.calendars.domain.access import feed_urls
from breathecode.events.domain.queries import classes_of_user
from breathecode.pages import grids, http
from breathecode.pages.states import State, state_of
from breathecode.pages.times import in_zone

MOST_IN_MONTH, MOST_IN_WEEK, MOST_IN_DAY = 3, 12, 500
_COLUMNS = (
    "pk", "title", "cohort__name", "starting_at", "started_at", "ended_at", "cancelled_at", "moved_from",
    "cohort_time_slot__timezone",
)  # fmt: skip


class Entry(NamedTuple):
    """A class in a grid, by `_COLUMNS`."""

    id: int
    own_title: str
    cohort: str
    starting_at: datetime.datetime
    started_at: datetime.datetime | None
    ended_at: datetime.datetime | None
    cancelled_at: datetime.datetime | None
    moved_from: datetime.datetime | None
    zone: str

    @property
    def title(self) -> str:
        return self.own_title or self.cohort

    @property
    def state(self) -> State:
        return state_of(self, now=timezone.now())

    def day_in(self, zone: str) -> datetime.date:
        """The date of its start in this zone, in its own where that is empty."""
        return in_zone(self.starting_at, zone or self.zone).date()


class CalendarView(http.SignedInPage):
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show()

    def show(self, **context: Any) -> HttpResponse:
        view = self.request.GET.get("view")
        view = view if view in {"week", "day"} else "month"
        today = timezone.localtime(timezone=ZoneInfo(self.zone or "UTC")).date()
        shown = _date(self.request.GET.get("date"), otherwise=today)
        days = _days(view, shown)
        most = {"month": MOST_IN_MONTH, "week": MOST_IN_WEEK, "day": MOST_IN_DAY}[view]
        grid = grids.fill(
            days, self._entries(days), day_of=lambda entry: entry.day_in(self.zone), today=today,
            month=shown if view == "month" else None, most=most,
        )  # fmt: skip
        shared = {"here": "calendar", "view": view, "shown": shown, "grid": grid, "days": days}
        shared["token"] = calendar_token_of(self.user, now=timezone.now())
        shared["is_empty"] = not any(cell.entries for cell in grid)
        return self.page("pages/calendar.html", {**shared, **_around(shown, view), **context})

    def _entries(self, days: list[datetime.date]) -> list[Entry]:
        """By start; with a day around, since zones differ from UTC by up to 14 hours."""
        first, last = (datetime.datetime.combine(day, datetime.time(), datetime.UTC) for day in (days[0], days[-1]))
        around = (first - grids.DAY, last + 2 * grids.DAY)
        classes = classes_of_user(self.user.pk).filter(starting_at__gte=around[0], starting_at__lt=around[1])
        rows = classes.order_by("starting_at", "id").values_list(*_COLUMNS)
        return [Entry(*row) for row in rows]


class CalendarAddressView(CalendarView):
    """Creates a new address of the feed and shows it once: only its hash is stored (rule I2)."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        replaced = calendar_token_of(self.user, now=timezone.now()) is not None
        urls = feed_urls(self.user, key=renew_calendar_token(user=self.user))
        address = str(urls["me"])
        webcal = "webcal://" + address.partition("://")[2]
        subscribe = {
            "Google": "https://calendar.google.com/calendar/r?" + urlencode({"cid": webcal}),
            "Outlook": "https://outlook.live.com/calendar/0/addfromweb?" + urlencode({"url": address}),
            "Apple": webcal,
        }
        return http.no_store(request, self.show(address=address, subscribe=subscribe, replaced=replaced))


def _days(view: str, shown: datetime.date) -> list[datetime.date]:
    if view == "month":
        return grids.days_of_month(shown)
    return grids.days_of_week(shown) if view == "week" else [shown]


def _date(text: str | None, *, otherwise: datetime.date) -> datetime.date:
    """A day of the years that classes can have; `otherwise` for anything else."""
    try:
        found = datetime.date.fromisoformat(text or "")
    except ValueError:
        return otherwise
    return found if 2000 <= found.year < 2200 else otherwise


def _around(shown: datetime.date, view: str) -> dict[str, str]:
    """The addresses of what is before and after."""
    if view == "month":
        before, after = grids.previous_month(shown), grids.next_month(shown)
    else:
        step = grids.DAY * (7 if view == "week" else 1)
        before, after = shown - step, shown + step
    address = reverse("calendar")
    return {
        name: f"{address}?view={view}&date={day.isoformat()}" for name, day in (("before", before), ("after", after))
    }
