"""`/academy/<slug>`: the board of an academy, which refreshes by itself (rules V1 to V6)."""

import datetime
import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.http import parse_etags
from django.utils.translation import gettext as _

from breathecode.events.domain.board import Board, board_of_academy
from breathecode.events.models import LiveClass
from breathecode.pages import http


class BoardRow(NamedTuple):
    """A class on the board, with what is wrong with it in words."""

    live_class: LiveClass
    problems: list[str]


class BoardView(http.AcademyPage):
    http_method_names = ["get", "head"]
    section = "board"

    def get(self, request: HttpRequest, academy_slug: str) -> HttpResponse:
        context = {"groups": list(self._groups())}
        if not request.htmx:  # type: ignore[attr-defined]
            return self.page("pages/academy/board.html", context)
        return _unless_known(request, self.page("pages/academy/board.html#board", context))

    def _groups(self) -> Iterator[tuple[str, str, list[BoardRow]]]:
        """Name, heading and rows of each part that has any; what needs somebody comes first."""
        now = timezone.now()
        board: Board = board_of_academy(self.academy.pk, now=now, until=self._midnight(now))
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
                yield name, heading, [BoardRow(live_class, _problems(live_class)) for live_class in classes]

    def _midnight(self, now: datetime.datetime) -> datetime.datetime:
        """The next one at the academy."""
        local = now.astimezone(ZoneInfo(self.academy.timezone))
        tomorrow = local.date() + datetime.timedelta(days=1)
        return datetime.datetime.combine(tomorrow, datetime.time(), tzinfo=local.tzinfo)


def _problems(live_class: LiveClass) -> list[str]:
    found: list[Any] = []
    if live_class.ended_at is None and live_class.teacher is None and not live_class.has_teacher:  # type: ignore[attr-defined]
        found.append(_("no teacher"))
    if live_class.ended_at is None and not (live_class.remote_meeting_url or live_class.cohort.online_meeting_url):
        found.append(_("no meeting link"))
    return found


def _unless_known(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """304 where the browser has this very fragment."""
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        known = HttpResponseNotModified()
        known["ETag"] = etag
        return known
    del response["Expires"], response["Cache-Control"]
    response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    return response
