"""`/academy/<slug>/cohorts/<slug>/attendance`: who attended what (rules V1 to V6, A5)."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from breathecode.attendance.api.report_files import file_response
from breathecode.attendance.domain.report import Line, ReportedClass, is_expected, make_report, people_of
from breathecode.attendance.models import Mark
from breathecode.events.models import LiveClass
from breathecode.pages.academy.cohorts.base import CohortPage
from breathecode.pages.academy.reports.charts import short_day
from breathecode.pages.academy.reports.files import SUFFIXES
from breathecode.pages.times import in_zone, iso_utc

PAGE_SIZE = 50
CLASSES_A_PAGE = 12  # which a laptop shows side by side


@dataclass(frozen=True, slots=True)
class Column:
    """A class: `state` says in a word why it does not count, else it is empty."""

    id: int
    title: str
    starting_at_utc: str
    weekday: str
    day: str
    hour: str
    state: str


@dataclass(frozen=True, slots=True)
class Cell:
    """`kind` is that of the style: a mark in lower case, "none" where a mark is missing, else empty."""

    kind: str
    letter: str
    word: str


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    attended: int
    expected: int
    rate: float | None
    cells: list[Cell]


class CohortAttendanceView(CohortPage):
    """A page of students by a page of classes: newest first."""

    http_method_names = ["get", "head"]
    capability = "read_cohort_log"
    tab = "cohort-attendance"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        page = Paginator(people_of(self.cohort), PAGE_SIZE).get_page(request.GET.get("page"))
        report = make_report(self.cohort, now=timezone.now(), people=list(page))
        newest_first = range(len(report.classes) - 1, -1, -1)
        classes = Paginator(newest_first, CLASSES_A_PAGE).get_page(request.GET.get("classes"))
        context = {
            "page": page,
            "query": f"classes={classes.number}",
            "classes": classes,
            "columns": [self._column(report.classes[index]) for index in classes],
            "rows": [_row(line, report.classes, list(classes)) for line in report.lines()],
            "legend": list(_legend()),
        }
        return self.page("pages/academy/reports/attendance.html", context)

    def _column(self, reported: ReportedClass) -> Column:
        local = in_zone(reported.starting_at, self.zone or self.cohort.effective_timezone)
        return Column(
            id=reported.id,
            title=reported.title,
            starting_at_utc=iso_utc(reported.starting_at),
            weekday=date_format(local, "D"),
            day=_day(local),
            hour=f"{local:%H:%M}",
            state=_why_not_counted(reported),
        )


def _day(local: datetime.datetime) -> str:
    return short_day(local.date())


def _why_not_counted(reported: ReportedClass) -> str:
    if reported.counts:
        return ""
    if reported.is_cancelled:
        return _("cancelled")
    return _("not held") if reported.status == LiveClass.Status.ENDED else _("not ended")


def _row(line: Line, classes: Sequence[ReportedClass], shown: Iterable[int]) -> Row:
    """`shown` are places of `classes`."""
    cells = [
        _cell(line.marks[index], is_expected=is_expected(line.student, classes[index], line.marks[index]))
        for index in shown
    ]
    return Row(line.student.name, line.attended, line.expected, line.rate, cells)


def _cell(mark: str | None, *, is_expected: bool) -> Cell:
    if mark is not None:
        return Cell(mark.lower(), _letters()[mark], str(Mark(mark).label))
    return Cell("none", "?", _("not marked")) if is_expected else Cell("", "", "")


def _letters() -> dict[str, str]:
    # Translators: one letter each for present, late, absent and excused, with spaces between.
    return dict(zip(Mark.values, _("P L A E").split(), strict=True))


def _legend() -> Iterator[Cell]:
    for mark in Mark.values:
        yield _cell(mark, is_expected=True)
    yield Cell("none", "?", _("not marked, counts as absent"))


class CohortAttendanceFileView(CohortPage):
    """The whole table as `.csv` or `.xlsx`, as the API gives it."""

    http_method_names = ["get", "head"]
    capability = "read_cohort_log"

    def get(self, request: HttpRequest, *, suffix: str, **kwargs: Any) -> HttpResponseBase:
        if suffix not in SUFFIXES:
            raise Http404
        report = make_report(self.cohort, now=timezone.now())
        return file_response(report, suffix=suffix, language=translation.get_language() or "en")
