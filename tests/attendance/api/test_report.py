"""A cohort's attendance report as JSON, CSV and XLSX (rule A5)."""

import csv
import io
import json
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from breathecode.admissions.models import CohortUser, EnrolmentPeriod
from breathecode.attendance.api.report_files import MAX_COLUMNS, as_xlsx, escape_formula
from breathecode.attendance.domain.report import Report, ReportedClass, ReportedStudent
from breathecode.attendance.models import Attendance
from breathecode.authenticate.models import User
from tests.support.classes import NOW
from tests.support.client import error
from tests.support.queries import assert_num_queries

pytestmark = pytest.mark.usefixtures("clock")
FORMATS = ("json", "csv", "xlsx")


@pytest.fixture
def report(call, world):
    def ask(suffix="json", *, cohort=None, as_=None, **extra):
        url = f"/v1/admissions/academy/cohort/{cohort or world.cohort.slug}/attendance.{suffix}"
        return call("GET", url, as_=as_ or world.reader, academy=world.miami, **extra)

    return ask


@pytest.fixture
def held(make_class):
    """Makes a class that was held, so many hours ago."""

    def make(hours, **fields):
        begun = NOW - timedelta(hours=hours)
        given = {"started_at": begun, "ended_at": begun + timedelta(hours=1), **fields}
        return make_class(start=-hours, length=1, **given)

    return make


def student(world, email, *, joined=NOW - timedelta(days=30), first="", last="", **fields):
    person = User.objects.create_user(email, first_name=first, last_name=last)
    part = CohortUser.objects.create(cohort=world.cohort, user=person, **fields)
    EnrolmentPeriod.objects.filter(cohort=part.cohort, user=person).update(since=joined)
    return person


def mark(live_class, person, status):
    Attendance.objects.create(live_class=live_class, user=person, status=status, source="STAFF", recorded_at=NOW)


def content(response) -> bytes:
    return b"".join(response.streaming_content)


def read(response):
    assert response.status_code == 200, response.content
    return json.loads(content(response))


def rates(response):
    return {line["email"]: (line["attended"], line["expected"], line["rate"]) for line in read(response)["students"]}


def test_students_by_classes(report, world, held):
    """A5: the classes, oldest first, in the cohort's zone, and each student's marks and rate."""
    CohortUser.objects.filter(user=world.student).delete()
    first, second, third = held(72), held(48, title="Demo day"), held(24)
    ana = student(world, "ana@example.org", first="Ana", last="Alba")
    for live_class, status in ((first, "PRESENT"), (second, "LATE")):
        mark(live_class, ana, status)
    body = read(report())
    assert body["cohort"] == {"id": world.cohort.pk, "slug": "web-dev", "name": "Web Development"}
    assert body["timezone"] == "America/New_York"
    assert [row["id"] for row in body["classes"]] == [first.pk, second.pk, third.pk]
    assert body["classes"][1] == {
        "id": second.pk,
        "title": "Demo day",
        "day": "2025-03-03",
        "starting_at": "2025-03-03T13:30:00-05:00",
        "ending_at": "2025-03-03T14:30:00-05:00",
        "status": "ENDED",
        "held": True,
        "counts": True,
    }
    assert body["students"] == [
        {
            "user": ana.pk,
            "name": "Ana Alba",
            "email": "ana@example.org",
            "attendance": {str(first.pk): "PRESENT", str(second.pk): "LATE", str(third.pk): None},
            "attended": 2,
            "expected": 3,
            "rate": 0.6667,
        }
    ]


def test_what_a_rate_counts(report, world, held, make_class):
    """A5: held classes at which the student was expected: not those before they joined, and not excused ones."""
    CohortUser.objects.filter(user=world.student).delete()
    first, second = held(72), held(48)
    not_held = held(40, started_at=None)
    cancelled = make_class(start=-30, cancelled_at=NOW)
    running = make_class(start=-1, started_at=NOW - timedelta(hours=1))
    coming = make_class(start=5)
    always = student(world, "always@example.org")
    excused = student(world, "excused@example.org")
    late_comer = student(world, "late-comer@example.org", joined=second.starting_at)
    too_late = student(world, "too-late@example.org", joined=second.ending_at)
    away = student(world, "away@example.org", educational_status="DROPPED")
    gone = student(world, "gone@example.org")
    student(world, "away-unmarked@example.org", educational_status="SUSPENDED")
    for person in (always, late_comer, too_late, gone, away):
        mark(first, person, "PRESENT")
    mark(first, excused, "EXCUSED")
    mark(second, excused, "ABSENT")
    mark(second, away, "ABSENT")
    for live_class in (not_held, running):
        mark(live_class, always, "PRESENT")
    CohortUser.objects.filter(user=gone).delete()
    EnrolmentPeriod.objects.filter(user=gone).update(until=second.starting_at)
    assert rates(report()) == {
        "always@example.org": (3, 4, 0.75),
        "excused@example.org": (0, 2, 0.0),
        "late-comer@example.org": (1, 3, 0.3333),
        "too-late@example.org": (1, 2, 0.5),
        "away@example.org": (1, 2, 0.5),
        "gone@example.org": (1, 1, 1.0),
    }
    classes = {row["id"]: (row["status"], row["held"], row["counts"]) for row in read(report())["classes"]}
    assert classes == {
        first.pk: ("ENDED", True, True),
        second.pk: ("ENDED", True, True),
        not_held.pk: ("ENDED", True, True),
        cancelled.pk: ("CANCELLED", None, False),
        running.pk: ("STARTED", None, False),
    }
    assert coming.pk not in classes


def test_as_csv(report, world, held):
    """A5: UTF-8 that Excel knows by its byte order mark, commas and quotes in names included."""
    CohortUser.objects.filter(user=world.student).delete()
    first, second = held(72), held(48, started_at=None)
    person = student(world, "a@example.org", first='Zoë "Z"', last="Núñez, M.")
    mark(first, person, "LATE")
    response = report("csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="web-dev-attendance.csv"'
    raw = content(response)
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert rows == [
        ["Student", "E-mail", "Attended", "Expected", "Rate", "2025-03-02 13:30", "2025-03-03 13:30 (not held)"],
        ['Zoë "Z" Núñez, M.', "a@example.org", "1", "1", "1.0", "LATE", ""],
    ]
    assert second.held is False


def test_as_xlsx(report, world, held):
    """A5: a workbook that can be opened, with numbers as numbers."""
    CohortUser.objects.filter(user=world.student).delete()
    live_class = held(72)
    mark(live_class, student(world, "a@example.org", first="Ana"), "PRESENT")
    student(world, "b@example.org", first="Ben", joined=NOW)
    response = report("xlsx")
    assert response["Content-Type"].endswith("spreadsheetml.sheet")
    sheet = load_workbook(io.BytesIO(content(response))).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["Student", "E-mail", "Attended", "Expected", "Rate", "2025-03-02 13:30"],
        ["Ana", "a@example.org", 1, 1, 1, "PRESENT"],
        ["Ben", "b@example.org", 0, 0, None, None],
    ]
    assert sheet["E2"].number_format == "0.0%"


FORMULAS = ["=cmd()", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\r=1", "\uff1d1", "\x01=1", '=HYPERLINK("http://x")']


@pytest.mark.parametrize("name", FORMULAS)
def test_a_name_cannot_run(report, world, held, name):
    """A5: a name that begins like a formula is text in every spreadsheet, and in both files."""
    held(72)
    CohortUser.objects.filter(user=world.student).delete()
    person = student(world, "a@example.org")
    User.objects.filter(pk=person.pk).update(first_name=name, last_name="x")
    rows = list(csv.reader(io.StringIO(content(report("csv")).decode("utf-8-sig"), newline="")))
    assert rows[1][0].startswith("'")
    cell = load_workbook(io.BytesIO(content(report("xlsx")))).active["A2"]
    assert cell.data_type == "s"
    assert cell.value.startswith("'") is False


@pytest.mark.parametrize("name", ["", "Ana", "O'Brien", "José-María", "1+1", "a=b", "李"])
def test_other_names_stay_as_they_are(name):
    """A5: nothing is put before a name that no spreadsheet runs."""
    assert escape_formula(name) == name


@pytest.mark.parametrize("suffix", FORMATS)
def test_nothing_to_report(report, world, suffix):
    """A5: a cohort without classes, and without students, has an empty table."""
    assert content(report(suffix))
    CohortUser.objects.filter(cohort=world.cohort).delete()
    response = report(suffix)
    assert response.status_code == 200
    assert content(response)
    assert read(report())["students"] == []


@pytest.mark.parametrize("suffix", FORMATS)
def test_who_may_read(report, world, suffix):
    """A5, H3, H4: read_cohort_log, in the cohort's academy; errors are JSON whatever the client accepts."""
    accepts = {"headers": {"Accept": "text/csv"}}
    assert content(report(suffix, **accepts))
    assert error(report(suffix, as_=world.student, **accepts)) == (403, "not-academy-member")
    assert error(report(suffix, cohort=world.other_cohort.pk, **accepts)) == (404, "not-found")
    assert error(report(f"{suffix}?x=1", **accepts)) == (400, "unknown-parameter")
    assert error(report("pdf")) == (404, "not-found")


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("count", [1, 15])
def test_as_many_statements_for_many(report, world, held, suffix, count):
    """A5: six statements, however many students and classes: who calls, which cohort, classes, people, marks."""
    people = [student(world, f"s{n}@example.org") for n in range(count)]
    for n in range(count):
        mark(held(24 + n), people[n], "PRESENT")
    content(report())
    with assert_num_queries(6):
        assert content(report(suffix))


def test_flat_memory(report, world, held):
    """A5: the CSV of many students is handed on line by line, never as one text."""
    held(24)
    for n in range(30):
        student(world, f"s{n}@example.org")
    chunks = list(report("csv").streaming_content)
    assert len(chunks) == 32  # the head, the world's student and the thirty
    assert max(map(len, chunks)) < 100


def test_the_headings_in_spanish(report, world, held):
    """A5, V5: in the reader's language; the rate is a number from 0 to 1, and its heading does not say percent."""
    live_class = held(72)
    mark(live_class, world.student, "PRESENT")
    headings = ["Estudiante", "Correo electrónico", "Asistió", "Esperadas", "Tasa de asistencia", "2025-03-02 13:30"]
    accepts = {"headers": {"Accept-Language": "es-MX,en;q=0.5"}}
    rows = list(csv.reader(io.StringIO(content(report("csv", **accepts)).decode("utf-8-sig"), newline="")))
    assert rows[0] == headings
    assert rows[1][4] == "1.0"
    sheet = load_workbook(io.BytesIO(content(report("xlsx", **accepts)))).active
    assert [cell.value for cell in sheet[1]] == headings
    assert (sheet["E2"].value, sheet["E2"].number_format) == (1, "0.0%")
    world.reader.language = "en"
    world.reader.save()
    assert content(report("csv", **accepts)).decode("utf-8-sig").startswith("Student,")


@pytest.mark.slow
def test_more_classes_than_a_sheet_has_columns(world):
    """A5, U4: the classes beyond column 16,384 go on on a second sheet, beside the same students."""
    classes = [
        ReportedClass(
            id=number,
            title="Class",
            day=NOW.date(),
            starting_at=NOW + timedelta(minutes=number),
            ending_at=NOW + timedelta(minutes=number + 1),
            status="ENDED",
            held=True,
        )
        for number in range(MAX_COLUMNS)
    ]
    person = ReportedStudent(id=1, name="Ana Alba", email="ana@example.org", periods=((NOW, None),))
    codes = {1: bytearray([1]) * len(classes)}
    table = Report(cohort=world.cohort, zone="UTC", classes=classes, students=[person], codes=codes)
    with as_xlsx(table, language="en") as file:
        book = load_workbook(file)
    assert book.sheetnames == ["Attendance", "Attendance 2"]
    sheets = [[[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book]
    assert [[len(row) for row in rows] for rows in sheets] == [[MAX_COLUMNS] * 2, [10] * 2]
    for heads, values in sheets:
        assert (heads[:2], values[:2]) == (["Student", "E-mail"], ["Ana Alba", "ana@example.org"])
        assert set(values[5:]) == {"PRESENT"}
    assert len({*sheets[0][0][5:], *sheets[1][0][5:]}) == MAX_COLUMNS
