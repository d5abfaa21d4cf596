"""`/academy/<slug>/conflicts` (rules V1, P6)."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.models import User
from breathecode.events.models import LiveClass
from tests.support.classes import NOW
from tests.support.queries import captured_queries

pytestmark = pytest.mark.usefixtures("clock")
URL = "/academy/downtown-miami/conflicts"


def opened(person, query=""):
    client = Client(headers={"Accept": "text/html,*/*;q=0.8"})
    client.force_login(person)
    answer = client.get(URL + query)
    assert answer.status_code == 200
    return answer.content.decode()


def cohort_with(academy, name, *, teachers=(), students=()):
    cohort = Cohort.objects.create(academy=academy, slug=name.lower(), name=name, stage="STARTED")
    CohortUser.objects.bulk_create(
        [
            *(CohortUser(cohort=cohort, user=user, role="TEACHER") for user in teachers),
            *(CohortUser(cohort=cohort, user=user) for user in students),
        ]
    )
    return cohort


def class_of(cohort, world, start):
    slot = cohort.time_slots.first() or world.time_slot(cohort=cohort)
    begin = NOW + timedelta(hours=start)
    return LiveClass.objects.create(cohort_time_slot=slot, starting_at=begin, ending_at=begin + timedelta(hours=2))


def users(html):
    """Who is needed in both classes of each pair."""
    pairs = re.findall(r"Needed in both:(.*?)</p>", html, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub("<[^>]+>", "", found)).strip() for found in pairs]


def test_a_pair_and_what_to_do(world, make_class):
    """P6: two classes once, with everybody who is needed in both; each leads to its page, a move and a substitute."""
    User.objects.filter(pk=world.teacher.pk).update(first_name="Alan", last_name="Turing")
    one = make_class(start=1)
    two = class_of(cohort_with(world.miami, "UX", teachers=[world.teacher], students=[world.student]), world, 2)
    html = opened(world.coordinator)
    assert users(html) == ["Alan Turing (teacher), student@example.org"]
    for live_class in (one, two):
        for address in ("", "/move", "/substitute"):
            assert f'href="/classes/{live_class.pk}{address}"' in html


def test_a_student_needs_no_substitute(world, make_class):
    """P6: where only students are needed twice, moving a class is what helps."""
    one = make_class(start=1)
    class_of(cohort_with(world.miami, "UX", students=[world.student]), world, 2)
    html = opened(world.coordinator)
    assert f"/classes/{one.pk}/move" in html
    assert "/substitute" not in html


def test_a_class_of_another_academy(world, make_class):
    """P6: its time, and neither its name nor its address."""
    make_class(start=1)
    foreign = class_of(cohort_with(world.madrid, "Secret", teachers=[world.teacher]), world, 2)
    html = opened(world.coordinator)
    assert users(html) == ["teacher@example.org (teacher)"]
    assert "a class of another academy" in html
    assert "Secret" not in html
    assert f"/classes/{foreign.pk}" not in html


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 1),
        ("?first=2025-03-05&last=2025-03-05", 1),
        ("?first=2025-03-06", 0),
        ("?last=2025-04-30", 2),
        ("?first=2025-04-01&last=2025-04-30", 1),
        ("?first=2024-01-01&last=2025-03-04", 0),
        ("?first=nonsense&last=9999-12-31", 1),
    ],
)
def test_the_time(world, make_class, query, count):
    """P6: the next 28 days, or the days that are asked for; what is over is left out."""
    other = cohort_with(world.miami, "UX", teachers=[world.teacher])
    for start in (-5, 1, 24 * 40):
        make_class(start=start)
        class_of(other, world, start)
    html = opened(world.coordinator, query)
    assert len(users(html)) == count
    assert ("No conflicts in this time" in html) == (count == 0)


def test_statements(world, make_class):
    """V6: as many for one conflict as for 120; 50 to a page, the rest on the next ones."""
    make_class(start=1)
    other = cohort_with(world.miami, "UX", teachers=[world.teacher])
    class_of(other, world, 1)
    client = Client(headers={"Accept": "text/html,*/*;q=0.8"})
    client.force_login(world.coordinator)
    client.get(URL)
    with captured_queries() as few:
        client.get(URL)
    people = User.objects.bulk_create(User(email=f"p{n:03}@example.org") for n in range(120))
    for cohort in (world.cohort, other):
        CohortUser.objects.bulk_create(CohortUser(cohort=cohort, user=user) for user in people)
    with captured_queries() as many:
        html = client.get(URL).content.decode()
    assert len(users(html)[0].split(", ")) == 50
    assert "page=2" in html
    assert len(few) <= len(many) <= 12
    assert len(users(client.get(f"{URL}?page=3").content.decode())[0].split(", ")) == 21
