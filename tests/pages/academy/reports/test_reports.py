"""`/academy/<slug>/reports` (rules V1 to V6, A5, S5)."""

import csv
import datetime
import gzip
import io
from collections import defaultdict
from typing import Any

import pytest
from openpyxl import load_workbook

from breathecode.admissions.models import Cohort
from breathecode.authenticate.models import User
from breathecode.authenticate.roles import READS, ROLES
from breathecode.events.models import LiveClass
from tests.pages.academy.reports.conftest import monday_of
from tests.support.classes import NOW
from tests.support.database import plan_again
from tests.support.marks import sums
from tests.support.queries import captured_queries
from tests.support.surveys import average

pytestmark = pytest.mark.usefixtures("clock")
DASH = "\N{EN DASH}"
HOSTILE = '"><script>alert(1)</script>'
RTL = "مدرسة البرمجة الحديثة"


def share(attended, expected):
    return f"{round(round(attended / expected, 4) * 100)}%"


def week_name(monday):
    return f"{monday:%-d %b}" if monday.year == NOW.year else f"{monday:%-d %b %Y}"


def averages(rows, key):
    """The mean scores of the class and of teachers, and who answered of whom was asked, by key."""
    found: dict[Any, Any] = defaultdict(lambda: ([], [], set(), set()))
    for live_class, user, teacher, score, comment in rows:
        of_class, of_teacher, asked, answered = found[key(live_class)]
        asked.add((live_class.pk, user))
        if score is not None:
            (of_teacher if teacher else of_class).append(score)
        if score is not None or comment:
            answered.add((live_class.pk, user))
    return {
        name: (average(of_class), average(of_teacher), f"{len(answered)} of {len(asked)}")
        for name, (of_class, of_teacher, asked, answered) in found.items()
    }


@pytest.mark.parametrize("seed", range(3))
def test_its_figures(seed, opened, random_cohorts, rows_of):
    """A5, S5: by week and by cohort, as an independent reckoning over random marks and answers says."""
    facts, rows = random_cohorts(seed, 3)
    answer = opened("/reports")
    by_week = sums(facts, lambda live_class, user: monday_of(live_class.day))
    scores = averages(rows, lambda live_class: monday_of(live_class.day))
    shown = {row[0]: row[1:] for row in rows_of(answer, "by-week")}
    assert len(shown) == 12
    for monday, (attended, expected) in by_week.items():
        _held, rate, there, _late, *survey = shown[week_name(monday)]
        assert (rate, there) == (share(attended, expected), f"{attended} of {expected}")
        assert tuple(survey) == scores[monday]
    by_cohort = sums(facts, lambda live_class, user: live_class.cohort.name)
    scores = averages(rows, lambda live_class: live_class.cohort.name)
    shown = {row[0]: row[1:] for row in rows_of(answer, "by-cohort")}
    assert list(shown) == sorted(by_cohort.keys() | scores.keys())
    for name, (attended, expected) in by_cohort.items():
        _held, rate, there, _late, *survey = shown[name]
        assert (rate, there) == (share(attended, expected), f"{attended} of {expected}")
        assert tuple(survey) == scores[name]


def test_its_charts(opened, random_cohorts):
    """V2: two pictures with a name and a text; a bar or dot for each week that has figures."""
    facts, _rows = random_cohorts(1, 2)
    html = opened("/reports").content.decode()
    assert html.count('role="img"') == 2
    for name in ("attendance", "scores"):
        assert f'aria-labelledby="{name}-title {name}-description"' in html
        assert f'id="{name}-title"' in html
        assert f'id="{name}-description"' in html
    weeks = {monday for monday, (attended, _) in by_monday(facts).items() if attended}
    bars = html.split('<rect class="present"')[1:]
    assert 0 < len(bars) <= len(weeks)


def by_monday(facts):
    return sums(facts, lambda live_class, user: monday_of(live_class.day))


def test_its_filters(opened, world, random_cohorts, rows_of, words):
    """V1: cohort, teacher and weeks are in the address, and links to pages and files keep them."""
    facts, _rows = random_cohorts(2, 2)
    cohort = facts[0].slot.cohort
    answer = opened("/reports", cohort=cohort.slug)
    assert [row[0] for row in rows_of(answer, "by-cohort")] == [cohort.name]
    assert f"/reports.csv?since=2024-12-16&amp;until=2025-03-05&amp;cohort={cohort.slug}" in answer.content.decode()
    LiveClass.objects.filter(cohort=facts[1].slot.cohort).update(teacher=world.staff_teacher)
    answer = opened("/reports", teacher=world.staff_teacher.pk)
    assert [row[0] for row in rows_of(answer, "by-cohort")] == [facts[1].slot.cohort.name]
    assert DASH in words(answer)  # nobody was asked about this teacher
    # From a Wednesday to a Sunday: the whole weeks.
    weeks = rows_of(opened("/reports", since="2025-02-05", until="2025-02-16"), "by-week")
    assert [week[0] for week in weeks] == ["10 Feb", "3 Feb"]
    [week] = rows_of(opened("/reports", since="2025-02-10", until="2025-02-10"), "by-week")
    assert week[0] == "10 Feb"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"since": "2025-02-10", "until": "2025-01-10"}, "The last week must not be before the first one."),
        ({"since": "2020-01-01", "until": "2025-01-10"}, "Choose at most 53 weeks."),
        ({"since": "0001-01-01"}, "Expected a date from"),
        ({"until": "9999-12-31", "since": "9999-12-01"}, "Expected a date from"),
        ({"since": "soon"}, "Enter a valid date."),
        ({"cohort": "data"}, "Select a valid choice."),
        ({"cohort": "no-such-cohort"}, "Select a valid choice."),
        ({"teacher": "0"}, "Select a valid choice."),
        ({"teacher": "x\x00"}, "Select a valid choice."),
    ],
)
def test_what_it_refuses(query, sentence, opened, random_cohorts, words):
    """V1: a sentence at the field, and what was typed; cohorts of another academy are like those that do not exist."""
    random_cohorts(1, 1)
    answer = opened("/reports", **query)
    assert answer.status_code == 400
    assert sentence in words(answer)
    assert 'aria-invalid="true"' in answer.content.decode()
    assert opened("/reports.csv", **query).status_code == 404


def test_another_academy(opened, world, random_cohorts):
    """V1: its people and cohorts are not among the choices, and its staff get the 404 page."""
    random_cohorts(1, 1)
    html = opened("/reports").content.decode()
    assert "foreign_admin" not in html
    assert world.other_cohort.slug not in html.replace("data-", "")
    for path in ("/reports", "/reports.csv", "/reports.xlsx"):
        for person in (world.foreign_admin, world.student):
            assert opened(path, as_=person).status_code == 404
    assert opened("/reports", teacher=world.foreign_admin.pk).status_code == 400


def test_who_may_not_read_surveys(opened, world, random_cohorts, monkeypatch, words):
    """V1, S5: sees attendance alone, in the files too, and no tab's page of surveys."""
    monkeypatch.setitem(ROLES, "staff", READS - {"read_survey"})
    random_cohorts(1, 1)
    answer = opened("/reports", as_=world.reader)
    assert "Attendance by week" in words(answer)
    assert "core" not in words(answer)
    assert "Score" not in opened("/reports.csv", as_=world.reader).content.decode()
    assert opened("/cohorts/c0/surveys", as_=world.reader).status_code == 404
    monkeypatch.setitem(ROLES, "staff", READS - {"read_cohort_log"})
    for path in ("/reports", "/reports.csv", "/cohorts/c0/attendance", "/cohorts/c0/attendance.csv"):
        assert opened(path, as_=world.reader).status_code == 404


def test_nothing_yet(opened, world, words):
    """V1: an empty page says what to do next, and its files have a head alone."""
    answer = opened("/reports")
    assert "No class was held in these weeks." in words(answer)
    assert '<svg class="chart"' not in answer.content.decode()
    assert len(opened("/reports.csv").content.decode().splitlines()) == 1
    Cohort.objects.all().delete()
    assert opened("/reports").status_code == 200


def test_long_and_right_to_left_names(opened, random_cohorts, rows_of, world):
    """V2: names are shown as they are written, set apart, and never run."""
    User.objects.filter(pk=world.teacher.pk).update(first_name=HOSTILE, last_name=RTL)
    random_cohorts(1, 1, name=f"{HOSTILE}{RTL * 4}")
    answer = opened("/reports")
    html = answer.content.decode()
    assert HOSTILE not in html
    assert f"<bdi>&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;{RTL}" in html
    assert "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_its_files(opened, random_cohorts, world):
    """A5, S5: the figures by cohort and week; no cell is a formula."""
    facts, rows = random_cohorts(4, 2, name="=1+1")
    answer = opened("/reports.csv")
    assert answer["Content-Disposition"] == 'attachment; filename="downtown-miami-reports.csv"'
    assert answer["Cache-Control"] == "no-store"
    head, *lines = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head[:4] == ["Week", "Cohort", "Classes held", "Expected"]
    wanted = sums(facts, lambda live_class, user: (monday_of(live_class.day).isoformat(), live_class.cohort.name))
    found = {(line[0], line[1].removeprefix("'")): (int(line[4]) + int(line[5]), int(line[3])) for line in lines}
    assert {key: figures for key, figures in found.items() if figures[1]} == wanted
    assert all(line[1].startswith("'=") for line in lines)
    asked = sum(int(line[head.index("Asked")]) for line in lines)
    assert asked == len({(live_class.pk, user) for live_class, user, *_rest in rows})
    sheet = load_workbook(io.BytesIO(opened("/reports.xlsx").content)).active
    assert sheet is not None
    values = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert values[0] == head
    assert [row[1] for row in values[1:]] == [line[1].removeprefix("'") for line in lines]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert opened("/reports.pdf").status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize(("number", "weeks"), [(1, 1), (40, 30)])
def test_its_cost(number, weeks, opened, random_cohorts, rows_of):
    """V6: forty cohorts by thirty weeks take as many statements as one class, and less than 60 KB."""
    random_cohorts(2, number, weeks=weeks, students=3, name=RTL, first_name="Maximiliano", last_name=RTL)
    plan_again()
    since = (NOW - datetime.timedelta(weeks=30)).date().isoformat()
    opened("/reports", since=since)
    with captured_queries() as statements:
        answer = opened("/reports", since=since)
    assert len(statements) == 10
    assert len(rows_of(answer, "by-cohort")) == number
    assert len(gzip.compress(answer.content)) < 60 * 1024
