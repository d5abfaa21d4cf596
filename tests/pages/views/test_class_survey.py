"""What the survey of a class said, on `/classes/<id>` (rules V1 to V6, S5)."""

import re
from random import Random

import pytest
from django.test import Client

from breathecode.authenticate.models import User
from breathecode.events.models import ClassJoin
from breathecode.feedback.models import Answer, Survey
from breathecode.pages.views.classes import MAX_COMMENTS
from tests.support.classes import NOW
from tests.support.queries import captured_queries
from tests.support.surveys import TEXTS, answered_at_random, ended_classes

pytestmark = pytest.mark.usefixtures("clock")
HTML = {"Accept": "text/html,*/*;q=0.8"}


@pytest.fixture
def live_class(world):
    return ended_classes(world.time_slot(), 1, now=NOW)[0]


def opened(live_class, person):
    client = Client(headers=HTML)
    client.force_login(person)
    return client.get(f"/classes/{live_class.pk}")


def survey_of(answer):
    """The panel's text, empty where there is none."""
    html = answer.content.decode()
    if 'id="survey"' not in html:
        return ""
    panel = html[html.index('id="survey"') :].split("</section>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", panel)).strip()


def ask(live_class, people, *, teacher, **fields):
    survey = Survey.objects.create(live_class=live_class, language="en", texts=TEXTS, expires_at=NOW)
    Answer.objects.bulk_create(
        Answer(survey=survey, user=person, teacher=about, **fields) for person in people for about in (None, teacher)
    )
    return survey


def test_its_results(world, live_class):
    """S5: who answered, the scores by question and the comments, each with its student and what it is about."""
    User.objects.filter(pk=world.teacher.pk).update(first_name="Alan", last_name="Turing")
    ask(live_class, [world.student, world.dropped], teacher=world.teacher)
    own = Answer.objects.filter(user=world.student)
    own.filter(teacher=None).update(score=7, comment="<b>Too fast</b>", answered_at=NOW)
    own.exclude(teacher=None).update(score=9, answered_at=NOW)
    answer = opened(live_class, world.reader)
    assert survey_of(answer).endswith(
        "1 of 2 answered. Average score: 7.0 About Average score Scores The class 7.0 1 Alan Turing 9.0 1"
        " Comments &lt;b&gt;Too fast&lt;/b&gt; student@example.org · on the class · 7 of 10"
    )


def test_who_sees_them(world, live_class):
    """S5: who may read surveys; neither the cohort's own students and teachers, nor anybody before the class ends."""
    ask(live_class, [world.student], teacher=world.teacher, score=3, comment="Boring", answered_at=NOW)
    for person in (world.admin, world.coordinator, world.staff_teacher, world.reader, world.superuser):
        assert "Boring" in survey_of(opened(live_class, person)), person
    for person in (world.student, world.teacher):
        answer = opened(live_class, person)
        assert (answer.status_code, "Boring" in answer.content.decode()) == (200, False)
    assert opened(live_class, world.foreign_admin).status_code == 404


def test_without_answers(world, live_class):
    """S5: no panel where no survey was sent; one without scores where nobody has answered."""
    assert survey_of(opened(live_class, world.reader)) == ""
    ask(live_class, [world.student], teacher=world.teacher)
    assert survey_of(opened(live_class, world.reader)).endswith("0 of 1 answered.")


def test_many_comments(world, live_class):
    """V6: some, and a link to all of them; as many statements as for few."""
    people = [User(email=f"p{n}@example.org", password="!") for n in range(MAX_COMMENTS)]
    ask(live_class, User.objects.bulk_create(people), teacher=world.teacher, comment="Fine", answered_at=NOW)
    answer = opened(live_class, world.reader)
    assert answer.content.decode().count("<blockquote") == MAX_COMMENTS
    assert f"/cohorts/web-dev/surveys?class={live_class.pk}#comments" in answer.content.decode()


def test_its_cost(world, live_class, call):
    """V6: at most 12 statements on a class with everything, whatever the number of answers."""
    by = {"as_": world.coordinator, "academy": world.miami}
    answered_at_random(Random(1), live_class, [world.student, world.dropped], [world.teacher], now=NOW)
    Answer.objects.update(comment="Fine", answered_at=NOW)
    for person in (world.student, world.teacher):
        ClassJoin.objects.create(live_class=live_class, user=person, joined_at=NOW)
    client = Client(headers=HTML)
    client.force_login(world.admin)
    for number in range(3):  # by a person without a name
        call("PUT", f"/v1/events/academy/event/liveclass/{live_class.pk}", body={"title": f"Title {number}"}, **by)
    client.get(f"/classes/{live_class.pk}")
    with captured_queries() as statements:
        client.get(f"/classes/{live_class.pk}")
    assert len(statements) <= 12
