"""`/academy/<slug>/conflicts`: users who are needed in two classes at the same time, and what to do (rules V1, P6)."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from breathecode.common.dates import validate_plausible_date
from breathecode.events.domain.staffing.conflicts import DEFAULT_RANGE, TEACHER, ConflictQuery
from breathecode.pages import http
from breathecode.pages.fields import day_input
from breathecode.pages.forms import PageForm
from breathecode.pages.grids import DAY

PAGE_SIZE = 50
MAX_COUNTED = 200  # conflicts that a calendar or board reads


def conflicts_between(academy_id: int, first: datetime.datetime, last: datetime.datetime) -> list[dict[str, Any]]:
    """The first of them, `MAX_COUNTED` at most, by time; in the shape of rule P6. Two queries, or none."""
    if last <= first:
        return []
    query = ConflictQuery(academy_id=academy_id, now=first)
    return query.filter(conflict_at__gte=first, conflict_at__lt=last).order_by("conflict_at")[:MAX_COUNTED]


def ids_in_conflict(conflicts: Iterable[dict[str, Any]]) -> frozenset[int]:
    """Of the academy's classes among them."""
    return frozenset(found["id"] for conflict in conflicts for found in conflict["live_classes"] if "id" in found)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two classes at the same time, and who is needed in both."""

    live_classes: list[dict[str, Any]]
    users: list[tuple[str, str]]  # their name, and "teacher" or "student"

    @property
    def has_teacher(self) -> bool:
        return any(kind == TEACHER for _name, kind in self.users)


def pairs_of(conflicts: Iterable[dict[str, Any]]) -> list[Pair]:
    """In the order in which they come; teachers before students."""
    found: dict[str, Pair] = {}
    for conflict in conflicts:
        pair = found.setdefault(repr(conflict["live_classes"]), Pair(conflict["live_classes"], []))
        user = conflict["user"]
        name = f"{user['first_name']} {user['last_name']}".strip() or user["email"]
        pair.users.append((name, conflict["kind"]))
    for pair in found.values():
        pair.users.sort(key=lambda named: (named[1] != TEACHER, named[0].casefold()))
    return list(found.values())


def _day_field(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=day_input(), validators=[validate_plausible_date])


class PeriodForm(PageForm):
    """Without dates: the next 28 days."""

    first = _day_field(_("First day"))
    last = _day_field(_("Last day"))


class ConflictsView(http.AcademyPage):
    """`first` and `last` are days of the reader's zone, else of the academy's; what is over is left out."""

    http_method_names = ["get", "head"]
    capability = "start_or_end_class"
    section = "academy-calendar"

    def get(self, request: HttpRequest, academy_slug: str) -> HttpResponse:
        form = PeriodForm(request.GET)
        days = form.cleaned_data if form.is_valid() else {}
        page = Paginator(self._conflicts(days.get("first"), days.get("last")), PAGE_SIZE)
        shown = page.get_page(request.GET.get("page"))
        query = urlencode({name: day.isoformat() for name, day in days.items() if day})
        context = {"form": form, "page": shown, "query": query, "pairs": pairs_of(shown)}
        return self.page("pages/academy/conflicts.html", {**context, "zone_of_classes": self.academy.timezone})

    def _conflicts(self, first: datetime.date | None, last: datetime.date | None) -> Any:
        zone, now = ZoneInfo(self.zone or self.academy.timezone), timezone.now()
        begin = max(now, _midnight(first, zone)) if first else now
        end = _midnight(last + DAY, zone) if last else begin + DEFAULT_RANGE
        found = ConflictQuery(academy_id=self.academy.pk, now=begin)
        return found.filter(conflict_at__gte=begin, conflict_at__lt=end).order_by("conflict_at")


def _midnight(day: datetime.date, zone: ZoneInfo) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), zone).astimezone(datetime.UTC)
