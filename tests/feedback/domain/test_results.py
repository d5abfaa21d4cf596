"""What the answers to surveys come to (rule S5)."""

import datetime
from collections import defaultdict
from random import Random

import pytest

from breathecode.admissions.models import Cohort
from breathecode.authenticate.models import User
from breathecode.events.domain.periods import classes_on_days
from breathecode.feedback.domain.results import answers_about, comments_among, question_results, scores_by_week
from tests.support.classes import NOW
from tests.support.queries import assert_num_queries
from tests.support.surveys import answered_at_random, ended_classes

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def surveys(world):
    """Surveys of the last weeks with random answers."""

    def make(seed, *, cohorts=2, classes=12, students=5):
        random, rows = Random(seed), []
        people = User.objects.bulk_create(User(email=f"p{n}@example.org", password="!") for n in range(students))
        for n in range(cohorts):
            cohort = Cohort.objects.create(academy=world.miami, slug=f"c{n}", name=f"Cohort {n}", stage="STARTED")
            slot = world.time_slot(cohort=cohort)
            for live_class in ended_classes(slot, classes, now=NOW):
                rows += answered_at_random(random, live_class, people, [world.teacher, world.staff_teacher], now=NOW)
        return rows

    return make


def mean(scores):
    return sum(scores) / len(scores) if scores else None


def of_academy(world):
    return classes_on_days(world.miami.pk, first=NOW.date() - datetime.timedelta(days=80), last=NOW.date())


@pytest.mark.parametrize("seed", range(5))
def test_scores_by_week(seed, world, surveys):
    """S5: people asked and answering once for each class, and averages, as an independent reckoning says."""
    groups = defaultdict(list)
    for row in surveys(seed):
        day = row[0].day
        groups[row[0].cohort_id, day - datetime.timedelta(days=day.weekday())].append(row)
    found = {(week.cohort_id, week.monday): week for week in scores_by_week(of_academy(world))}
    assert found.keys() == groups.keys()
    for key, rows in groups.items():
        week = found[key]
        asked = {(live_class.pk, user) for live_class, user, *_rest in rows}
        answered = {(c.pk, user) for c, user, _teacher, score, comment in rows if score is not None or comment}
        assert (week.asked, week.answered) == (len(asked), len(answered))
        assert week.response_rate == round(len(answered) / len(asked), 4)
        about_class = [score for *_, teacher, score, _text in rows if teacher is None and score is not None]
        about_teachers = [score for *_, teacher, score, _text in rows if teacher and score is not None]
        assert week.class_average == mean(about_class)
        assert week.teacher_average == mean(about_teachers)


def test_scores_of_one_teacher(world, surveys):
    """S5: the scores of this teacher alone; people asked and the class's scores stay."""
    rows, teacher = surveys(3), world.teacher.pk
    weeks = scores_by_week(of_academy(world), teacher_id=teacher)
    scores = [row[3] for row in rows if row[2] == teacher and row[3] is not None]
    assert (sum(w.teacher_sum for w in weeks), sum(w.teacher_scores for w in weeks)) == (sum(scores), len(scores))
    everyone = scores_by_week(of_academy(world))
    assert [(w.asked, w.class_sum) for w in weeks] == [(w.asked, w.class_sum) for w in everyone]


def test_results_by_question(world, surveys):
    """S5: the class first, then each teacher by name."""
    User.objects.filter(pk=world.teacher.pk).update(first_name="Zoë")
    User.objects.filter(pk=world.staff_teacher.pk).update(first_name="alan", last_name="Turing")
    rows = surveys(4)
    lines = question_results(answers_about(of_academy(world)))
    assert [(line.teacher_id, line.teacher) for line in lines] == [
        (None, ""),
        (world.staff_teacher.pk, "alan Turing"),
        (world.teacher.pk, "Zoë"),
    ]
    for line in lines:
        scores = [row[3] for row in rows if row[2] == line.teacher_id and row[3] is not None]
        assert line.scores == len(scores)
        assert line.average == pytest.approx(mean(scores))
        answered = {(row[0].pk, row[1]) for row in rows if row[3] is not None or row[4]}
        asked = [(row[0].pk, row[1]) for row in rows if row[2] == line.teacher_id]
        assert (line.asked, line.answered) == (len(asked), len([pair for pair in asked if pair in answered]))
        assert line.comments == len([row for row in rows if row[2] == line.teacher_id and row[4]])


def test_comments(world, surveys):
    """S5: those who wrote something, newest class first, and of one class the class before its teachers."""
    rows = surveys(5)
    found = list(comments_among(answers_about(of_academy(world))))
    wanted = [row for row in rows if row[4]]
    assert {(a.survey.live_class_id, a.user_id, a.teacher_id) for a in found} == {(r[0].pk, r[1], r[2]) for r in wanted}
    starts = [answer.survey.live_class.starting_at for answer in found]
    assert starts == sorted(starts, reverse=True)
    by_class = defaultdict(list)
    for answer in found:
        by_class[answer.survey.live_class_id].append(answer.teacher_id is not None)
    assert all(about_teachers == sorted(about_teachers) for about_teachers in by_class.values())


@pytest.mark.parametrize(("cohorts", "classes"), [(1, 1), (3, 12)])
def test_their_cost(cohorts, classes, world, surveys):
    """S5: one statement each, whatever the number of cohorts, surveys and answers."""
    surveys(1, cohorts=cohorts, classes=classes)
    with assert_num_queries(3):
        scores_by_week(of_academy(world))
        answers = answers_about(of_academy(world))
        question_results(answers)
        [(a.user.email, a.survey.live_class.cohort.name, a.teacher) for a in comments_among(answers)]
