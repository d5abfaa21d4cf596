"""`/academy/<slug>/cohorts/<slug>/surveys` (rules V1 to V6, S5)."""

import re
from random import Random

import pytest

from breathecode.authenticate.models import User
from breathecode.feedback.models import Answer
from breathecode.pages.academy.reports.surveys import PAGE_SIZE
from tests.support.classes import NOW
from tests.support.queries import captured_queries
from tests.support.surveys import answered_at_random, average, ended_classes

pytestmark = pytest.mark.usefixtures("clock")
PATH = "/cohorts/c0/surveys"
HOSTILE = "<img src=x onerror=alert(1)>"
RTL = "كان الدرس ممتازا"


def comments(answer):
    return re.findall(r"<blockquote[^>]*>(.*?)</blockquote>", answer.content.decode(), re.DOTALL)


def test_its_figures(opened, random_cohorts, rows_of, words):
    """S5: response rate and averages, in all and by class, as an independent reckoning says."""
    _facts, rows = random_cohorts(2, 2, weeks=8)
    rows = [row for row in rows if row[0].cohort.slug == "c0"]
    answer = opened(PATH)
    asked = {(row[0].pk, row[1]) for row in rows}
    answered = {(row[0].pk, row[1]) for row in rows if row[3] is not None or row[4]}
    assert f"{round(len(answered) / len(asked) * 100)}% answered the survey {len(answered)} of {len(asked)}" in words(
        answer
    )
    of_classes = [row[3] for row in rows if row[2] is None and row[3] is not None]
    of_teachers = [row[3] for row in rows if row[2] and row[3] is not None]
    assert f"{average(of_classes)} average score of the classes {average(of_teachers)} average score" in words(answer)
    lines = rows_of(answer, "by-class")
    classes = sorted({row[0] for row in rows}, key=lambda live_class: live_class.starting_at, reverse=True)
    assert len(lines) == len(classes) == 8
    for live_class, line in zip(classes, lines, strict=True):
        own = [row for row in rows if row[0] == live_class]
        scores = [row[3] for row in own if row[2] is None and row[3] is not None]
        there = {row[1] for row in own if row[3] is not None or row[4]}
        written = len([row for row in own if row[4]])
        wanted = f"{written} comment{'' if written == 1 else 's'}" if written else "\N{EN DASH}"
        assert line[1:] == [average(scores), f"{len(there)} of {len({row[1] for row in own})}", wanted]


def test_comments(opened, world, random_cohorts):
    """S5: those on everything, on the classes, on a teacher, on one class; what was chosen is in the address."""
    _facts, rows = random_cohorts(3, 2, weeks=4)
    rows = [row for row in rows if row[0].cohort.slug == "c0" and row[4]]
    on_teacher = [row for row in rows if row[2]]
    assert 0 < len(on_teacher) < len(rows) <= PAGE_SIZE
    assert len(comments(opened(PATH))) == len(rows)
    assert len(comments(opened(PATH, about=world.teacher.pk))) == len(on_teacher)
    assert len(comments(opened(PATH, about="class"))) == len(rows) - len(on_teacher)
    [first, *_rest] = rows
    own = [row for row in rows if row[0] == first[0]]
    assert len(comments(opened(PATH, **{"class": first[0].pk}))) == len(own)


def test_what_it_refuses(opened, world, random_cohorts, words):
    """V1: classes and teachers of other cohorts are like those that do not exist."""
    facts, _rows = random_cohorts(1, 2, weeks=2)
    assert opened(PATH, **{"class": facts[1].classes[0].pk}).status_code == 404
    for given in ("0", "x", "9" * 30):
        assert opened(PATH, **{"class": given}).status_code == 404
    for given in (world.staff_teacher.pk, "x", "9" * 30):
        answer = opened(PATH, about=given)
        assert answer.status_code == 400
        assert "Select a valid choice." in words(answer)
    assert opened("/cohorts/data/surveys").status_code == 404


def test_its_pages(opened, world):
    """V1: surveys and comments come in pages, which keep each other in the address."""
    slot = world.time_slot()
    people = [world.student, world.dropped]
    for live_class in ended_classes(slot, PAGE_SIZE + 1, now=NOW):
        answered_at_random(Random(1), live_class, people, [], now=NOW)
    Answer.objects.update(comment="Well explained", answered_at=NOW)
    html = opened("/cohorts/web-dev/surveys", page=2, about="class").content.decode()
    assert "?about=class&amp;page=1" in html
    assert "?about=class&amp;page=2&amp;comments=2#comments" in html
    assert len(comments(opened("/cohorts/web-dev/surveys", comments=1))) == PAGE_SIZE


def test_nothing_yet(opened, words):
    """V1: an empty page says when there will be something."""
    assert "No survey has been sent yet." in words(opened("/cohorts/web-dev/surveys"))


def test_hostile_and_right_to_left_comments(opened, random_cohorts):
    """V2: comments and names are shown as they are written, in their direction, and never run."""
    random_cohorts(1, 1, weeks=2, first_name=HOSTILE)
    Answer.objects.filter(score__isnull=False).update(comment=f"{HOSTILE}{RTL}")
    html = opened(PATH).content.decode()
    assert HOSTILE not in html
    assert f'<blockquote dir="auto">&lt;img src=x onerror=alert(1)&gt;{RTL}</blockquote>' in html


@pytest.mark.parametrize("weeks", [1, 30])
def test_its_cost(weeks, opened, random_cohorts):
    """V6: the statements do not depend on surveys and answers."""
    random_cohorts(1, 1, weeks=weeks)
    Answer.objects.update(comment="Well explained", answered_at=NOW)
    User.objects.filter(email="p0@example.org").update(first_name="Ana")
    opened(PATH)
    with captured_queries() as statements:
        opened(PATH)
    assert len(statements) == 11
