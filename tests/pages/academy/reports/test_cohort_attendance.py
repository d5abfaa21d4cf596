"""`/academy/<slug>/cohorts/<slug>/attendance` (rules V1 to V6, A5)."""

import re
from datetime import timedelta

import pytest

from breathecode.admissions.models import CohortUser, EnrolmentPeriod
from breathecode.attendance.domain.report import make_report
from breathecode.attendance.models import Attendance
from breathecode.authenticate.models import User
from breathecode.events.models import LiveClass
from breathecode.pages.academy.reports.attendance import CLASSES_A_PAGE, PAGE_SIZE
from tests.support.classes import NOW
from tests.support.queries import captured_queries

pytestmark = pytest.mark.usefixtures("clock")
PATH = "/cohorts/web-dev/attendance"
HOSTILE = "<script>alert(1)</script>"
RTL = "عبد الرحمن بن محمد الأندلسي" * 2


@pytest.fixture
def held(make_class):
    """Makes a class that was held, so many days ago."""

    def make(days, **fields):
        begun = NOW - timedelta(days=days)
        return make_class(start=-24 * days, **{"started_at": begun, "ended_at": begun + timedelta(hours=1), **fields})

    return make


def mark(live_class, person, status):
    Attendance.objects.create(live_class=live_class, user=person, status=status, source="STAFF", recorded_at=NOW)


def grid(answer):
    """The heads of the columns, and of each student: the first cell, and what stands in the others."""
    html = answer.content.decode()
    head, body = html[html.index("<thead>") : html.index("</table>")].split("<tbody>")
    cells = re.compile(r"<t[hd][^>]*>(.*?)</t[hd]>", re.DOTALL)
    rows = [[plain(cell) for cell in cells.findall(row)] for row in body.split("</tr>")[:-1]]
    return [plain(cell) for cell in cells.findall(head)][1:], {row[0]: row[1:] for row in rows}


def plain(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def test_marks_and_rates(opened, world, held, make_class):
    """A5: the newest class first; a letter and a word a mark, and what each student attended of what was expected."""
    User.objects.filter(pk=world.student.pk).update(first_name="Ada", last_name="Byron")
    ben = User.objects.create_user("ben@example.org", first_name="Ben", last_name="Zhou")
    CohortUser.objects.create(cohort=world.cohort, user=ben)
    EnrolmentPeriod.objects.filter(user=ben).update(since=NOW - timedelta(days=3))
    first, second = held(5), held(4)
    held(2)
    make_class(start=-30, cancelled_at=NOW)
    held(1, started_at=None)
    make_class(start=5)
    mark(first, world.student, "LATE")
    mark(second, world.student, "EXCUSED")
    heads, rows = grid(opened(PATH))
    # At 13:30 in New York.
    assert heads == [
        "Tue 4 Mar 13:30 not held",
        "Tue 4 Mar 07:30 cancelled",
        "Mon 3 Mar 13:30",
        "Sat 1 Mar 13:30",
        "Fri 28 Feb 13:30",
    ]
    assert rows == {
        "Ada Byron 50% 1 of 2": ["", "", "? not marked", "E excused", "L late"],
        "Ben Zhou 0% 0 of 1": ["", "", "? not marked", "", ""],
    }


def test_it_says_what_the_report_says(opened, random_cohorts):
    """A5: names and rates of random marks are those of the download."""
    facts, _rows = random_cohorts(3, 1, weeks=20, students=8, first_name="Ana")
    cohort = facts[0].slot.cohort
    lines = list(make_report(cohort, now=NOW).lines())
    _heads, rows = grid(opened(f"/cohorts/{cohort.slug}/attendance"))
    shown = [re.search(r"(\d+)% (\d+) of (\d+)$", name) for name in rows]
    wanted = [
        (f"{(line.rate or 0) * 100:.0f}", str(line.attended), str(line.expected)) for line in lines if line.expected
    ]
    assert [found.groups() for found in shown if found] == wanted
    assert len(rows) == len(lines)


def test_its_pages(opened, world, held):
    """V1: students and classes come in pages, which keep each other in the address."""
    for number in range(CLASSES_A_PAGE + 2):
        held(number + 1)
    people = User.objects.bulk_create(
        User(email=f"p{n:02}@example.org", password="!", last_name=f"Zed {n:02}") for n in range(PAGE_SIZE)
    )
    CohortUser.objects.bulk_create(CohortUser(cohort=world.cohort, user=person) for person in people)
    first = opened(PATH)
    heads, rows = grid(first)
    assert (len(heads), len(rows)) == (CLASSES_A_PAGE, PAGE_SIZE)
    assert "?page=1&amp;classes=2" in first.content.decode()
    second = opened(PATH, page=2, classes=2)
    heads, rows = grid(second)
    assert (heads, list(rows)) == (["Thu 20 Feb 13:30", "Wed 19 Feb 13:30"], ["Zed 49 \N{EN DASH}"])
    assert "?classes=2&amp;page=1" in second.content.decode()
    assert opened(PATH, page="x", classes="-7").status_code == 200


@pytest.mark.parametrize(("students", "classes"), [(1, 1), (120, 40)])
def test_its_cost(students, classes, opened, random_cohorts):
    """V6: the statements do not depend on students and classes."""
    random_cohorts(1, 1, weeks=classes, students=students)
    opened("/cohorts/c0/attendance")
    with captured_queries() as statements:
        opened("/cohorts/c0/attendance")
    assert len(statements) == 10


def test_nothing_yet(opened, world, held, words):
    """V1: an empty page says what to do next."""
    LiveClass.objects.all().delete()
    assert "No class has begun yet." in words(opened(PATH))
    held(1)
    CohortUser.objects.all().delete()
    answer = opened(PATH)
    assert "No student is in the cohort yet." in words(answer)
    assert "/cohorts/web-dev/people" in answer.content.decode()


def test_hostile_and_right_to_left_names(opened, world, held):
    """V2: names are shown as they are written, set apart, and never run."""
    held(1, title=HOSTILE)
    User.objects.filter(pk=world.student.pk).update(first_name=HOSTILE, last_name=RTL)
    html = opened(PATH).content.decode()
    assert HOSTILE not in html
    assert f"<bdi>&lt;script&gt;alert(1)&lt;/script&gt; {RTL}</bdi>" in html


def test_its_files(opened, world, held):
    """A5: the files of the API for those who may open the page, and for nobody else."""
    mark(held(1), world.student, "PRESENT")
    answer = opened(f"{PATH}.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert text.splitlines()[1].endswith("1,1,1.0,PRESENT")
    assert answer["Content-Disposition"] == 'attachment; filename="web-dev-attendance.csv"'
    assert answer["Cache-Control"] == "no-store"
    answer = opened(f"{PATH}.xlsx")
    assert b"".join(answer.streaming_content).startswith(b"PK")
    for path in (f"{PATH}.json", f"{PATH}.exe", "/cohorts/data/attendance.csv", "/cohorts/data/attendance"):
        assert opened(path).status_code == 404
    for person in (world.student, world.foreign_admin):
        assert opened(f"{PATH}.csv", as_=person).status_code == 404


def test_its_language(opened, world, held):
    """V5: headings of the files, and letters with their words, in the reader's language."""
    mark(held(1), world.student, "EXCUSED")
    User.objects.filter(pk=world.coordinator.pk).update(language="es")
    assert tuple(grid(opened(PATH))[1].popitem()[1][0].split(" ", 1)) == ("J", "ausencia justificada")
    text = b"".join(opened(f"{PATH}.csv").streaming_content).decode("utf-8-sig")
    assert "Tasa de asistencia" in text.splitlines()[0]
