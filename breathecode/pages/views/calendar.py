"""`/calendar`: the user's classes by month, week or day, and the address to subscribe to (rules V1 to V6, I2)."""

import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from breathecode.authenticate.domain.tokens import calendar_token_of, renew_calendar_token
from breathecode.calendars.domain.access import feed_urls
from breathecode.events.domain.queries import classes_of_user
from breathecode.pages import grids, http
from breathecode.pages.entries import MOST, Entry, entries_of


class CalendarView(http.SignedInPage):
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show()

    def show(self, **context: Any) -> HttpResponse:
        view = self.request.GET.get("view")
        view = view if view in grids.VIEWS else "month"
        today = timezone.localtime(timezone=ZoneInfo(self.zone or "UTC")).date()
        shown = grids.day_of_text(self.request.GET.get("date"), otherwise=today)
        days = grids.days_of(view, shown)
        grid = grids.fill(
            days, self._entries(days), day_of=lambda entry: entry.day_in(self.zone), today=today,
            month=shown if view == "month" else None, most=MOST[view],
        )  # fmt: skip
        shared = {"here": "calendar", "view": view, "shown": shown, "grid": grid, "days": days}
        shared["day_address"] = reverse("calendar") + "?"
        shared["token"] = calendar_token_of(self.user, now=timezone.now())
        shared["is_empty"] = not any(cell.entries for cell in grid)
        return self.page("pages/calendar.html", {**shared, **_around(shown, view), **context})

    def _entries(self, days: list[datetime.date]) -> list[Entry]:
        """By start."""
        first, last = grids.instants_around(days)
        return entries_of(classes_of_user(self.user.pk).filter(starting_at__gte=first, starting_at__lt=last))


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


def _around(shown: datetime.date, view: str) -> dict[str, str]:
    """The addresses of what is before and after."""
    address = reverse("calendar")
    names = zip(("before", "after"), grids.around(view, shown), strict=True)
    return {name: f"{address}?view={view}&date={day.isoformat()}" for name, day in names}
