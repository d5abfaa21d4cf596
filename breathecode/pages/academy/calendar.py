"""`/academy/<slug>/calendar`: the classes of all cohorts by month, week or day (rules V1 to V6, P6)."""

import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from breathecode.admissions.domain.queries import cohorts_not_deleted
from breathecode.admissions.models import Cohort
from breathecode.events.domain.queries import classes_of_academy, taught_by
from breathecode.events.domain.staffing.substitutes import teachers_of_academy
from breathecode.events.models import STATUS_LOOKUPS, LiveClass
from breathecode.pages import grids, http
from breathecode.pages.academy.classes.actions import actions_of
from breathecode.pages.academy.conflicts import MAX_COUNTED, conflicts_between, ids_in_conflict
from breathecode.pages.entries import MOST, first_entries
from breathecode.pages.forms import PageForm

PAGE_SIZE = 50  # classes of a day
STATES: dict[str, dict[str, Any]] = {
    "coming": STATUS_LOOKUPS[LiveClass.Status.SCHEDULED],
    "running": STATUS_LOOKUPS[LiveClass.Status.STARTED],
    "ended": STATUS_LOOKUPS[LiveClass.Status.ENDED],
    "cancelled": STATUS_LOOKUPS[LiveClass.Status.CANCELLED],
    "moved": {"moved_from__isnull": False},
    "makeup": {"replaces__isnull": False},
}
CONFLICT = "conflict"


class FilterForm(PageForm):
    """Each field on its own: what is not known filters nothing."""

    cohort = forms.ChoiceField(label=_("Cohort"), required=False)
    teacher = forms.TypedChoiceField(label=_("Teacher"), required=False, coerce=int, empty_value=None)
    state = forms.ChoiceField(
        label=_("Classes"),
        required=False,
        choices=[
            ("", _("All classes")),
            ("coming", _("Not started")),
            ("running", _("Running")),
            ("ended", _("Ended")),
            ("cancelled", _("Cancelled classes")),
            ("moved", _("Moved classes")),
            ("makeup", _("Make-up classes")),
            (CONFLICT, _("In a conflict")),
        ],
    )

    def __init__(self, data: Any, *, academy_id: int, may_see_conflicts: bool) -> None:
        super().__init__(data)
        fields: dict[str, Any] = self.fields
        cohorts = cohorts_not_deleted(academy_id).order_by("name", "pk").values_list("slug", "name")
        fields["cohort"].choices = [("", _("All cohorts")), *cohorts]
        teachers = [(user.pk, user.get_full_name()) for user in teachers_of_academy(academy_id)]
        fields["teacher"].choices = [("", _("All teachers")), *teachers]
        if not may_see_conflicts:
            fields["state"].choices = [choice for choice in fields["state"].choices if choice[0] != CONFLICT]

    def chosen(self) -> dict[str, Any]:
        self.is_valid()
        self.errors.clear()
        return {name: value for name, value in self.cleaned_data.items() if value}


class AcademyCalendarView(http.AcademyPage):
    """Days are those of the reader's zone, else of the academy's."""

    http_method_names = ["get", "head"]
    section = "academy-calendar"
    chosen: dict[str, Any]

    def get(self, request: HttpRequest, academy_slug: str) -> HttpResponse:
        may_change = "start_or_end_class" in self.capabilities
        form = FilterForm(request.GET, academy_id=self.academy.pk, may_see_conflicts=may_change)
        self.chosen = form.chosen()
        view = request.GET.get("view")
        view = view if view in grids.VIEWS else "month"
        zone = ZoneInfo(self.zone or self.academy.timezone)
        shown = grids.day_of_text(request.GET.get("date"), otherwise=timezone.localtime(timezone=zone).date())
        days = grids.days_of(view, shown)
        context: dict[str, Any] = {
            "form": form,
            "view": view,
            "shown": shown,
            "days": days,
            "may_change": may_change,
            "chosen": self.chosen,
        }
        context |= {"conflicts": [], "in_conflict": frozenset(), **self._addresses(view, shown)}
        if may_change:
            context |= self._conflicts(days, zone)
        classes = self._classes(days, zone, in_conflict=context["in_conflict"])
        context |= self._day(classes) if view == "day" else self._grid(classes, view, days, shown, zone)
        return self.page("pages/academy/calendar.html", context)

    def _conflicts(self, days: list[datetime.date], zone: ZoneInfo) -> dict[str, Any]:
        """Those that are still to come; what is over cannot be mended."""
        first, last = _instants(days, zone)
        found = conflicts_between(self.academy.pk, max(first, timezone.now()), last)
        query = urlencode({"first": days[0].isoformat(), "last": days[-1].isoformat()})
        address = reverse("academy-conflicts", args=[self.academy.slug]) + f"?{query}"
        shared = {"most_conflicts": MAX_COUNTED, "conflicts_address": address}
        return {**shared, "conflicts": found, "in_conflict": ids_in_conflict(found)}

    def _classes(
        self, days: list[datetime.date], zone: ZoneInfo, *, in_conflict: frozenset[int]
    ) -> QuerySet[LiveClass]:
        first, last = _instants(days, zone)
        classes = classes_of_academy(self.academy.pk).exclude(cohort__stage=Cohort.Stage.DELETED)
        classes = classes.filter(starting_at__gte=first, starting_at__lt=last)
        if cohort := self.chosen.get("cohort"):
            classes = classes.filter(cohort__slug=cohort)
        if teacher := self.chosen.get("teacher"):
            classes = classes.filter(taught_by(teacher))
        state = self.chosen.get("state", "")
        return classes.filter(pk__in=in_conflict) if state == CONFLICT else classes.filter(**STATES.get(state, {}))

    def _grid(
        self, classes: QuerySet[LiveClass], view: str, days: list[datetime.date], shown: datetime.date, zone: ZoneInfo
    ) -> dict[str, Any]:
        found = first_entries(classes, grids.beginnings_of(days, zone), most=MOST[view])
        shown_of = {days[number]: of_day for number, of_day in found.items()}
        today, month = timezone.localtime(timezone=zone).date(), shown if view == "month" else None
        return {"grid": grids.grid_of(days, shown_of, today=today, month=month), "is_empty": not found}

    def _day(self, classes: QuerySet[LiveClass]) -> dict[str, Any]:
        """The classes of one day as a list, with what can be done with each."""
        related = classes.select_related("cohort", "cohort_time_slot", "teacher")
        found = related.annotate(makeup_id=F("replaced_by__id")).order_by("starting_at", "id")
        page = Paginator(found, PAGE_SIZE).get_page(self.request.GET.get("page"))
        now, may_change = timezone.now(), "start_or_end_class" in self.capabilities
        rows = [
            (row, actions_of(row, has_makeup=row.makeup_id is not None, now=now) if may_change else []) for row in page
        ]
        return {"page": page, "rows": rows, "is_empty": not rows}

    def _addresses(self, view: str, shown: datetime.date) -> dict[str, str]:
        """Links keep the filters: `query` is for pages of a day, `address` for other views and days."""
        address = reverse("academy-calendar", args=[self.academy.slug])
        filters = urlencode(self.chosen)
        base = f"{address}?{filters}&" if filters else f"{address}?"
        before, after = (f"{base}view={view}&date={day.isoformat()}" for day in grids.around(view, shown))
        query = f"{filters}&view={view}&date={shown.isoformat()}".lstrip("&")
        return {"address": base, "day_address": base, "before": before, "after": after, "query": query}


def _instants(days: list[datetime.date], zone: ZoneInfo) -> tuple[datetime.datetime, datetime.datetime]:
    """From the beginning of the first day to the end of the last, in UTC."""
    first, *_others, last = grids.beginnings_of(days, zone)
    return first, last
