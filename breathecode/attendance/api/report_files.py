"""A report as JSON, CSV and XLSX (rule A5): written line by line, so that memory does not grow with the cohort."""

import csv
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from typing import IO, Any

import orjson
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from breathecode.attendance.domain.report import Line, Report, ReportedClass
from breathecode.events.models import LiveClass

_FORMULA_BEGINS = frozenset("=+-@\t\r\n")
KNOWN = 5  # columns before the classes
MAX_COLUMNS = 16_384  # of a sheet, in every version of the format
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSX_IN_MEMORY = 1024 * 1024  # bytes; a larger workbook is kept in a temporary file


def file_response(report: Report, *, suffix: str, language: str) -> HttpResponseBase:
    """The download: `suffix` is json, csv or xlsx; `language` is that of the headings."""
    response: HttpResponseBase
    if suffix == "xlsx":
        response = FileResponse(as_xlsx(report, language=language), content_type=XLSX)
    elif suffix == "csv":
        rows = as_csv(report, language=language)
        response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    else:
        response = StreamingHttpResponse(as_json(report), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{report.cohort.slug}-attendance.{suffix}"'
    response["Cache-Control"] = "no-store"
    return response


def without_controls(text: str) -> str:
    """The text without the control characters that no workbook can hold."""
    cleaned: str = ILLEGAL_CHARACTERS_RE.sub("", text)
    return cleaned


def escape_formula(value: Any) -> Any:
    """A text as a CSV file needs it: a leading apostrophe, or spreadsheets run what begins like a formula.

    The typed cells of a workbook need none.
    """
    if not isinstance(value, str):
        return value
    # Also behind blanks, and in the wide forms of East Asian keyboards, which NFKC makes plain.
    begins = {value[:1], unicodedata.normalize("NFKC", value.lstrip()[:1])}
    return f"'{value}" if begins & _FORMULA_BEGINS else value


def as_json(report: Report) -> Iterator[bytes]:
    head = {
        "cohort": {"id": report.cohort.pk, "slug": report.cohort.slug, "name": report.cohort.name},
        "timezone": report.zone,
        "classes": [_class_as_dict(reported) for reported in report.classes],
    }
    yield orjson.dumps(head)[:-1] + b',"students":['
    for number, line in enumerate(report.lines()):
        yield (b"," if number else b"") + orjson.dumps(_line_as_dict(report, line), option=orjson.OPT_NON_STR_KEYS)
    yield b"]}"


def _class_as_dict(reported: ReportedClass) -> dict[str, Any]:
    return {
        "id": reported.id,
        "title": reported.title,
        "day": reported.day,
        "starting_at": reported.starting_at,
        "ending_at": reported.ending_at,
        "status": reported.status,
        "held": reported.held,
        "counts": reported.counts,
    }


def _line_as_dict(report: Report, line: Line) -> dict[str, Any]:
    marks = zip(report.classes, line.marks, strict=True)
    return {
        "user": line.student.id,
        "name": line.student.name,
        "email": line.student.email,
        "attendance": {reported.id: mark for reported, mark in marks},
        "attended": line.attended,
        "expected": line.expected,
        "rate": line.rate,
    }


def _head_cells(report: Report) -> list[str]:
    names = [_("Student"), _("E-mail"), _("Attended"), _("Expected"), _("Rate")]
    return names + [_column_name(reported) for reported in report.classes]


def _column_name(reported: ReportedClass) -> str:
    name = f"{reported.starting_at:%Y-%m-%d %H:%M}"
    if reported.counts:
        return name
    reasons = {
        LiveClass.Status.CANCELLED: _("cancelled"),
        LiveClass.Status.ENDED: _("not held"),
    }
    return f"{name} ({reasons.get(LiveClass.Status(reported.status), _('not ended'))})"


def _cells(line: Line) -> list[Any]:
    student = line.student
    known = [without_controls(student.name), without_controls(student.email), line.attended, line.expected, line.rate]
    return known + [mark or "" for mark in line.marks]


class _Echo:
    """A file that hands on what is written to it."""

    def write(self, text: str) -> str:
        return text


def as_csv(report: Report, *, language: str) -> Iterator[str]:
    """UTF-8 with a byte order mark, without which Excel reads names as Latin-1; RFC 4180 for the rest."""
    writer = csv.writer(_Echo())
    with translation.override(language):
        head = _head_cells(report)
    yield "\ufeff" + writer.writerow(head)
    for line in report.lines():
        yield writer.writerow([escape_formula(value) for value in _cells(line)])


def as_xlsx(report: Report, *, language: str) -> IO[bytes]:
    """An open file, positioned at its beginning; the response closes it.

    Classes beyond the columns that a sheet can have go on on further sheets, beside the same students.
    """
    book = Workbook(write_only=True)
    with translation.override(language):
        title, head = _("Attendance"), _head_cells(report)
    for number, first in enumerate(range(KNOWN, max(len(head), KNOWN + 1), MAX_COLUMNS - KNOWN), 1):
        sheet = book.create_sheet(title if number == 1 else f"{title} {number}")
        sheet.freeze_panes = "B2"
        sheet.append(_head_row(sheet, _part(head, first)))
        for line in report.lines():
            sheet.append(_xlsx_row(sheet, _part(_cells(line), first)))
    file = tempfile.SpooledTemporaryFile(max_size=XLSX_IN_MEMORY, suffix=".xlsx")  # noqa: SIM115  (the response closes it)
    book.save(file)
    file.seek(0)
    return file


def _part(cells: list[Any], first: int) -> list[Any]:
    """The cells about the student, and those of one sheet's classes."""
    return cells[:KNOWN] + cells[first : first + MAX_COLUMNS - KNOWN]


def _head_row(sheet: Any, cells: Iterable[str]) -> Iterator[Any]:
    for text in cells:
        cell = WriteOnlyCell(sheet, value=text)
        cell.font = Font(bold=True)
        yield cell


def _xlsx_row(sheet: Any, cells: list[Any]) -> Iterator[Any]:
    for index, value in enumerate(cells):
        cell = WriteOnlyCell(sheet, value=value)
        if isinstance(value, str):
            cell.data_type = "s"  # never a formula, whatever it begins with
        if index == 4:
            cell.number_format = "0.0%"
        yield cell
