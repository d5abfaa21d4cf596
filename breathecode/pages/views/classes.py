"""`/classes/<id>`: one class, who joined, its roll, survey and history (rules V1 to V6, A2)."""

import dataclasses
import datetime
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from breathecode.attendance.domain.recording import has_begun
from breathecode.attendance.domain.roll import read_roll, save_rest_of_roll, save_roll
from breathecode.attendance.errors import NotAStudent
from breathecode.attendance.models import Mark
from breathecode.authenticate.domain.people import users_of_academy
from breathecode.authenticate.models import User
from breathecode.calendars.domain.feed import class_file
from breathecode.common.errors import ApiError
from breathecode.common.ids import parse_id
from breathecode.events.domain.joining import GRACE
from breathecode.events.domain.lists.rows import join_url
from breathecode.events.domain.lists.visible import capabilities_of_reader, classes_visible_to, with_role_of
from breathecode.events.domain.staffing.substitutes import users_who_teach
from breathecode.events.domain.staffing.warnings import warnings_of_class
from breathecode.events.models import ClassJoin, LiveClass
from breathecode.feedback.domain.results import comments_among, question_results
from breathecode.feedback.models import Answer
from breathecode.history.domain.queries import changes_of
from breathecode.history.models import Change
from breathecode.pages import http
from breathecode.pages.academy.classes.actions import actions_of
from breathecode.pages.navigation import sections_for

MAX_CHANGES = 20
MAX_COMMENTS = 20
KEYS = {Mark.PRESENT: "P", Mark.LATE: "L", Mark.ABSENT: "A", Mark.EXCUSED: "E"}


@dataclasses.dataclass(frozen=True, slots=True)
class RollRow:
    """A person on the roll; `status` is a mark, or empty where nothing is recorded."""

    user_id: int
    name: str
    status: str
    joined_at: Any


class ClassPage(http.SignedInPage):
    """A page about one class that the reader may open. Sets `live_class` and `capabilities`."""

    live_class: LiveClass
    capabilities: frozenset[str]

    def prepare(self, **kwargs: Any) -> None:
        found = self.classes().filter(pk=kwargs["live_class_id"]).first()
        if found is None:
            raise Http404
        self.live_class = found
        self.capabilities = capabilities_of_reader(found, user=self.user)

    def classes(self) -> QuerySet[LiveClass]:
        related = ("cohort__academy", "cohort_time_slot", "teacher", "replaces")
        classes = with_role_of(self.user, classes_visible_to(self.user)).select_related(*related)
        return classes.annotate(makeup_id=F("replaced_by__id"), makeup_start=F("replaced_by__starting_at"))

    def roll(self, joins: Iterable[ClassJoin] | None = None) -> dict[str, Any]:
        """What the fragment of the roll needs; `joins` where they are known."""
        now = timezone.now()
        rows = _roll_rows(self.live_class, joins) if "read_cohort_log" in self.capabilities else []
        open_ = has_begun(self.live_class, now=now) and self.live_class.cancelled_at is None
        return {
            "class": self.live_class,
            "roll": rows,
            "marks": [(mark.value, mark.label, KEYS[mark]) for mark in Mark],
            "may_mark": open_ and "crud_cohort_log" in self.capabilities,
            "unmarked": sum(not row.status for row in rows),
        }


class ClassView(ClassPage):
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, live_class_id: int) -> HttpResponse:
        live_class, may = self.live_class, self.capabilities
        now = timezone.now()
        joins = _joins(live_class) if "read_cohort_log" in may else None
        can_be_joined = live_class.cancelled_at is None and live_class.ended_at is None
        context = {
            **self.roll(joins),
            "title": live_class.title or live_class.cohort.name,
            "class_zone": live_class.cohort_time_slot.timezone,
            "teachers": users_who_teach(live_class),
            "join_url": join_url(live_class.hash) if can_be_joined and live_class.ending_at >= now - GRACE else "",
            "is_staff_here": bool(may),
            **(changing(live_class, now=now) if "start_or_end_class" in may else {}),
            **base_of_class_page(live_class, may),
            "joins": joins,
            **(_survey(live_class) if live_class.ended_at and "read_survey" in may else {}),
            "changes": _changes(live_class) if "start_or_end_class" in may else None,
        }
        return self.page("pages/class.html", context)


class ClassFileView(ClassPage):
    """The class as a calendar file to import (rule I3), for who may open its page; without the meeting's address."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, live_class_id: int) -> HttpResponse:
        feed = class_file(LiveClass.objects.filter(pk=live_class_id))
        name = f"liveclass-{live_class_id}.ics"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
        return HttpResponse(feed.text, content_type="text/calendar; charset=utf-8", headers=headers)


class RollView(ClassPage):
    """Saves one mark (`user`, `status`), or `rest=PRESENT` for all who have none yet (rule A2)."""

    http_method_names = ["post"]

    def post(self, request: http.HtmxRequest, live_class_id: int) -> HttpResponse:
        if "crud_cohort_log" not in self.capabilities:
            raise PermissionDenied
        problem = self._save(request)
        if request.htmx:
            context = {**self.roll(), "problem": problem}
            return self.page("pages/class.html#roll", context, status=problem.status_code if problem else 200)
        if problem:
            messages.error(request, str(problem.detail))
        return HttpResponseRedirect(reverse("class", args=[live_class_id]) + "#roll", status=303)

    def _save(self, request: HttpRequest) -> ApiError | None:
        """Raises Http404 for what no form of this page sends."""
        where: dict[str, Any] = {"by": self.user, "now": timezone.now(), "within": LiveClass.objects.all()}
        try:
            if request.POST.get("rest") == Mark.PRESENT:
                save_rest_of_roll(self.live_class.pk, mark=Mark.PRESENT, **where)
            else:
                save_roll(self.live_class.pk, marks=_mark_of_form(request), **where)
        except NotAStudent:
            return _not_on_roll(self.live_class, _mark_of_form(request))
        except ApiError as problem:
            return problem
        return None


def base_of_class_page(live_class: LiveClass, capabilities: frozenset[str]) -> dict[str, Any]:
    """Staff keep the navigation of the academy."""
    if "read_all_cohort" not in capabilities:
        return {"base": "pages/wide.html"}
    academy = live_class.cohort.academy
    sections = sections_for(academy.slug, capabilities)
    return {"base": "pages/academy/base.html", "academy": academy, "section": "academy-calendar", "sections": sections}


def changing(live_class: LiveClass, *, now: datetime.datetime) -> dict[str, Any]:
    """What can be done with the class, and what there is to mend before it begins. One query."""
    has_makeup = live_class.makeup_id is not None  # type: ignore[attr-defined]
    is_coming = live_class.ended_at is None and live_class.ending_at > now
    return {
        "actions": actions_of(live_class, has_makeup=has_makeup, now=now),
        "warnings": warnings_of_class(live_class) if is_coming else [],
    }


def _mark_of_form(request: HttpRequest) -> dict[int, str]:
    user, status = parse_id(request.POST.get("user", "")), request.POST.get("status", "")
    if user is None or status not in Mark.values:
        raise Http404
    return {user: status}


def _not_on_roll(live_class: LiveClass, marks: dict[int, str]) -> NotAStudent:
    """With a name in place of the id, where the academy knows the person (rule U6)."""
    person = users_of_academy(live_class.academy_id).filter(pk__in=marks).first()
    if person is None:
        return NotAStudent(_("This person is not on this roll."))
    return NotAStudent(_("{name} is no longer on this roll."), name=person.get_full_name())


def _roll_rows(live_class: LiveClass, joins: Iterable[ClassJoin] | None) -> list[RollRow]:
    """By name."""
    lines = read_roll(live_class, now=timezone.now(), joins=joins)
    names = {user.pk: user.get_full_name() for user in User.objects.filter(pk__in=[line["user"] for line in lines])}
    rows = [
        RollRow(line["user"], names.get(line["user"], "?"), line["status"] or "", line["joined_at"]) for line in lines
    ]
    return sorted(rows, key=lambda row: (row.name.casefold(), row.user_id))


def _joins(live_class: LiveClass) -> list[ClassJoin]:
    return list(ClassJoin.objects.filter(live_class=live_class).select_related("user").order_by("joined_at", "id"))


def _survey(live_class: LiveClass) -> dict[str, Any]:
    """The results by question, that about the class first, and the first comments; nothing without a survey."""
    answers = Answer.objects.filter(survey__live_class=live_class)
    results = question_results(answers)
    comments = list(comments_among(answers)[:MAX_COMMENTS])
    more = sum(line.comments for line in results) - len(comments)
    return {"results": results, "comments": comments, "more_comments": more}


def _changes(live_class: LiveClass) -> QuerySet[Change]:
    return changes_of(Change.Kind.LIVE_CLASS, live_class.pk, academy_id=live_class.academy_id)[:MAX_CHANGES]
