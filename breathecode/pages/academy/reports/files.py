"""The figures of a report as a file: a line for each cohort and week."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from breathecode.admissions.models import Cohort
from breathecode.attendance.api.report_files import XLSX, escape_formula, without_controls
from breathecode.feedback.domain.results import Scores
from breathecode.pages.academy.reports.figures import Weeks

SUFFIXES = ("csv", "xlsx")
Row = list[Any]


def rows_of(weeks: Weeks, *, cohorts: Sequence[Cohort], with_scores: bool) -> list[Row]:
    """The headings first, in the language of the page. Rates are from 0 to 1."""
    names = {cohort.pk: cohort.name for cohort in cohorts}
    scores = {(week.cohort_id, week.monday): week for week in weeks.scores}
    rows = [_head(with_scores=with_scores)]
    found = {(week.cohort_id, week.monday): week for week in weeks.attendance}
    for cohort_id, monday in sorted(found | scores, key=lambda key: (key[1], names.get(key[0], ""), key[0])):
        tally = found.get((cohort_id, monday))
        row: Row = [monday, without_controls(names.get(cohort_id, "")), tally.classes if tally else 0]
        row += [tally.expected, tally.present, tally.late, tally.absent, tally.excused] if tally else [0] * 5
        row.append(tally.rate if tally else None)
        rows.append(row + (_scores(scores.get((cohort_id, monday), Scores())) if with_scores else []))
    return rows


def _head(*, with_scores: bool) -> Row:
    names = [_("Week"), _("Cohort"), _("Classes held"), _("Expected"), _("On time"), _("Late"), _("Absent")]
    names += [_("Excused"), _("Attendance")]
    if with_scores:
        names += [_("Asked"), _("Answered"), _("Response rate"), _("Score of the classes"), _("Score of the teachers")]
    return names


def _scores(scores: Scores) -> Row:
    averages = [None if value is None else round(value, 2) for value in (scores.class_average, scores.teacher_average)]
    return [scores.asked, scores.answered, scores.response_rate, *averages]


def as_file(rows: list[Row], *, suffix: str, name: str) -> HttpResponse:
    """A download; `suffix` is csv or xlsx."""
    if suffix == "xlsx":
        response = HttpResponse(_as_xlsx(rows), content_type=XLSX)
    else:
        response = HttpResponse("".join(_as_csv(rows)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.{suffix}"'
    response["Cache-Control"] = "no-store"
    return response


def _as_csv(rows: list[Row]) -> Iterator[str]:
    """With a byte order mark, without which Excel reads names as Latin-1."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows([escape_formula(value) for value in row] for row in rows)
    yield "\ufeff"
    yield file.getvalue()


def _as_xlsx(rows: list[Row]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Reports"))
    sheet.freeze_panes = "A2"
    for number, row in enumerate(rows):
        sheet.append([_cell(sheet, value, is_head=number == 0) for value in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _cell(sheet: Any, value: Any, *, is_head: bool) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"  # never a formula, whatever it begins with
    if is_head:
        cell.font = Font(bold=True)
    return cell
