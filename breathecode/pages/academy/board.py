"""`/academy/<slug>`: the board of an academy, which refreshes by itself (rules V1 to V6)."""

import datetime
import hashlib
from collections.abc import Iterator
from typing import NamedTuple, cast
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.utils.translation import gettext as _

from breathecode.events.domain.board import Board, board_of_academy
from breathecode.events.domain.staffing.conflicts import DEFAULT_RANGE
from breathecode.events.models import LiveClass
from breathecode.pages import http
from breathecode.pages.academy.conflicts import MAX_COUNTED, conflicts_between, ids_in_conflict


class Link(NamedTuple):
    """Where something is mended; `url` is empty for readers who may not."""

    label: str
    url: str


class BoardRow(NamedTuple):
    """A class on the board, with what is wrong with it, and what is to be done next."""

    live_class: LiveClass
    problems: list[Link]
    next: list[Link]


class BoardView(http.AcademyPage):
    http_method_names = ["get", "head"]
    section = "board"

    def get(self, request: http.HtmxRequest, academy_slug: str) -> HttpResponse:
        now, may_change = timezone.now(), "start_or_end_class" in self.capabilities
        until = self._midnight(now)
        board = board_of_academy(self.academy.pk, now=now, until=until)
        # Those of today mark its classes; a refresh reads no further ahead.
        last = until if request.htmx else now + DEFAULT_RANGE
        conflicts = conflicts_between(self.academy.pk, now, last) if may_change else []
        rows = _Rows(self.academy.slug, in_conflict=ids_in_conflict(conflicts), may_change=may_change)
        context = {"groups": list(_groups(board, rows)), "more": board.more, "conflicts": conflicts}
        context["most_conflicts"] = MAX_COUNTED
        if not request.htmx:
            return self.page("pages/academy/board.html", context)
        return _unless_known(request, self.page("pages/academy/board.html#board", context))

    def _midnight(self, now: datetime.datetime) -> datetime.datetime:
        """The next one at the academy."""
        local = now.astimezone(ZoneInfo(self.academy.timezone))
        tomorrow = local.date() + datetime.timedelta(days=1)
        return datetime.datetime.combine(tomorrow, datetime.time(), tzinfo=local.tzinfo)


def _groups(board: Board, rows: "_Rows") -> Iterator[tuple[str, str, list[BoardRow]]]:
    """Name, heading and rows of each part that has any; first the classes that need attention."""
    parts = (
        ("late", _("Should have begun"), board.late),
        ("open", _("Not ended yet"), board.open_),
        ("live", _("Running"), board.live),
        ("soon", _("In the next two hours"), board.soon),
        ("later", _("Later today"), board.later),
        ("roll", _("Roll not called"), board.roll_missing),
    )
    for name, heading, classes in parts:
        if classes:
            yield name, heading, [rows.row(live_class, part=name) for live_class in classes]


class _Rows:
    """Makes rows whose problems lead to the page where they are mended, for readers who may change classes."""

    def __init__(self, academy_slug: str, *, in_conflict: frozenset[int], may_change: bool) -> None:
        self._conflicts = reverse("academy-conflicts", args=[academy_slug])
        self._in_conflict, self._may_change = in_conflict, may_change

    def row(self, live_class: LiveClass, *, part: str) -> BoardRow:
        return BoardRow(live_class, list(self._problems(live_class)), list(self._next(live_class, part)))

    def _problems(self, live_class: LiveClass) -> Iterator[Link]:
        if live_class.ended_at is not None:
            return
        if live_class.teacher is None and not live_class.has_teacher:  # type: ignore[attr-defined]
            yield self._link(_("no teacher"), "class-substitute", live_class)
        if not (live_class.remote_meeting_url or live_class.cohort.online_meeting_url):
            yield self._link(_("no meeting link"), "class-edit", live_class)
        if live_class.pk in self._in_conflict:
            yield Link(_("conflict"), self._conflicts)

    def _next(self, live_class: LiveClass, part: str) -> Iterator[Link]:
        """Of a class that nobody started, only the roll can say after its end that it was held (rule A1)."""
        if part == "late":
            yield self._link(_("Start"), "class-start", live_class)
        elif part == "open" and live_class.started_at is not None:
            yield self._link(_("End"), "class-end", live_class)
        elif part in ("open", "roll"):
            yield Link(_("Call the roll"), reverse("class", args=[live_class.pk]) + "#roll")

    def _link(self, label: str, name: str, live_class: LiveClass) -> Link:
        return Link(label, reverse(name, args=[live_class.pk]) if self._may_change else "")


def _unless_known(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """304 where the browser has this very fragment."""
    etag = quote_etag(hashlib.sha256(response.content).hexdigest()[:32])
    response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    return cast("HttpResponse", get_conditional_response(request, etag=etag, response=response))
