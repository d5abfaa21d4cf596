"""`/`: the signed-in user's next classes, or what to do where there are none (rules V1 to V6)."""

import datetime
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from breathecode.authenticate.models import Academy, User
from breathecode.events.domain.lists.own_classes import next_classes_of_user
from breathecode.events.domain.lists.rows import join_url
from breathecode.events.models import LiveClass
from breathecode.pages import http
from breathecode.pages.demo import offers_demo
from breathecode.pages.first_steps import has_no_class
from breathecode.pages.states import State, state_of
from breathecode.pages.times import iso_utc

MAX_CLASSES = 20


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class as the page lists it; `starting_at` is in `zone`, which is the reader's own where `zone_is_known`."""

    id: int
    title: str
    cohort: str
    academy: str
    starting_at: datetime.datetime
    starting_at_utc: str
    zone: str
    zone_is_known: bool
    state: State
    reason: str
    join_url: str
    day: str  # "today", "week" or "later"


@method_decorator(never_cache, name="dispatch")
class HomeView(http.SignedInPage):
    http_method_names = ["get", "head"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Signed out, where the demo is all there is: its people (rule O5)."""
        if http.session_user(request) is None and offers_demo(request):
            return HttpResponseRedirect(reverse("demo"))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        user = self.user
        if user.is_superuser and not Academy.objects.exists():
            return HttpResponseRedirect(reverse("first-steps"))
        rows = [class_row(c, user, now=timezone.now()) for c in self._classes(user)]
        context = {
            "groups": grouped(rows),
            "here": "home",
            "has_no_class": has_no_class(user),
        }
        return self.page("pages/home.html", context)

    def _classes(self, user: User) -> list[LiveClass]:
        return next_classes_of_user(user.pk, now=timezone.now(), limit=MAX_CLASSES)


def class_row(live_class: LiveClass, user: User, *, now: datetime.datetime) -> ClassRow:
    cohort = live_class.cohort
    zone = user.timezone or live_class.cohort_time_slot.timezone
    local = timezone.localtime(live_class.starting_at, ZoneInfo(zone))
    return ClassRow(
        id=live_class.pk,
        title=live_class.title or cohort.name,
        cohort=cohort.name,
        academy=cohort.academy.name,
        starting_at=local,
        starting_at_utc=iso_utc(live_class.starting_at),
        zone=zone,
        zone_is_known=bool(user.timezone),
        state=state_of(live_class, now=now),
        reason=live_class.cancel_reason,
        join_url=join_url(live_class.hash),
        day=day_of(local, today=timezone.localtime(now, ZoneInfo(zone)).date()),
    )


def day_of(local: datetime.datetime, *, today: datetime.date) -> str:
    """A week ends with its Sunday; what began yesterday and is still open counts as today's."""
    if local.date() <= today:
        return "today"
    sunday = today + datetime.timedelta(days=6 - today.weekday())
    return "week" if local.date() <= sunday else "later"


def grouped(rows: list[ClassRow]) -> list[tuple[str, list[ClassRow]]]:
    """Headings with their classes; none without."""
    headings = {"today": _("Today"), "week": _("This week"), "later": _("Later")}
    groups = [(heading, [row for row in rows if row.day == day]) for day, heading in headings.items()]
    return [(heading, found) for heading, found in groups if found]
