"""`/`: the next class large, the others by day, and what waits for the signed-in user (rules V1 to V6)."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from breathecode.attendance.domain.recording import has_begun
from breathecode.attendance.domain.so_far import attendance_so_far
from breathecode.authenticate.domain.members import capabilities_by_academy
from breathecode.authenticate.models import Academy
from breathecode.events.domain.lists.own_classes import (
    Presence,
    next_classes_of_user,
    presence_in_classes,
    uncalled_rolls_of_user,
)
from breathecode.events.domain.lists.rows import join_url
from breathecode.events.models import LiveClass
from breathecode.feedback.domain.queries import surveys_waiting_for
from breathecode.pages import http
from breathecode.pages.demo import offers_demo
from breathecode.pages.first_steps import has_no_class
from breathecode.pages.times import in_zone, spoken_wait
from breathecode.pages.views.ending import what_prevents_end

MAX_CLASSES = 20
MAX_WAITING = 10  # surveys, and rolls
MAX_COHORTS = 10
# A class that begins this soon is shown large, also while another one runs.
NEAR = datetime.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class as the page lists it. `presence`: of a class that the reader leads and that has begun.

    `day`: "today", "week" or "later". `may_call_roll`, `may_end`: now, by the reader's role at the academy.
    """

    live_class: LiveClass
    title: str
    zone: str
    join_url: str
    day: str
    wait: str
    presence: Presence | None
    may_call_roll: bool
    may_end: bool


@method_decorator(never_cache, name="dispatch")
class HomeView(http.SignedInPage):
    """Sets `capabilities`: the reader's, by the id of the academy; empty for a superuser, who may all."""

    http_method_names = ["get", "head"]
    capabilities: dict[int, frozenset[str]]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Signed out, where the demo is all there is: its people (rule O5)."""
        if http.session_user(request) is None and offers_demo(request):
            return HttpResponseRedirect(reverse("demo"))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        user, now = self.user, timezone.now()
        if user.is_superuser and not Academy.objects.exists():
            return HttpResponseRedirect(reverse("first-steps"))
        classes = next_classes_of_user(user.pk, now=now, limit=MAX_CLASSES + 1)
        self.capabilities = {} if user.is_superuser else capabilities_by_academy(user)
        rows = self._rows(classes[:MAX_CLASSES], now=now)
        large = large_row(rows, now=now)
        context = {
            "here": "home",
            "large": large,
            "now_milliseconds": round(now.timestamp() * 1000),
            "groups": grouped([row for row in rows if row is not large]),
            "has_more": len(classes) > MAX_CLASSES,
            "rolls": self._rolls(now=now),
            "attendance": attendance_so_far(user)[:MAX_COHORTS],
            "surveys": surveys_waiting_for(user, now=now, limit=MAX_WAITING),
            "has_no_class": has_no_class(user),
        }
        return self.page("pages/home.html", context)

    def _rows(self, classes: list[LiveClass], *, now: datetime.datetime) -> list[ClassRow]:
        led = [found for found in classes if found.is_led and found.cancelled_at is None]  # type: ignore[attr-defined]
        presence = presence_in_classes([found.pk for found in led if has_begun(found, now=now)])
        return [self._row(found, presence.get(found.pk), now=now) for found in classes]

    def _row(self, live_class: LiveClass, presence: Presence | None, *, now: datetime.datetime) -> ClassRow:
        zone = live_class.cohort_time_slot.timezone
        here = self.zone or zone
        runs_for_leader = presence is not None
        can_end = runs_for_leader and what_prevents_end(live_class, now=now) is None
        return ClassRow(
            live_class=live_class,
            title=live_class.title or live_class.cohort.name,
            zone=zone,
            join_url="" if live_class.cancelled_at else join_url(live_class.hash),
            day=day_of(in_zone(live_class.starting_at, here), today=in_zone(now, here).date()),
            wait=spoken_wait(live_class.starting_at - now),
            presence=presence,
            may_call_roll=runs_for_leader and self._may("crud_cohort_log", live_class),
            may_end=can_end and self._may("start_or_end_class", live_class),
        )

    def _may(self, capability: str, live_class: LiveClass) -> bool:
        return self.user.is_superuser or capability in self.capabilities.get(live_class.academy_id, ())

    def _rolls(self, *, now: datetime.datetime) -> list[LiveClass]:
        """Those that the reader led and may call."""
        academies = (
            None
            if self.user.is_superuser
            else [academy_id for academy_id, held in self.capabilities.items() if "crud_cohort_log" in held]
        )
        return uncalled_rolls_of_user(self.user.pk, academy_ids=academies, now=now, limit=MAX_WAITING)


def day_of(local: datetime.datetime, *, today: datetime.date) -> str:
    """A week ends with its Sunday; what began yesterday and is still open counts as today's."""
    if local.date() <= today:
        return "today"
    sunday = today + datetime.timedelta(days=6 - today.weekday())
    return "week" if local.date() <= sunday else "later"


def large_row(rows: list[ClassRow], *, now: datetime.datetime) -> ClassRow | None:
    """The class to join next: of those that run or begin within ten minutes the last to begin, else the first to come.

    A class past its planned end comes after all others, a cancelled one never.
    """
    open_ = [row for row in rows if row.join_url]
    going_on = [row for row in open_ if row.live_class.ending_at > now]
    near = [row for row in going_on if row.live_class.starting_at <= now + NEAR]
    return near[-1] if near else next(iter(going_on or open_), None)


def grouped(rows: list[ClassRow]) -> list[tuple[str, list[ClassRow]]]:
    """Headings with their classes; none without."""
    headings = {"today": _("Today"), "week": _("This week"), "later": _("Later")}
    groups = [(heading, [row for row in rows if row.day == day]) for day, heading in headings.items()]
    return [(heading, found) for heading, found in groups if found]
